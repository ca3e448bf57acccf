"""Decisions that were due and never taken: a cause of their own, and counted among the decisions."""

import pytest

from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.missed_decisions import omissions
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.decisions.decision_findings import omission_findings
from tests.gateway_office import ONSET_MS, drill
from tests.given import done

DECIDES = ("decide mx no because=x", "decide outbound no because=x")


def played(*commands: str, until_ms: int = ONSET_MS + 5 * HOUR_MS) -> Session:
    session = drill(ONSET_MS + 20 * MINUTE_MS)
    for text in commands:
        done(session, text)
    session.advance(until_ms)
    return session


def test_who_decides_nothing_has_left_out_both_and_is_told_until_when() -> None:
    session = played()
    found = omissions(session.drill)
    assert [(one.about, one.due_ms, one.objective) for one in found] == [
        ("outbound", ONSET_MS + HOUR_MS, "outbound-restored"),
        ("mx", ONSET_MS + 90 * MINUTE_MS, "mx-decided"),
    ]
    assert omission_findings(session)[1].startswith("Never decided: mx; due by Wed 12:10 (see mx-decided).")
    assert FIGURES["sound-decisions-percent"].measure(session.drill) == 0


@pytest.mark.parametrize("text", DECIDES)
def test_what_was_decided_either_way_is_no_omission(text: str) -> None:
    left = [one.about for one in omissions(played(text).drill)]
    assert left == [one for one in ("outbound", "mx") if one not in text.split()]


def test_a_deed_is_a_decision_and_nothing_is_due_before_its_time() -> None:
    assert [one.about for one in omissions(played("connector set outbound secondary").drill)] == ["mx"]
    early = played(until_ms=ONSET_MS + 80 * MINUTE_MS)
    assert [one.about for one in omissions(early.drill)] == ["outbound"]


def test_what_is_over_before_it_is_due_needs_no_decision() -> None:
    short = drill(ONSET_MS + 5 * HOUR_MS, fault={"for": "50m"})
    assert omissions(short.drill) == []
