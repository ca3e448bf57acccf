"""The runs of a regret study on all cores: from copies of the drill if there are any, else whole runs."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from queue import PriorityQueue, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.drill.session.session import Session
    from sim.forks.copies import DrillCopies
    from sim.study.what_if.cost import RunCost
    from sim.study.what_if.subject import Runs, Subject, Variation


@contextmanager
def on_all_cores(session: "Session") -> "Iterator[tuple[Subject, Runs]]":
    """`session` as a subject, and runs of it spread over the machine's cores.

    Each core has a process with copies of the drill at earlier moments; a run starts where it first differs.
    Variations with the same inputs are one run. The runs of the newest call come first: its caller waits for
    them, while an earlier call may have begun runs that are needed later. The number of runs is shown on a
    terminal's standard error. Ctrl+C ends the processes at once.
    """
    from sim.forks.copies import AVAILABLE
    from sim.study.what_if.subject import each_once

    with _copied(session) if AVAILABLE else _spawned(session) as (one, runs):
        yield one, each_once(one, runs)


@contextmanager
def _spawned(session: "Session") -> "Iterator[tuple[Subject, Runs]]":
    """Whole runs in spawned processes: a fork would copy threads of numerical libraries in an undefined
    state.
    """
    from sim.study.what_if.subject import subject

    one = subject(session)
    with _pool() as pool, _Progress() as progress:
        yield one, lambda variations: progress.counted(pool.map(one.cost, variations), len(variations))


@contextmanager
def _copied(session: "Session") -> "Iterator[tuple[Subject, Runs]]":
    """Runs from copies, each in the next process that is free; if these are lost, here.

    The processes follow the drill while this one plays its reference runbook.
    """
    from sim.drill.session.branch import last_moment_ms
    from sim.forks.copies import CopiesLost, DrillCopies
    from sim.forks.origin import DrillOrigin
    from sim.study.what_if.subject import subject, without_seats

    cores = os.cpu_count() or 1
    stopped = Event()
    given, to_ms = without_seats(session.inputs), last_moment_ms(session)
    with ExitStack() as held, _Progress() as progress:
        threads = ThreadPoolExecutor(cores)
        held.callback(threads.shutdown, cancel_futures=True)
        free: SimpleQueue[DrillCopies | None] = SimpleQueue()

        def follow(copies: DrillCopies) -> None:
            with suppress(CopiesLost):
                copies.follow(given, to_ms)
            free.put(copies)

        for _ in range(cores):
            try:
                copies = DrillCopies(DrillOrigin(session.original, session.seed, tuple(session.people)))
            except CopiesLost:
                free.put(None)
                continue
            held.callback(copies.close)
            threads.submit(follow, copies)
        held.callback(stopped.set)  # first of all: a thread that loses its copies does not run on here
        one = subject(session)

        def priced(variation: "Variation") -> "RunCost":
            copies = free.get()
            try:
                return _priced(one, copies, variation, stopped)
            finally:
                free.put(copies)

        ordered = NewestFirst(threads, priced)
        yield one, lambda variations: progress.counted(ordered.begin(variations), len(variations))


class NewestFirst:
    """Runs in threads: the group begun last comes first; within a group they keep their order."""

    def __init__(self, threads: ThreadPoolExecutor, priced: "Callable[[Variation], RunCost]") -> None:
        self._threads, self._priced = threads, priced
        self._waiting: PriorityQueue[tuple[int, int, Variation, Future[RunCost]]] = PriorityQueue()
        self._groups = 0

    def begin(self, variations: "Sequence[Variation]") -> "Iterator[RunCost]":
        """Their costs, in order, each as soon as it is known."""
        self._groups += 1
        futures: list[Future[RunCost]] = [Future() for _ in variations]
        for number, (variation, future) in enumerate(zip(variations, futures, strict=True)):
            self._waiting.put((-self._groups, number, variation, future))
            self._threads.submit(self._run_next)
        return (future.result() for future in futures)

    def _run_next(self) -> None:
        *_order, variation, future = self._waiting.get()
        try:
            future.set_result(self._priced(variation))
        except Exception as why:
            future.set_exception(why)


def _priced(
    subject: "Subject", copies: "DrillCopies | None", variation: "Variation", stopped: Event
) -> "RunCost":
    from sim.forks.copies import CopiesLost
    from sim.study.what_if.cost import run_cost

    if copies is None:
        return subject.cost(variation)
    try:
        if subject.scenario_of(variation) is not subject.scenario:
            whole: RunCost = copies.play((), 0, partial(_whole, subject=subject, variation=variation))
            return whole
        cost: RunCost = copies.play(subject.inputs(variation), subject.to_ms, run_cost)
    except CopiesLost:
        if stopped.is_set():
            raise
        return subject.cost(variation)
    return cost


def _whole(_start: "Session", *, subject: "Subject", variation: "Variation") -> "RunCost":
    """A whole run of another scenario, in a copy of the drill's start that is not used."""
    return subject.cost(variation)


def on_other_seeds(jobs: "Sequence[tuple[Subject, Variation]]") -> "list[RunCost]":
    """Whole runs of other seeds, which share no moment with the copies of the drill."""
    with _pool() as pool, _Progress() as progress:
        return list(progress.counted(pool.map(_cost_of, jobs), len(jobs)))


def _cost_of(job: "tuple[Subject, Variation]") -> "RunCost":
    subject, variation = job
    return subject.cost(variation)


@contextmanager
def _pool() -> Iterator[ProcessPoolExecutor]:
    """Spawned processes that leave Ctrl+C to this one; runs that have not begun by then are dropped."""
    pool = ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn"), _leave_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Progress:
    """The number of runs done, on one line of a terminal's standard error."""

    def __init__(self) -> None:
        self._done = 0
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_error: object) -> None:
        """Clear the line."""
        if self._shown and self._done:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def counted(self, costs: "Iterable[RunCost]", of: int) -> "Iterator[RunCost]":
        """Each of `costs`, counted as it comes; `of`: their number."""
        for number, cost in enumerate(costs, 1):
            self._done += 1
            if self._shown:
                told = f"regret: {self._done} runs, {number} of {of} of this step (Ctrl+C: without it)"
                print(f"\r{told}\033[K", end="", file=sys.stderr, flush=True)
            yield cost
