"""Decisions on pausing beside what the server team had said until then: right, wrong, and how it came."""

from functools import cache

import pytest

from sim.drill.scenario import Scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.people import people_findings
from tests.drills.played import Played, run, scenario, steps
from tests.plays import ONSET_MS

NAME = "exchange-down"


@cache
def told(percent: int, outage: str) -> Scenario:
    """A server team that expects so much of what is left, every time."""
    one = scenario(NAME, 30, outage)
    rules = one.organisation.estimates
    assert rules is not None
    sure = rules.model_copy(update={"off_percent": (percent, percent)})
    return one.model_copy(update={"organisation": one.organisation.model_copy(update={"estimates": sure})})


def decided(answer: str, percent: int, outage: str = "31h") -> str:
    one = run(told(percent, outage), steps(NAME, ("outage.start + 3h", f"decide pause {answer} because=x")))
    (found,) = [line for line in people_findings(one.session) if line.startswith("Decided on pausing")]
    return found


@pytest.mark.parametrize(
    ("answer", "percent", "outage", "ends"),
    [
        ("no", 100, "31h", "on what was known, that was right"),
        ("yes", 100, "31h", "on what was known, that was wrong"),
        ("no", 300, "31h", "on what was known, that was wrong"),
        ("yes", 300, "31h", "on what was known, that was right"),
        ("no", 50, "110h", "on what was known, that was right"),
    ],
)
def test_a_decision_is_held_against_what_was_known_and_the_outcome_told_apart(
    answer: str, percent: int, outage: str, ends: str
) -> None:
    """A word of 300 % puts nine times in ten beyond 96 h; one of 50 % hides an outage that outlasts them."""
    found = decided(answer, percent, outage)
    assert ends in found
    back = {"31h": "Tue 16:12", "110h": "Fri 23:12"}[outage]
    assert found.endswith(f"It was back at {back}.")
    assert "than Fri 09:12, when the first bounces" in found


def test_before_the_first_word_nothing_was_known() -> None:
    one = run(told(100, "31h"), steps(NAME, ("outage.start + 30m", "decide pause no")))
    assert any("had not said anything by then" in line for line in people_findings(one.session))


def test_words_reach_the_lead_by_telephone_the_room_and_whoever_asks() -> None:
    one: Played = run(scenario(NAME, 30), steps(NAME, ("outage.start + 5h", "phone server-team")))
    drill = one.session.drill
    calls = [event for event in one.session.events() if event.kind == "call" and event.ref == "estimate"]
    assert [event.t_ms for event in calls] == [word.t_ms for word in drill.estimates.given]
    assert ONSET_MS + HOUR_MS <= calls[0].t_ms <= ONSET_MS + 2 * HOUR_MS
    assert len(calls) > 4
    view = one.session.snapshot().room.estimates
    assert [(told.t_ms, told.by_ms) for told in view] == [(w.t_ms, w.by_ms) for w in drill.estimates.given]
    known = drill.estimates.known_at(ONSET_MS + 5 * HOUR_MS + 5 * MINUTE_MS)
    assert known is not None
    assert any(known.told(drill.clock) in text for text in one.said("done") + one.said("report"))
