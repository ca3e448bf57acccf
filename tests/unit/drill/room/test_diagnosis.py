"""Diagnoses: every fault that a scenario can have can be named, and only its own name is right."""

from typing import Any

import pytest

from sim.drill.room.diagnosis import COMPONENTS, FAILURES, Diagnosis, is_right
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.fault_kinds import FAULT_KINDS
from sim.kernel.duration import HOUR_MS

NEEDED: dict[str, Any] = {"share_percent": 50, "per_message": "20s"}

RECENT_MS = 2 * HOUR_MS


def fault(kind: str) -> Fault:
    needs = FAULT_KINDS[kind].needs
    needed = {needs: NEEDED[needs]} if needs else {}
    return Fault.model_validate({"id": "one", "at": "T+1h", "for": "9h", "fault": kind, **needed})


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_every_fault_has_its_name_among_the_commands_words(kind: str) -> None:
    one = fault(kind)
    named = (one.kind.component, one.kind.failure)
    assert named[0] in COMPONENTS
    assert named[1] in FAILURES
    right = [
        (component, failure)
        for component in COMPONENTS
        for failure in FAILURES
        if is_right(Diagnosis(2 * HOUR_MS, "x", component, failure), [one], RECENT_MS)
    ]
    assert right == [named]


def test_a_lost_sign_in_is_a_right_name_of_its_fault_and_of_no_other() -> None:
    stated = Diagnosis(2 * HOUR_MS, "x", "sign-in", "no-access")
    assert not is_right(stated, [fault("access lost")], RECENT_MS)
    assert is_right(stated, [fault("access lost").model_copy(update={"sign_in": "lost"})], RECENT_MS)


def test_what_is_long_over_or_not_there_yet_is_not_what_is_broken() -> None:
    one = fault("mail-server refuses")
    stated = {
        at_ms: is_right(Diagnosis(at_ms, "x", "mail-server", "refuses"), [one], RECENT_MS)
        for at_ms in (HOUR_MS - 1, HOUR_MS, one.until_ms + RECENT_MS - 1, one.until_ms + RECENT_MS)
    }
    assert list(stated.values()) == [False, True, True, False]
