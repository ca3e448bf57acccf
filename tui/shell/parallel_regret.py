"""Makes the runs of a regret study on all cores: from copies of the drill if there are any, otherwise as
whole runs.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import PriorityQueue
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from tui.shell.standard_streams import redraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.drill.facilitation.inputs import Input
    from sim.drill.session.session import Session
    from sim.forks.origin import DrillOrigin, Reading
    from sim.study.what_if.cost import RunCost
    from sim.study.what_if.subject import Subject, Variation
    from sim.study.what_if.variation_runs import Runs

T = TypeVar("T")


MOST_AT_ONCE = 8
"""Maximum number of runs from copies at the same time; each run has its own set of copies."""


class Following:
    """Copies of a drill that are made in the background, in a process of their own."""

    def __init__(self, origin: "DrillOrigin", given: "Sequence[Input]", to_ms: int) -> None:
        """`given`: all inputs of the drill; `to_ms`: its last moment. Raises CopiesLost."""
        from sim.forks.copies import DrillCopies

        self.copies = DrillCopies(origin, min(os.cpu_count() or 1, MOST_AT_ONCE))
        self._thread = ThreadPoolExecutor(1)
        self._made = self._thread.submit(self._follow, given, to_ms)

    def _follow(self, given: "Sequence[Input]", to_ms: int) -> None:
        self.copies.follow(given, to_ms)
        self.copies.share()

    def play(self, inputs: "Sequence[Input]", to_ms: int, reading: "Reading") -> "RunCost":
        """Like `DrillCopies.play`, once the copies are made. Raises CopiesLost."""
        self._made.result()
        found: RunCost = self.copies.play(inputs, to_ms, reading)
        return found

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.copies.close()
        self._thread.shutdown()


@contextmanager
def followed(path: Path) -> "Iterator[Following | None]":
    """Copies of the drill of the journal at `path`, begun while the drill is replayed here.

    None if there are none; if the journal cannot be read, the replay reports it.
    """
    from sim.forks.copies import AVAILABLE
    from sim.forks.origin import read_origin
    from sim.kernel.user_mistake import Mistake

    begun: Following | None = None
    if AVAILABLE:
        with suppress(Mistake):
            begun = _begun(*read_origin(path))
    try:
        yield begun
    finally:
        if begun is not None:
            begun.close()


def _begun(origin: "DrillOrigin", given: "Sequence[Input]", to_ms: int) -> "Following | None":
    from sim.forks.copies import CopiesLost
    from sim.study.what_if.session_subject import without_seats

    try:
        return Following(origin, without_seats(given), to_ms)
    except CopiesLost:
        return None


@contextmanager
def on_all_cores(session: "Session", begun: "Following | None" = None) -> "Iterator[tuple[Subject, Runs]]":
    """`session` as a subject, and runs of it spread over the machine's cores.

    Each core has copies of the drill at earlier moments; a run starts where it first differs. `begun`: copies
    that are being made. Variations with the same inputs are one run. The runs of the newest call come first:
    its caller waits for them, while an earlier call may have begun runs that are needed later. The number of
    runs is shown on a terminal's standard error. Ctrl+C ends the processes at once.
    """
    from sim.forks.copies import AVAILABLE
    from sim.study.what_if.variation_runs import each_once

    with _copied(session, begun) if AVAILABLE else _spawned(session) as (one, runs):
        yield one, each_once(one, runs)


@contextmanager
def _spawned(session: "Session") -> "Iterator[tuple[Subject, Runs]]":
    """Whole runs in spawned processes: a fork would copy threads of numerical libraries in an undefined
    state.
    """
    from sim.study.what_if.session_subject import subject

    one = subject(session)
    with _pool() as pool, _Progress() as progress:
        yield one, lambda variations: progress.counted(_given(pool, one.cost, variations), len(variations))


@contextmanager
def _copied(session: "Session", begun: "Following | None") -> "Iterator[tuple[Subject, Runs]]":
    """Makes runs from copies; if the copies are lost, makes the runs here.

    Another process follows the drill while this one plays its reference runbook.
    """
    from sim.forks.origin import origin_of
    from sim.study.what_if.session_subject import subject

    stopped = Event()
    with ExitStack() as held, _Progress() as progress:
        threads = ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_AT_ONCE))
        held.callback(threads.shutdown, cancel_futures=True)
        if begun is None:
            begun = _begun(origin_of(session), session.inputs, session.now_ms)
        if begun is not None:
            held.callback(begun.close)
        held.callback(stopped.set)  # called first: a thread that loses its copies must not continue here
        one = subject(session)
        ordered = NewestFirst(threads, partial(_priced, one, begun, stopped))
        yield one, lambda variations: progress.counted(ordered.begin(variations), len(variations))


class NewestFirst:
    """Runs in threads: the group begun last comes first; within a group they keep their order."""

    def __init__(self, threads: ThreadPoolExecutor, priced: "Callable[[Variation], RunCost]") -> None:
        self._threads, self._priced = threads, priced
        self._waiting: PriorityQueue[tuple[int, int, Variation, Future[RunCost]]] = PriorityQueue()
        self._groups = 0

    def begin(self, variations: "Sequence[Variation]") -> "Iterator[RunCost]":
        """Begin the runs of `variations`; returns their costs in order, each as soon as it is known."""
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
    subject: "Subject", copies: Following | None, stopped: Event, variation: "Variation"
) -> "RunCost":
    from sim.forks.copies import CopiesLost
    from sim.study.what_if.subject import cost_after

    if copies is None:
        return subject.cost(variation)
    try:
        if subject.scenario_of(variation) is not subject.scenario:
            return copies.play((), 0, partial(_whole, subject=subject, variation=variation))
        shared, at_ms, rest = subject.parted(variation)
        further = partial(cost_after, drawn=subject.drawn, inputs=rest, to_ms=subject.to_ms)
        return copies.play(shared, at_ms, further)
    except CopiesLost:
        if stopped.is_set():
            raise
        return subject.cost(variation)


def _whole(_start: "Session", *, subject: "Subject", variation: "Variation") -> "RunCost":
    """A whole run of another scenario, in a copy of the drill's start that is not used."""
    return subject.cost(variation)


def on_other_seeds(jobs: "Sequence[tuple[Subject, Variation]]") -> "list[RunCost]":
    """Whole runs of other seeds, which share no moment with the copies of the drill."""
    with _pool() as pool, _Progress() as progress:
        return list(progress.counted(_given(pool, _cost_of, jobs), len(jobs)))


def _cost_of(job: "tuple[Subject, Variation]") -> "RunCost":
    subject, variation = job
    return subject.cost(variation)


def _given(
    pool: ProcessPoolExecutor, cost: "Callable[[T], RunCost]", jobs: "Sequence[T]"
) -> "Iterator[RunCost]":
    """The costs of `jobs`. Submitting a job may start a process."""
    from sim.study.workers import uninterrupted

    return uninterrupted(lambda: pool.map(cost, jobs))


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
            redraw("")

    def counted(self, costs: "Iterable[RunCost]", of: int) -> "Iterator[RunCost]":
        """Each of `costs`, counted as it arrives; `of`: their number."""
        for number, cost in enumerate(costs, 1):
            self._done += 1
            if self._shown:
                told = f"regret: {self._done} runs, {number} of {of} of this step (Ctrl+C: without it)"
                redraw(told)
            yield cost
