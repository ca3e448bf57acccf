"""A study that is stopped leaves no process behind, and its runs are those of a direct replay."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from sim.drill.session.branch import give_again
from sim.drill.session.session import Session
from sim.forks import copies
from sim.forks.copies import AVAILABLE, DrillCopies
from sim.forks.origin import DrillOrigin
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.cost import RunCost, run_cost
from sim.study.what_if.subject import AS_GIVEN, Variation
from tests.kept import kept
from tests.plays import ONSET_MS, play
from tui.shell.parallel_regret import NewestFirst, followed, on_all_cores

PAUSE = "deliveries pause inbound"


@kept
def paused() -> Session:
    return play("2h", ((ONSET_MS + 30 * MINUTE_MS, PAUSE),), ONSET_MS + 3 * HOUR_MS)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[DrillCopies]:
    """The processes of copies that a study makes."""
    found: list[DrillCopies] = []

    class Seen(DrillCopies):
        def __init__(self, origin: DrillOrigin, at_once: int = 1) -> None:
            super().__init__(origin, at_once)
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


@pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")
def test_copies_begun_from_a_journal_give_the_runs_of_its_replay(
    made: list[DrillCopies], tmp_path: Path
) -> None:
    path, bad = tmp_path / "one.jsonl", tmp_path / "bad.jsonl"
    session = Session.start(paused().original, paused().seed, path)
    give_again(session, paused().inputs, ONSET_MS + 3 * HOUR_MS)
    session.close()
    with followed(path) as begun:
        again = Session.replay(path)
        with on_all_cores(again, begun) as (one, runs):
            without = Variation("without", PAUSE)
            assert list(runs([AS_GIVEN, without])) == [run_cost(again), one.cost(without)]
    assert len(made) == 1, "the study uses the copies that were begun"
    assert made[0]._process.returncode is not None
    bad.write_text("{}\n")
    with followed(bad) as begun:
        assert begun is None


def test_the_newest_runs_come_first_and_those_begun_ahead_of_need_fill_what_is_left() -> None:
    cost, begun, go_on, order = run_cost(paused()), Event(), Event(), list[Variation]()

    def priced(variation: Variation) -> RunCost:
        begun.set()
        assert go_on.wait(60)
        order.append(variation)
        return cost

    ahead = [Variation("prepared", PAUSE), Variation("staged", PAUSE)]
    needed = [Variation("without", PAUSE), Variation("later", PAUSE)]
    with ThreadPoolExecutor(1) as threads:
        runs = NewestFirst(threads, priced)
        first = runs.begin([AS_GIVEN])
        assert begun.wait(60)
        last, newest = runs.begin(ahead), runs.begin(needed)
        go_on.set()
        assert [*first, *newest, *last] == [cost] * 5
    assert order == [AS_GIVEN, *needed, *ahead]


def test_a_run_that_fails_fails_for_its_caller() -> None:
    def fails(_variation: Variation) -> RunCost:
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as threads, pytest.raises(ZeroDivisionError):
        next(NewestFirst(threads, fails).begin([AS_GIVEN]))
