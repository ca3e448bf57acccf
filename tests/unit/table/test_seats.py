"""A command belongs to one seat: by its console, else by its role."""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.session.session import Session
from sim.table.seats import BY_NAME, KINDS, bad_name, owner
from tests.plays import small


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("notify users via=sms state=down", "comms"),
        ("notify executives via=phone state=down", "comms"),
        ("diagnose component=gateway failure=refuses", "lead"),
        ("approve mx", "lead"),
        ("mx set backup", "dns"),
        ("ttl set mx 300", "dns"),
        ("connector set outbound secondary", "server"),
        ("firewall open backup", "security"),
        ("alerts ack", "messaging"),
        ("note x", ""),
    ],
)
def test_each_command_has_its_seat(text: str, seat: str) -> None:
    assert owner(Session(small(), 1, None).drill, parse(text), KINDS) == seat


def test_the_security_seat_opens_on_the_room_and_sees_what_it_may() -> None:
    places = BY_NAME["security"].places
    assert places[0] == "Room"
    assert set(places) == {"Outside", "Phone", "People", "Room", "Log"}


NAMES = ("Zo\u00eb", "\u0645\u06cc\u200c\u0646\u0627", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "Li\u00a0Wei")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_is_a_name(name: str) -> None:
    """Persian and Sinhala names need joiners."""
    assert bad_name(name) == ""


@pytest.mark.parametrize(
    "name", ["", " ", "\u200d\u200c", "a\u202eb", "a\u200bb", "a\x1bb", "a\ud800", "x" * 41]
)
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    assert bad_name(name)
