"""Verdicts that looked right and were not: each play here was once judged too well or too ill."""

import pytest

from sim.drill.scoring.missed_decisions import omissions
from sim.drill.scoring.objectives import measure
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.report.decisions.decision_findings import decision_findings, omission_findings, sound_finding
from sim.report.decisions.turned_out import turned_out
from tests.drills.played import Played, reference, run, scenario, steps

USERS = 60
EXCHANGE = "exchange-down"


def test_an_event_of_the_last_hour_leaves_a_gap_of_thirty() -> None:
    given = steps(EXCHANGE, ("outage.start + 30h", "continuity start group=all for=4h"))
    lazy = run(scenario(EXCHANGE, USERS), given)
    well = run(scenario(EXCHANGE, USERS), reference(EXCHANGE))
    assert [measure(one.session.drill)["continuity-covered-percent"] for one in (lazy, well)] == [3, 100]
    assert (lazy.objectives["no-gap"], well.objectives["no-gap"]) == ("failed", "met")


def decided(one: Played) -> tuple[int | None, str]:
    """Share of right decisions, and the debrief's line on how it is made up."""
    return measure(one.session.drill)["sound-decisions-percent"], sound_finding(one.session)[0]


def test_saying_the_same_again_makes_no_wrong_decision_small() -> None:
    """One needless pause, and what is right about the MX fifteen times."""
    wrong = (
        ("outage.start + 20m", "deliveries pause inbound"),
        ("outage.start + 3h", "deliveries resume inbound"),
    )
    right = [(f"outage.start + {60 + 20 * n}m", "decide mx no") for n in range(15)]
    padded, once = (
        run(scenario(EXCHANGE, USERS), steps(EXCHANGE, *wrong, *some)) for some in (right, right[:1])
    )
    told = "Right given the information available: 1 of 3 decisions (2 taken, 1 not taken in time"
    assert decided(once) == (33, f"{told}).")
    assert decided(padded) == (33, f"{told}; repeated decisions, not counted again: 14).")
    assert padded.objectives["decided-on-what-was-known"] == "failed"


@pytest.mark.parametrize(
    ("name", "after", "due"), [(EXCHANGE, "30h", "Mon 09:49"), ("m365-offline", "8h30m", "Tue 11:00")]
)
def test_continuity_is_due_and_started_late_is_not_right(name: str, after: str, due: str) -> None:
    given = [(f"outage.start + {after}", "continuity start group=all")]
    if name == "m365-offline":
        given.insert(0, ("outage.start + 8h", "signin break-glass"))
    late = run(scenario(name, USERS), steps(name, *given))
    never = run(scenario(name, USERS), None)
    found, left = (
        next(one for one in omissions(play.session.drill) if one.about == "continuity")
        for play in (late, never)
    )
    assert (found.decided_ms is None, left.decided_ms) == (False, None)
    assert any(f"; due by {due} (see continuity-active)" in text for text in omission_findings(late.session))
    assert decided(late)[0] == 50
    assert decided(run(scenario(name, USERS), reference(name)))[0] == 100


def came_of(*given: tuple[str, str]) -> list[tuple[bool, str]]:
    """What came of each decision in an outage of the mail server."""
    one = run(scenario(EXCHANGE, USERS), steps(EXCHANGE, *given)).session
    return [(came.well, came.text) for came in (turned_out(one, judged) for judged in one.drill.room.judged)]


def test_no_other_way_out_could_have_helped_where_only_the_mail_server_is_down() -> None:
    blocked = "receivers did not block mail from the gateway"
    given = [("outage.start + 30m", f"decide outbound {answer}") for answer in ("no", "yes")]
    assert came_of(*given) == [(True, blocked), (False, blocked)]


def test_no_event_is_right_when_it_is_over_and_wrong_when_it_is_not() -> None:
    """13 minutes after the return, an hour after the onset."""
    given = [(when, "decide continuity no") for when in ("outage.start + 1h", "outage.end + 13m")]
    assert came_of(*given) == [
        (False, "it was needed for another 29 h 55 min"),
        (True, "the outage was over"),
    ]


def test_what_is_decided_before_the_onset_counts_from_the_onset() -> None:
    (before,) = came_of(("T+2m", "decide continuity yes"))
    assert before == (
        False,
        "it was needed for another 31 h, and an event was in force for only 0 min of that",
    )


def test_of_a_drill_that_was_ended_before_the_onset_no_outage_is_told_to_be_over() -> None:
    session = Session(scenario(EXCHANGE, USERS), 1, None)
    session.advance(2 * MINUTE_MS)
    for answer in ("yes", "no"):
        session.dispatch(f"decide continuity {answer}")
        session.advance(session.now_ms + 10 * MINUTE_MS)
    session.finish()
    came = [turned_out(session, judged) for judged in session.drill.room.judged]
    text = "nothing was broken yet when the drill ended"
    assert [(one.well, one.text) for one in came] == [(False, text), (True, text)]


def test_guesses_before_anything_is_broken_are_wrong() -> None:
    right = ("alert.first + 3m", "diagnose component=mail-server failure=refuses")
    guesses = [
        (f"T+{10 + 2 * n}m", f"diagnose {guess}")
        for n, guess in enumerate(
            ("component=gateway failure=refuses", "component=dns failure=stale", right[1][9:])
        )
    ]
    told = [
        run(scenario(EXCHANGE, USERS), steps(EXCHANGE, *some, right)) for some in ([], guesses[:1], guesses)
    ]
    assert [measure(one.session.drill)["wrong-diagnoses"] for one in told] == [0, 1, 3]
    assert [one.objectives["diagnosis-correct"] for one in told] == ["met", "met", "failed"]


def test_of_a_drill_that_was_ended_early_nothing_is_told_of_what_it_has_not_seen() -> None:
    """32 minutes of an outage of 31 hours: an event in force for a few, nothing returned yet."""
    session = Session(scenario(EXCHANGE, USERS), 1, None)
    session.advance(session.scenario.outage_start_ms + 20 * MINUTE_MS)
    for line in ("continuity start for=8h", "decide pause no", "decide mx no", "decide continuity no"):
        session.dispatch(line)
    session.advance(session.now_ms + 12 * MINUTE_MS)
    session.finish()
    came = {(one.about, one.answer): turned_out(session, one) for one in session.drill.room.judged}
    assert {key: one.well for key, one in came.items()} == {
        ("continuity", "yes"): None, ("pause", "no"): None, ("mx", "no"): None, ("continuity", "no"): None,
    }  # fmt: skip
    assert not [one.text for one in came.values() if "31 h" in one.text or "30 h" in one.text]
    assert (
        came["pause", "no"].text
        == "the outage lasted 32 min up to the end of the drill, and the gateway bounced 0 messages"
    )
    assert all("and its result is not known yet" in text for text in decision_findings(session))


def test_what_has_paid_or_is_lost_stands_also_in_a_drill_that_was_ended_early() -> None:
    session = Session(scenario(EXCHANGE, USERS), 1, None)
    session.advance(session.scenario.outage_start_ms + 20 * MINUTE_MS)
    session.dispatch("continuity start for=8h")
    session.advance(session.now_ms + 3 * 60 * MINUTE_MS)
    session.dispatch("continuity end")
    session.advance(session.now_ms + 10 * MINUTE_MS)
    session.finish()
    came = {(one.about, one.answer): turned_out(session, one).well for one in session.drill.room.judged}
    assert came == {("continuity", "yes"): True, ("continuity end", "yes"): False}
