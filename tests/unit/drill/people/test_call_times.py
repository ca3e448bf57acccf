"""Until when a word keeps executives and partners from phoning, and what a file may say of them."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from sim.drill.organisation.organisation import Organisation
from sim.drill.people.call_times import hold
from sim.drill.room.announcements import Statement
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import small

NOW_MS, HOLDS_MS, LATE_MS = 10 * HOUR_MS, 4 * HOUR_MS, 10 * MINUTE_MS


def clock(moment_ms: int) -> str:
    return f"{moment_ms / HOUR_MS:g}h"


def word(**more: Any) -> Statement:
    return Statement(t_ms=NOW_MS, by="x", audience="executives", via="phone", reached=1, **more)


@pytest.mark.parametrize(
    ("said", "wrong", "holds_ms", "says"),
    [
        ({}, "", HOLDS_MS, "The last update we received was at 10h."),
        ({"next_ms": NOW_MS + HOUR_MS}, "", HOUR_MS + LATE_MS, "You promised the next update by 11h."),
        (
            {"next_ms": NOW_MS + 9 * HOUR_MS},
            "",
            9 * HOUR_MS + LATE_MS,
            "You promised the next update by 19h.",
        ),
        (
            {"back_by_ms": NOW_MS + 2 * HOUR_MS},
            "",
            2 * HOUR_MS,
            "Email was supposed to be back by 12h. It is not.",
        ),
        (
            {"back_by_ms": NOW_MS + 2 * HOUR_MS, "next_ms": NOW_MS + HOUR_MS},
            "",
            HOUR_MS + LATE_MS,
            "You promised the next update by 11h.",
        ),
        ({"says_back": True, "next_ms": NOW_MS + HOUR_MS}, "", 0, "You said that email was back. It is not."),
        (
            {"cause": "gateway", "next_ms": NOW_MS + HOUR_MS},
            "it gave gateway as the cause",
            0,
            "You said that it was the gateway. Others tell us something else.",
        ),
    ],
)
def test_a_word_holds_until_what_it_named_or_until_it_is_old(
    said: dict[str, Any], wrong: str, holds_ms: int, says: str
) -> None:
    found = hold(word(**said), HOLDS_MS, LATE_MS, wrong, clock)
    assert (found.until_ms - NOW_MS, found.says) == (holds_ms, says)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"hours": "all day"}, "'all day' are not working hours; write one range of days and of times, "),
        ({"who": "customers"}, "Input should be 'executives' or 'partners'"),
        ({"names": []}, "at least 1 item"),
        ({"call_minutes": [0]}, "greater than or equal to 1"),
        ({"again_minutes": [0, 5]}, "greater than or equal to 1"),
        ({"phone": "boss"}, "Input should be 'messaging-admin'"),
    ],
)
def test_a_mistake_in_the_file_is_told(change: dict[str, Any], found: str) -> None:
    content = deepcopy(small().organisation.model_dump(mode="json", by_alias=True))
    content["stakeholders"][0] |= change
    with pytest.raises(ValidationError, match=found):
        Organisation.model_validate(content)


def test_nobody_stands_there_twice() -> None:
    content = deepcopy(small().organisation.model_dump(mode="json", by_alias=True))
    content["stakeholders"] *= 2
    with pytest.raises(ValidationError, match="has the stakeholder 'executives' twice"):
        Organisation.model_validate(content)
