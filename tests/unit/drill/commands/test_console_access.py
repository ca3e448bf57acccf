"""A console that does not answer in time and acts all the same: the truth counts, and nobody knows it yet."""

import pytest

from sim.drill.commands import console_access
from sim.drill.commands.grammar import parse
from sim.drill.commands.outcome import Accepted
from sim.drill.scenario.runbook import Runbook
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.gateway_office import ONSET_MS, drill

ANSWERS, ACTS, DOES_NOT = (0, 0), (100, 100), (100, 0)
"""Percent of commands that time out, and of these that are carried out."""


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What the slow console does with each command in turn; the last for all that follow."""
    fates: list[tuple[int, int]] = [ANSWERS]

    def fate(_seed: int, _number: int) -> tuple[str, bool] | None:
        out, done = fates.pop(0) if len(fates) > 1 else fates[0]
        said = "the console timed out; the outcome is unknown"
        return (said, bool(done)) if out else None

    monkeypatch.setattr(console_access, "_times_out_slowly", fate)
    return fates


def slow(at_ms: int = ONSET_MS + 30 * MINUTE_MS) -> Session:
    return drill(at_ms, fault={"fault": "gateway accepts and holds", "reply": None, "console": "slow"})


def give(session: Session, text: str) -> None:
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted), answer
    session.advance(answer.effective_ms + 1)


def test_a_pause_that_timed_out_is_known_when_the_console_answers(console: list[tuple[int, int]]) -> None:
    console[:] = [ACTS, ANSWERS]
    session = slow()
    give(session, "deliveries pause inbound")
    paused_ms = session.now_ms - 1
    drilled = session.drill
    assert drilled.world.queue.paused
    assert drilled.milestones["deliveries.paused"] == drilled.milestones["pause.decided"] == paused_ms
    assert not {"deliveries.paused", "pause.decided"} & set(drilled.known)
    session.advance(session.now_ms + HOUR_MS)
    view = session.snapshot().queue
    assert (view.paused, view.seen.at_ms) == (False, paused_ms), "as it was when it hung"
    give(session, "status check gateway")
    assert drilled.known["deliveries.paused"] == session.now_ms - 1
    assert drilled.milestones["deliveries.paused"] == paused_ms, "the judge goes by the truth"
    view = session.snapshot().queue
    assert (view.paused, view.seen.at_ms) == (True, session.now_ms)


def test_what_was_not_done_looks_the_same_until_the_console_answers(console: list[tuple[int, int]]) -> None:
    seen, after = [], []
    for first in (ACTS, DOES_NOT):
        console[:] = [first, ANSWERS]
        session = slow()
        give(session, "deliveries pause inbound")
        session.advance(session.now_ms + 2 * HOUR_MS)
        told = [(e.t_ms, e.text) for e in session.events() if e.kind not in ("milestone", "fault")]
        seen.append((session.snapshot(), told))
        give(session, "status check gateway")
        after.append(session.snapshot().queue.paused)
    assert seen[0] == seen[1]
    assert after == [True, False]


def test_whoever_gives_it_again_is_not_told_before_it_takes_effect(console: list[tuple[int, int]]) -> None:
    console[:] = [ACTS, ACTS, ANSWERS]
    session = slow()
    for _ in range(2):
        give(session, "deliveries pause inbound")
        assert session.events()[-1].text.endswith("the outcome is unknown")
    give(session, "deliveries pause inbound")
    failed = [event.text for event in session.events() if event.kind == "failed"]
    assert "inbound deliveries are already paused" in failed[-1]
    assert "deliveries.paused" in session.drill.known, "that told it"


def test_a_runbook_waits_until_somebody_can_know(console: list[tuple[int, int]]) -> None:
    """`deliveries.paused + 10m` after the look; after the command, where the console answered it."""

    def resumed_ms(*fates: tuple[int, int]) -> int | None:
        console[:] = list(fates)
        steps = [
            ("pause", "outage.start + 30m", "deliveries pause inbound"),
            ("look", "outage.start + 3h", "status check gateway"),
            ("resume", "deliveries.paused + 10m", "deliveries resume inbound"),
        ]
        rows = [{"id": name, "at": at, "do": do} for name, at, do in steps]
        content = {"mxdrill": 1, "id": "t", "scenario": "gateway-down", "title": "t", "sources": ["t"]}
        session = slow(0)
        play(session, Runbook.model_validate({**content, "steps": rows}), ONSET_MS + 6 * HOUR_MS)
        return session.drill.milestones.get("deliveries.resumed")

    at_once, later = resumed_ms(ANSWERS), resumed_ms(ACTS, ANSWERS)
    assert at_once is not None
    assert later is not None
    assert at_once < ONSET_MS + 90 * MINUTE_MS
    assert later > ONSET_MS + 3 * HOUR_MS + 10 * MINUTE_MS
    assert resumed_ms(DOES_NOT, ANSWERS) is None, "nothing was paused"


def test_a_continuity_event_that_nobody_has_seen_is_not_on_the_screen(console: list[tuple[int, int]]) -> None:
    console[:] = [ACTS, ANSWERS]
    session = slow()
    give(session, "continuity start for=2h")
    assert "continuity.active" in session.drill.milestones
    assert not session.snapshot().continuity.active
    give(session, "continuity show")
    assert session.snapshot().continuity.active


def test_when_the_console_works_again_everything_is_known(console: list[tuple[int, int]]) -> None:
    console[:] = [ACTS]
    session = slow()
    give(session, "deliveries pause inbound")
    end_ms = session.scenario.outage_end_ms
    session.advance(end_ms)
    assert "deliveries.paused" not in session.drill.known
    session.advance(end_ms + 1)
    assert session.drill.known["deliveries.paused"] == end_ms
    assert parse("deliveries resume inbound").refusal(session.drill) is None
