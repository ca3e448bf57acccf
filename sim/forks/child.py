"""Forked copies of this process: one kind gives an answer and ends, the other sleeps until it is asked.

Forked copies work only in a process without threads. A copy writes only to its pipe and ends by `os._exit`.
If a copy dies, its answer is missing, but the process that asked does not crash.
"""

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from sim.forks.pipe import PipeClosed, receive, send


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A missing answer, with the reason."""

    why: str


def answer_of(work: Callable[[], Any]) -> Any:
    """The result of `work`, run in a copy of this process; NoAnswer if it raises an exception or the copy
    dies.
    """
    return answers_of([work], 1)[0]


def answers_of(works: Sequence[Callable[[], Any]], at_once: int) -> list[Any]:
    """The result of each of `works`, in order; each runs in a separate copy, at most `at_once` at a time."""
    found: list[Any] = []
    under_way: list[_Asked | NoAnswer] = []
    for number in range(len(works)):
        under_way += [_begun(one) for one in works[len(under_way) : number + at_once]]
        found.append(_ended(under_way[number]))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A copy that is working."""

    pid: int
    reads: int


def _begun(work: Callable[[], Any]) -> _Asked | NoAnswer:
    try:
        reads, writes = os.pipe()
        pid = os.fork()
    except OSError as why:
        return NoAnswer(f"no copy of the process can be made: {why.strerror}")
    if pid == 0:
        _end_with(lambda: send(writes, _outcome(work)))
    os.close(writes)
    return _Asked(pid, reads)


def _ended(asked: _Asked | NoAnswer) -> Any:
    if isinstance(asked, NoAnswer):
        return asked
    try:
        return receive(asked.reads)
    except PipeClosed:
        return NoAnswer("the copy of the process has died")
    finally:
        os.close(asked.reads)
        os.waitpid(asked.pid, 0)


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        return NoAnswer(f"{type(error).__name__}: {error}")


def _end_with(work: Callable[[], None]) -> NoReturn:
    """In a copy: do `work`, then end the process without any clean-up."""
    try:
        work()
    finally:
        os._exit(0)


class Sleeper:
    """A copy of this process that keeps its state and answers from it, as often as requested."""

    def __init__(self, pid: int, asks: int, answers: int) -> None:
        self.pid, self._asks, self._answers = pid, asks, answers

    @classmethod
    def fork(cls, serve: Callable[[Any], Any], others: "Iterable[Sleeper]", closes: Iterable[int]) -> Self:
        """A sleeper that answers each request with `serve`, in a separate copy. Raises OSError.

        `others`: sleepers whose pipes the new sleeper must not hold open, so that they end when this process
        ends; `closes`: file descriptors that the new sleeper must close for the same reason.
        """
        request, asks = os.pipe()
        answers, reply = os.pipe()
        pid = os.fork()
        if pid == 0:
            _end_with(lambda: _sleep(serve, request, reply, [asks, answers, *closes, *_ends(others)]))
        os.close(request)
        os.close(reply)
        return cls(pid, asks, answers)

    def ask(self, request: Any) -> Any:
        """The answer to `request`; NoAnswer if the sleeper is gone."""
        try:
            send(self._asks, request)
            return receive(self._answers)
        except PipeClosed:
            return NoAnswer("the copy of that moment has died")

    def end(self) -> None:
        """End the sleeper, and free its memory."""
        self.leave()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def leave(self) -> None:
        """Close the sleeper's pipes in this process; another process goes on using it."""
        os.close(self._asks)
        os.close(self._answers)

    @property
    def ends(self) -> tuple[int, int]:
        """The sleeper's file descriptors in this process."""
        return self._asks, self._answers


def _ends(sleepers: Iterable[Sleeper]) -> list[int]:
    return [end for one in sleepers for end in one.ends]


def _sleep(serve: Callable[[Any], Any], request: int, reply: int, closes: Iterable[int]) -> None:
    """In the sleeper: answer until the asking process is gone."""
    for one in closes:
        os.close(one)
    while True:
        try:
            asked = receive(request)
            send(reply, answer_of(lambda: serve(asked)))  # noqa: B023 - called before the next request
        except PipeClosed:
            return
