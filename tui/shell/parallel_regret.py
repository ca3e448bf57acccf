"""The runs of a regret study on all cores: from copies of the drill if there are any, else whole runs."""

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.forks.copies import DrillCopies
    from sim.study.what_if.cost import RunCost
    from sim.study.what_if.regret import Runs, Subject, Variation


@contextmanager
def on_all_cores(subject: "Subject") -> "Iterator[Runs]":
    """Runs of `subject` spread over the machine's cores, with their number on a terminal's standard error.

    Each core has a process that holds the drill and copies of its moments: a run begins where it differs.
    """
    from sim.forks.copies import AVAILABLE

    with _copied(subject) if AVAILABLE else _spawned(subject) as runs:
        yield runs


@contextmanager
def _spawned(subject: "Subject") -> "Iterator[Runs]":
    """Whole runs in spawned processes: a fork would copy threads of numerical libraries in an undefined
    state.
    """
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
        yield lambda variations: _counted(pool.map(subject.cost, variations), len(variations))


@contextmanager
def _copied(subject: "Subject") -> "Iterator[Runs]":
    """Runs from copies; if these are lost, here."""
    from sim.forks.copies import DrillCopies
    from sim.forks.origin import DrillOrigin

    cores = os.cpu_count() or 1
    with ExitStack() as open_ones, ThreadPoolExecutor(cores) as threads:
        origin = DrillOrigin(subject.scenario, subject.seed)
        held = [DrillCopies(origin) for _ in range(cores)]
        for copies in held:
            open_ones.callback(copies.close)
        turn = count()

        def priced(variation: "Variation") -> "RunCost":
            return _priced(subject, held[next(turn) % cores], variation)

        list(threads.map(lambda copies: _follow(copies, subject), held))
        yield lambda variations: _counted(threads.map(priced, variations), len(variations))


def _follow(copies: "DrillCopies", subject: "Subject") -> None:
    from sim.forks.copies import CopiesLost

    with suppress(CopiesLost):
        copies.follow(subject.given, subject.to_ms)


def _priced(subject: "Subject", copies: "DrillCopies", variation: "Variation") -> "RunCost":
    from sim.forks.copies import CopiesLost
    from sim.study.what_if.cost import run_cost

    try:
        cost: RunCost = copies.play(subject.inputs(variation), subject.to_ms, run_cost)
    except CopiesLost:
        return subject.cost(variation)
    return cost


def on_other_seeds(jobs: "Sequence[tuple[Subject, Variation]]") -> "list[RunCost]":
    """Whole runs of other seeds, which share no moment with the copies of the drill."""
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
        return _counted(pool.map(_cost_of, jobs), len(jobs))


def _cost_of(job: "tuple[Subject, Variation]") -> "RunCost":
    subject, variation = job
    return subject.cost(variation)


def _counted(costs: "Iterable[RunCost]", of: int) -> "list[RunCost]":
    found = []
    for number, cost in enumerate(costs, 1):
        found.append(cost)
        _progress(number, of)
    return found


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\rregret: {done} of {of} runs", end="\n" if done == of else "", file=sys.stderr, flush=True)
