"""Runs on several processors of one machine: workers that load the plan once and return rows of numbers.

The result does not depend on how the runs are distributed: each run follows from its number alone. A worker
that dies is replaced, and its runs are assigned again.
"""

import gc
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from types import TracebackType
from typing import Self, TypeVar

from sim.drill.session.plan_run import PlanRun
from sim.kernel.user_mistake import Mistake
from sim.study.one_run import Study, run_of

CHUNK = 4
"""Number of runs assigned to a worker at a time."""
TRIES = 3

T = TypeVar("T")
Told = Callable[[int], None]
"""Called with the number of runs that have just been finished."""


class WorkersDie(Mistake):
    """Worker after worker dies at the same run."""


class Serial:
    """Runs one after the other, in this process."""

    def __init__(self, told: Told = lambda _count: None) -> None:
        self._told = told

    def __call__(self, study: Study, numbers: Sequence[int]) -> Iterator[PlanRun]:
        for number in numbers:
            yield run_of(study, number)
            self._told(1)


def uninterrupted(start: Callable[[], T]) -> T:
    """The result of `start`. Ctrl-C waits until it returns, and never reaches the processes that it starts.

    Otherwise, a worker that is still loading modules writes a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return start()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """A pool of `jobs` processes; a context manager that leaves none behind."""

    def __init__(self, jobs: int, told: Told = lambda _count: None) -> None:
        self._jobs, self._told = jobs, told
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(at_once=kind is not None)

    def __call__(self, study: Study, numbers: Sequence[int]) -> Iterable[PlanRun]:
        """The runs in order of their numbers. Raises WorkersDie."""
        chunks = [tuple(numbers[at : at + CHUNK]) for at in range(0, len(numbers), CHUNK)]
        done: dict[int, list[PlanRun]] = {}
        tries = 0
        while len(done) < len(chunks):
            left = [index for index in range(len(chunks)) if index not in done]
            try:
                under_way = {index: self._give(study, chunks[index]) for index in left}
                for index, future in under_way.items():
                    done[index] = future.result()
                    self._told(len(done[index]))
            except BrokenProcessPool:
                self._close(at_once=True)
                tries = 1 if len(done) > len(chunks) - len(left) else tries + 1
                if tries == TRIES:
                    first = chunks[min(index for index in left if index not in done)]
                    raise WorkersDie(
                        f"workers died {TRIES} times at runs {first[0]} to {first[-1]}; "
                        "try --jobs 1, or give the machine more memory"
                    ) from None
        return [run for index in range(len(chunks)) for run in done[index]]

    def processes(self) -> list[int]:
        """Ids of the processes, for tests that stop one."""
        return list(self._pool._processes) if self._pool is not None and self._pool._processes else []

    def _give(self, study: Study, numbers: tuple[int, ...]) -> "Future[list[PlanRun]]":
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=get_context("spawn"), initializer=_ready)
        return uninterrupted(partial(self._pool.submit, _play, study, numbers))

    def _close(self, *, at_once: bool) -> None:
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=not at_once, cancel_futures=True)
        if at_once:
            for process in processes:
                process.terminate()
        self._pool = None


def _ready() -> None:
    """Set up a worker: the terminal's Ctrl-C is left to the parent, and loaded files stay in memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    gc.disable()


def _play(study: Study, numbers: tuple[int, ...]) -> list[PlanRun]:
    """Make the runs in a worker. One garbage collection per run limits its memory."""
    found = []
    for number in numbers:
        found.append(run_of(study, number))
        gc.collect()
    return found
