"""A drill that is ended by hand stays ended, and what was not decided is not judged."""

from pathlib import Path

import pytest

from sim.drill.commands.outcome import Refused
from sim.drill.session.session import Session
from sim.report.debrief import debrief, doing_nothing
from sim.report.outcome import verdicts
from tests.plays import small
from tui.cli import main
from tui.commands.debrief import WHOSE

HOUR_MS = 3_600_000


def test_it_is_journaled_and_cannot_go_on(tmp_path: Path) -> None:
    path = tmp_path / "drill.jsonl"
    session = Session.start(small(), 1, path)
    session.advance(2 * HOUR_MS)
    session.finish()
    digest = session.digest()
    session.close()
    again = Session.resume(path)
    assert again.ended
    assert not again.complete
    again.advance(5 * HOUR_MS)
    assert (again.now_ms, again.digest()) == (2 * HOUR_MS, digest)
    assert isinstance(again.dispatch("alerts ack"), Refused)
    again.close()


def test_what_was_not_decided_stays_open() -> None:
    session = Session(small(), 1, None)
    session.advance(HOUR_MS)
    session.finish()
    assert {verdict.state for verdict in verdicts(session)} == {"open"}
    told = debrief(session, doing_nothing(session))
    assert told.outcome.inbound.generated == told.nothing.inbound.generated, (
        "both are counted up to the same moment"
    )
    assert told.findings[0] == "The drill was ended by hand: both runs are counted up to this moment."


@pytest.mark.parametrize("over", [False, True])
def test_the_debrief_of_a_drill_that_goes_on_says_whose_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], over: bool
) -> None:
    path = tmp_path / "drill.jsonl"
    session = Session.start(small(), 1, path)
    session.advance(HOUR_MS)
    if over:
        session.finish()
    session.close()
    assert main(["debrief", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{WHOSE}\n\n") is not over
