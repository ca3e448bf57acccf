"""The debrief's sentences about people, the scores that are never added up, and what was never judged."""

from dataclasses import replace
from typing import Any

import pytest

from sim.drill.commands.gateway.deliveries import DeliveriesPause
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.report.debrief import debrief, doing_nothing
from sim.report.findings.people_findings import people_findings
from sim.report.scores import changes, never_judged, score_line, scores
from sim.report.text import debrief_text
from tests.offices import office, played


def test_of_a_drill_in_which_nothing_was_said_nothing_is_told() -> None:
    assert people_findings(played(office("2h"))) == []


def test_words_and_diagnoses_are_held_against_the_truth() -> None:
    session = played(
        office("3h"),
        (5, "diagnose component=gateway failure=times-out"),
        (5, "notify users cause=gateway until=30m next=30m"),
        (10, "notify executives via=email state=down"),
        (20, "diagnose component=mail-server failure=refuses"),
        (60, "notify users cause=gateway next=1h"),
        (115, "notify users state=down"),
    )
    assert people_findings(session) == [
        "1 of 2 promised updates were sent on time; the first one missed was the update to users, due at Mon "
        "09:52.",
        "False statement to users, 2 times: it gave gateway as the cause.",
        "False statement to users: the recovery time that it gave was 2 h 20 min too early.",
        "1 of 4 updates reached no one: executives by email.",
        "The correct diagnosis (mail-server refuses) was stated 21 min after the onset; wrong diagnoses: "
        "gateway times-out.",
    ]


def test_the_first_promise_missed_is_the_one_due_first_not_the_one_made_first() -> None:
    session = played(
        office("5h"),
        (10, "notify executives via=phone state=down next=3h"),
        (20, "notify users via=sms state=down next=1h"),
    )
    assert people_findings(session)[0] == (
        "0 of 2 promised updates were sent on time; the first one missed was the update to users, due at Mon "
        "10:37."
    )


def test_the_only_update_is_not_one_of_one_updates() -> None:
    session = played(office("2h"), (10, "notify executives via=email state=down"))
    assert people_findings(session)[0] == "The only update reached no one: executives by email."


def test_a_diagnosis_that_was_never_right_is_told_as_that() -> None:
    (told,) = people_findings(played(office("1h"), (5, "diagnose component=dns failure=stale")))
    assert told == "No diagnosis was correct: dns stale."


def test_what_went_without_approval_or_stayed_open_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = replace(DeliveriesPause.facts, needs_approval="exposure", opens="lock")
    monkeypatch.setattr(DeliveriesPause, "facts", facts)
    session = played(
        office("2h"),
        (5, "approve exposure emergency=yes because=no time"),
        (15, "deliveries pause inbound"),
    )
    assert people_findings(session) == [
        "Done without approval at Mon 09:22: opening the lock to the backup, because no time; "
        "no check had shown that the gateway fails; check first, for example with `probe mx all`.",
        "Opened at Mon 09:30 by `deliveries pause inbound`: lock, still open.",
    ]


def objective(identity: str, **more: Any) -> Objective:
    met = [{"milestone": "users.told", "within": {"alert.first": "30m"}}]
    return Objective.model_validate({"id": identity, "learns": "x", "source": "house", "met": met, **more})


OBJECTIVES = (
    objective("quick"),
    objective("kept", side="protection"),
    objective("late", judges="outcome"),
    objective("short", judges="outcome"),
    objective("never"),
)
VERDICTS = (
    ObjectiveVerdict("quick", "met", 9, "in time"),
    ObjectiveVerdict("kept", "failed", 5, "it came"),
    ObjectiveVerdict("late", "late", 7, "2m late"),
    ObjectiveVerdict("short", "missed", 8, "calls: 7 (at most 5)"),
    ObjectiveVerdict("never", "open", None, "never happened: the first alert"),
)


def test_scores_stand_apart_and_say_what_was_not_judged() -> None:
    assert [score_line(one) for one in scores(OBJECTIVES, VERDICTS)] == [
        "availability: 1 of 4 met, 2 late or missed, 1 not judged",
        "protection: 0 of 1 met, 1 failed",
        "decisions: 1 of 3 met, 1 failed, 1 not judged",
        "outcomes: 0 of 2 met, 2 late or missed",
    ]
    assert never_judged(VERDICTS) == ("never: never happened: the first alert",)


def test_every_change_has_its_moment_and_cause() -> None:
    made = changes(OBJECTIVES, VERDICTS, lambda moment_ms: (f"local {moment_ms}", "00:01"))
    assert [(one.t_ms, one.id, one.counts_for, one.local) for one in made] == [
        (5, "kept", "protection, decisions", "local 5"),
        (7, "late", "availability, outcomes", "local 7"),
        (8, "short", "availability, outcomes", "local 8"),
        (9, "quick", "availability, decisions", "local 9"),
    ]


def test_the_text_shows_scores_and_how_they_came_about() -> None:
    session = played(office("2h"), (30, "notify users via=sms state=down"))
    text = debrief_text(debrief(session, doing_nothing(session)))
    about = text.partition("What decided each objective\n")[2]
    assert "users-told (availability, decisions): " in about.partition("\n\n")[0]
    assert "score: availability: " in text
    assert "not judged: pause-decided: its limit, 3 d after the onset, is after the end of the drill" in text
