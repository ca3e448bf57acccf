"""A study that is stopped leaves no process behind, and its runs are those of a direct replay."""

import pytest

from sim.drill.session.session import Session
from sim.forks import copies
from sim.forks.copies import AVAILABLE, DrillCopies
from sim.forks.origin import DrillOrigin
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.subject import Variation
from tests.kept import kept
from tests.plays import ONSET_MS, play
from tui.shell.parallel_regret import on_all_cores

PAUSE = "deliveries pause inbound"


@kept
def paused() -> Session:
    return play("2h", ((ONSET_MS + 30 * MINUTE_MS, PAUSE),), ONSET_MS + 3 * HOUR_MS)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[DrillCopies]:
    """The processes of copies that a study makes."""
    found: list[DrillCopies] = []

    class Seen(DrillCopies):
        def __init__(self, origin: DrillOrigin) -> None:
            super().__init__(origin)
            found.append(self)

    monkeypatch.setattr(copies, "DrillCopies", Seen)
    return found


def test_runs_are_those_of_a_replay_and_ctrl_c_ends_all_processes(made: list[DrillCopies]) -> None:
    without = Variation("without", PAUSE)

    def interrupted() -> None:
        with on_all_cores(paused()) as (one, runs):
            assert list(runs([without, without])) == [one.cost(without)] * 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert bool(made) == AVAILABLE
    assert all(each._process.returncode is not None for each in made)
