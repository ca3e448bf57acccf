"""Lines in players' own words, and the commands that they may mean."""

from functools import cache

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.facilitation.meanings import MOST, meant
from sim.drill.session.load import load_scenario

SAID = {
    "please route outbound through the backup": "connector set outbound secondary",
    "route outbound mail directly": "connector set outbound direct",
    "tell all users by sms that email is down": "notify users via=sms state=down",
    "call the gateway vendor": "phone gateway-vendor",
    "ring microsoft and ask for the status": "phone microsoft about=status",
    "can we point the mx to the backup": "mx set backup",
    "lower the TTL of the MX to 300": "ttl set mx 300",
    "start the continuity event for everyone": "continuity start",
    "stop deliveries to the mail server": "deliveries pause inbound",
    "let us flush the queue again": "queue retry inbound",
    "inform the board by phone": "notify executives via=phone",
    "look at the vendor's status page": "status check gateway-vendor",
    "ask security for permission to change the mx record": "approve mx",
    "open the firewall for the backup": "firewall open backup",
    "acknowledge the alarms": "alerts ack",
    "how full is the disk": "disk show",
    "extend the retention of the queue to 8 days": "queue extend inbound 8d",
    "log in to the console with the emergency account": "signin break-glass",
    "prove that the firewall is closed": "openings prove firewall",
    "our diagnosis is that the gateway refuses connections": "diagnose component=gateway failure=refuses",
    "decide not to change the mx": "decide mx no",
    "warn our customers": "notify partners",
}
"""What people said, and the first proposal."""
NO_COMMAND = ("who had lunch", "what should we do now", "please stop the clock", "look at this", "")


@cache
def proposed(line: str, outage: str = "gateway-down") -> tuple[str, ...]:
    scenario = load_scenario(outage, {})
    return meant(line, scenario.organisation, scenario.rules)


@pytest.mark.parametrize("line", SAID)
def test_the_first_proposal_is_what_a_person_would_type(line: str) -> None:
    found = proposed(line)
    assert found[0] == SAID[line]
    assert len(found) <= MOST
    for one in found:
        parse(one)  # each can be given as it is


@pytest.mark.parametrize("line", NO_COMMAND)
def test_nothing_is_proposed_for_a_line_about_something_else(line: str) -> None:
    assert proposed(line) == ()
