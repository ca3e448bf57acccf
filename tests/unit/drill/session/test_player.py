"""Playing a runbook: each step once, as soon as its anchor has come, whatever stands first in the file."""

import pytest
from pydantic import ValidationError

from sim.drill.scenario.runbook import Runbook
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import ONSET_MS, small


def runbook(*steps: tuple[str, str] | tuple[str, str, list[str]]) -> Runbook:
    rows = [
        {"id": f"s{n}", "at": step[0], "do": step[1], "unless": step[2] if len(step) > 2 else []}
        for n, step in enumerate(steps)
    ]
    return Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": "exchange-down", "steps": rows})


def played(
    book: Runbook | None, until_ms: int = 5 * HOUR_MS, outage: str = "2h"
) -> tuple[Session, list[tuple[int, str]], list[str]]:
    session = Session.start(small(outage), 1)
    left = play(session, book, until_ms)
    return session, list(session.commands), [step.id for step in (*left.left_out, *left.never_due)]


def test_steps_are_given_in_time_and_of_equals_in_their_order() -> None:
    book = runbook(
        ("outage.start + 20m", "note third"),
        ("T+10m", "note first"),
        ("09:32", "note fourth"),
        ("T+72m", "note second"),
    )
    session, given, left = played(book)
    assert given == [
        (10 * MINUTE_MS, "note first"),
        (ONSET_MS, "note second"),
        (ONSET_MS + 20 * MINUTE_MS, "note third"),
        (ONSET_MS + 20 * MINUTE_MS, "note fourth"),
    ]
    assert left == []
    assert session.now_ms == 5 * HOUR_MS


def test_a_step_waits_for_an_alert_that_nobody_has_and_again_for_the_next_one() -> None:
    steps = [
        {"id": "open", "at": "alert.open + 1m", "every": "10m", "do": "note open", "unless": ["outage.end"]},
        {"id": "ack", "at": "alert.first + 25m", "do": "alerts ack"},
    ]
    book = Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": "exchange-down", "steps": steps})
    session, given, left = played(book)
    first_ms = session.drill.milestones["alert.first"]
    noted = [at_ms - first_ms for at_ms, text in given if text == "note open"]
    assert noted == [MINUTE_MS, 11 * MINUTE_MS, 21 * MINUTE_MS], "until it was acknowledged"
    assert left == []
    nobody, given, _ = played(book.model_copy(update={"steps": book.steps[:1]}))
    assert (
        len(given) == (nobody.drill.milestones["outage.end"] - first_ms - MINUTE_MS) // (10 * MINUTE_MS) + 1
    )


def test_a_step_is_given_again_until_its_end_and_by_day() -> None:
    steps = [
        {"id": "hourly", "at": "17:10", "every": "20m", "hours": "Mon-Fri 08:00-18:00", "do": "note again",
         "unless": ["users.told"]},
        {"id": "told", "at": "Tue 08:30", "do": "notify users via=sms state=down"},
        {"id": "late", "at": "Mon 19:00", "hours": "Mon-Fri 08:00-18:00", "do": "note waits"},
        {"id": "never", "at": "Tue 09:30", "every": "1h", "do": "note never", "unless": ["users.told"]},
    ]  # fmt: skip
    book = Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": "exchange-down", "steps": steps})
    session, given, left = played(book, 26 * HOUR_MS, outage="40h")
    notes = [(session.drill.clock(at_ms), text) for at_ms, text in given if text.startswith("note")]
    assert notes == [
        ("Mon 17:10", "note again"),
        ("Mon 17:30", "note again"),
        ("Mon 17:50", "note again"),
        ("Tue 08:00", "note again"),
        ("Tue 08:00", "note waits"),
        ("Tue 08:20", "note again"),
    ]
    assert left == ["never"], "what was given once has been given"


def test_what_is_given_again_and_again_needs_an_end() -> None:
    step = {"id": "s", "at": "17:10", "every": "20m", "do": "note again"}
    with pytest.raises(
        ValidationError, match="`every` would never end; write the milestone that ends it in `unless`"
    ):
        Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": "exchange-down", "steps": [step]})


def test_a_step_waits_for_its_milestone_and_is_left_out_after_another() -> None:
    book = runbook(
        ("users.told + 5m", "note after telling"),
        ("outage.start + 1m", "notify users via=sms state=down"),
        ("outage.start + 30m", "note too late", ["users.told"]),
        ("outage.start + 2m", "note in time", ["users.told"]),
        ("bounce.first", "note never"),
    )
    session, given, left = played(book)
    told_ms = session.drill.milestones["users.told"]
    assert told_ms == ONSET_MS + 6 * MINUTE_MS
    assert [text for _at, text in given] == [
        "notify users via=sms state=down",
        "note in time",
        "note after telling",
    ]
    assert given[-1][0] == told_ms + 5 * MINUTE_MS
    assert left == ["s2", "s4"]


def test_an_anchor_in_the_past_of_its_milestone_is_due_at_once() -> None:
    session, given, left = played(runbook(("outage.start - 10m", "note known late")))
    assert left == []
    assert given[0][1] == "note known late"
    assert 0 <= given[0][0] - ONSET_MS <= 1
    assert session.events()[-1].t_ms >= ONSET_MS


@pytest.mark.parametrize("until_ms", [0, ONSET_MS, ONSET_MS + 1, 100 * HOUR_MS])
def test_it_plays_until_it_is_told_or_the_drill_is_over(until_ms: int) -> None:
    session, given, _left = played(None, until_ms)
    assert given == []
    assert session.now_ms == until_ms or session.ended
    assert session.ended is (until_ms == 100 * HOUR_MS)


def test_a_refused_step_is_given_once() -> None:
    session, given, left = played(runbook(("T+5m", "continuity end"), ("T+6m", "note on")))
    assert [text for _at, text in given] == ["continuity end", "note on"]
    assert [event.kind for event in session.events()[:2]].count("refused") <= 1
    assert sum(event.kind == "refused" for event in session.events()) == 1
    assert left == []
