"""Decisions on pausing beside what the server team had said until then: right, wrong, and how it came."""

from functools import cache

import pytest

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.report.decisions.decision_findings import decision_findings
from sim.report.findings.people_findings import people_findings
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


def decided(answer: str, percent: int, outage: str = "31h") -> tuple[str, str]:
    """What the team had said by then, and the judgement."""
    one = run(told(percent, outage), steps(NAME, ("outage.start + 3h", f"decide pause {answer} because=x")))
    (found,) = [line for line in people_findings(one.session) if line.startswith("Decision on pausing")]
    (judged,) = [line for line in decision_findings(one.session) if f"pause {answer}, decided" in line]
    return found, judged


@pytest.mark.parametrize(
    ("answer", "percent", "outage", "begins", "than"),
    [
        ("no", 100, "31h", "Right", "earlier"),
        ("yes", 100, "31h", "Wrong", "earlier"),
        ("no", 300, "31h", "Wrong", "later"),
        ("yes", 300, "31h", "Right", "later"),
        ("no", 50, "110h", "Right", "earlier"),
    ],
)
def test_a_decision_is_held_against_what_was_known_and_the_outcome_told_apart(
    answer: str, percent: int, outage: str, begins: str, than: str
) -> None:
    """A word of 300 % puts nine times in ten beyond 96 h; one of 50 % hides an outage that outlasts them."""
    found, judged = decided(answer, percent, outage)
    assert judged.startswith(f"{begins} given the information available")
    back = {"31h": "Tue 16:12", "110h": "Fri 23:12"}[outage]
    assert found.endswith(f"The mail server recovered at {back}.")
    assert f"{than} than Fri 09:12, when the first message bounces" in found


def test_a_time_a_week_ahead_is_named_with_its_date() -> None:
    drill = Session.start(scenario(NAME, 30), 1).drill
    assert (drill.clock(6 * DAY_MS), drill.clock(7 * DAY_MS)) == ("Sun 08:00", "Mon 9 Mar 08:00")


def test_before_the_first_word_nothing_was_known() -> None:
    one = run(told(100, "31h"), steps(NAME, ("outage.start + 30m", "decide pause no")))
    assert any(
        "had not given an estimate when this was decided." in line for line in people_findings(one.session)
    )


def test_where_the_repair_is_a_vendors_no_word_of_a_server_team_is_missed() -> None:
    one = run(scenario("m365-offline", 30), steps("m365-offline", ("outage.start + 30m", "decide pause no")))
    assert [one.answer for one in one.session.drill.room.decisions] == ["no"]
    assert not any("server team" in line for line in people_findings(one.session))


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
