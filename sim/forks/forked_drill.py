"""A drill with sleeping copies of its earlier moments, in a process without threads."""

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sim.drill.facilitation.inputs import Input
from sim.drill.instruments.subjects import prepare
from sim.drill.session.branch import give_again
from sim.forks.child import NoAnswer, Sleeper, answer_of, answers_of
from sim.forks.memory import together_kib
from sim.forks.origin import DrillOrigin, Reading
from sim.forks.pipe import PipeClosed
from sim.forks.ring import FEWEST, MEASURED_AGAIN, MOST, MOST_KIB, Spot, is_due, one_too_many
from sim.kernel.duration import HOUR_MS, MINUTE_MS

_CHUNK_S = 0.05
"""The drill advances in steps of about this computing time, so copies are made close to where they are
due.
"""
_LONGEST_MS = 2 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Kept:
    """The number of copies, and the memory of all processes including them."""

    copies: int
    kib: int
    """Memory in KiB; 0 if the system does not report it."""


class ForkedDrill:
    """A drill that follows its inputs, and answers about any moment from the nearest copy before it.

    With several sets of copies, as many processes, forked from this one, answer at the same time.
    """

    def __init__(
        self,
        origin: DrillOrigin,
        closes: Sequence[int] = (),
        abandoned: Callable[[], bool] = lambda: False,
        most: int = MOST,
        most_kib: int = MOST_KIB,
        sets: int = 1,
    ) -> None:
        """`closes`: file descriptors that copies must not hold open. `abandoned`: returns True if the
        process that asks has ended.
        """
        self._head = origin.begin()
        self._given: list[Input] = []
        self._spots: list[Spot] = []
        self._sets: tuple[list[Sleeper], ...] = tuple([] for _ in range(sets))
        """Sets of copies; each set has a copy of every spot."""
        self._sleepers = self._sets[0]
        """The set whose copies answer the requests to this process."""
        self._closes, self._abandoned = closes, abandoned
        self._most, self._most_kib = most, most_kib
        self._cost_s, self._chunk_ms = 0.0, HOUR_MS
        self._made, self._kib = 0, 0
        prepare()
        self._head.snapshot()  # modules that the first reading loads are then loaded once, not in each copy
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection would write to every shared page, and so copy it
        self._keep()

    def follow(self, inputs: Sequence[Input], to_ms: int) -> Kept:
        """Continue to `to_ms`; `inputs`: all inputs of the drill so far, including those already given.

        Raises PipeClosed if the process that asks ends before that.
        """
        head, left = self._head, [one for one in inputs[len(self._given) :] if one[0] <= to_ms]
        while (head.now_ms < to_ms or left) and not head.ended:
            if self._abandoned():
                raise PipeClosed("the process that asked has ended")
            due = [one for one in left if one[0] <= head.now_ms]
            del left[: len(due)]
            chunk_ms = min(to_ms, head.now_ms + self._chunk_ms)
            before_input = bool(left) and left[0][0] <= chunk_ms
            if before_input:
                chunk_ms = left[0][0]
            began_s = time.process_time()
            give_again(head, due, chunk_ms)
            took_s = time.process_time() - began_s
            self._given += due
            self._cost_s += took_s
            if took_s > _CHUNK_S or not before_input:
                factor = 2 if took_s < _CHUNK_S / 2 else 0.5 if took_s > _CHUNK_S else 1
                self._chunk_ms = int(min(max(self._chunk_ms * factor, MINUTE_MS), _LONGEST_MS))
            if is_due(self._spots, self._cost_s, before_input, self._most):
                self._keep()
        if not self._kib:
            self._measure()
        return self.kept()

    def _keep(self) -> None:
        """Copy the present moment, once for each set; drop a copy if there are too many, or if memory runs
        out.

        Raises OSError if not even the first one can be made.
        """
        made: list[Sleeper] = []
        others = [one for some in self._sets for one in some]
        try:
            for _ in self._sets:
                made.append(Sleeper.fork(self._answer, [*others, *made], self._closes))
        except OSError:
            for one in made:
                one.end()
            if not self._spots:
                raise
            return  # answers then come from an earlier copy, and take longer
        for some, sleeper in zip(self._sets, made, strict=True):
            some.append(sleeper)
        self._spots.append(Spot(self._head.now_ms, len(self._given), self._cost_s))
        self._made += 1
        if len(self._spots) > self._most:
            self._give_up()
        if self._made % MEASURED_AGAIN == 0:
            self._measure()
            while self._kib > self._most_kib and len(self._spots) > FEWEST:
                self._give_up()
                self._measure()

    def _give_up(self) -> None:
        at = one_too_many(self._spots, self._cost_s)
        for some in self._sets:
            some.pop(at).end()
        del self._spots[at]

    def _measure(self) -> None:
        self._kib = together_kib(one.pid for some in self._sets for one in some)

    def answers_from(self, number: int) -> None:
        """Answer from that set from now on, in a process forked for it; the other sets are not touched.

        The copies are not children of this process: a copy that dies is noticed by its pipe.
        """
        for some in self._sets:
            if some is not self._sets[number]:
                for one in some:
                    one.leave()
        self._sets = (self._sets[number],)
        self._sleepers = self._sets[0]

    def play(self, inputs: Sequence[Input], at_ms: int, reading: Reading) -> Any:
        """Like `ReplayedDrill.play`; NoAnswer if the copy that runs it dies."""
        shared = _in_common(self._given, inputs)
        moments = [*self._spots, Spot(self._head.now_ms, len(self._given), self._cost_s)]
        usable = [at for at, spot in enumerate(moments) if _leads_to(spot, shared, inputs, at_ms)]
        if not usable:
            return NoAnswer("no copy of a moment before it")
        at = usable[-1]
        rest = tuple(inputs[moments[at].given :]), at_ms, reading
        return (
            self._sleepers[at].ask(rest)
            if at < len(self._sleepers)
            else answer_of(lambda: self._answer(rest))
        )

    def play_ahead(self, readings: Sequence[Reading]) -> list[Any]:
        """The answers to `readings` of the drill as it is now, on all cores."""
        works = [partial(self._answer, ((), self._head.now_ms, one)) for one in readings]
        return answers_of(works, os.cpu_count() or 1)

    def _answer(self, rest: tuple[tuple[Input, ...], int, Reading]) -> Any:
        """Answer one request, in a copy."""
        inputs, at_ms, reading = rest
        return reading(give_again(self._head, inputs, at_ms))

    def kept(self) -> Kept:
        """The copies kept now, with their memory at the last measurement."""
        return Kept(len(self._spots), self._kib)

    def close(self) -> None:
        """End all copies."""
        for some in self._sets:
            for sleeper in some:
                sleeper.end()
            some.clear()
        self._spots = []


def _in_common(given: Sequence[Input], inputs: Sequence[Input]) -> int:
    """Number of inputs, from the beginning, that are the same."""
    pairs = zip(given, inputs, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(given), len(inputs)))


def _leads_to(spot: Spot, shared: int, inputs: Sequence[Input], at_ms: int) -> bool:
    """True if a drill with `inputs` passes `spot` on its way to `at_ms`."""
    after_ms = inputs[spot.given][0] if spot.given < len(inputs) else at_ms
    return spot.given <= shared and spot.t_ms <= min(after_ms, at_ms)
