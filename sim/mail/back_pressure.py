"""Back pressure of a mail server: it takes more than it can work off, slows senders down, then refuses.

What the server has accepted waits in its submission queue until it is worked off. At its polls the
server looks how long that queue is: at medium pressure each sender waits at MAIL FROM, longer at every
poll; at high pressure, or when medium lasts too long, it refuses mail from hosts that are not Exchange.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.kernel.series import Times
from sim.mail.service import Receiver
from sim.mail.submission import worked_off


class Pressure(IntEnum):
    """How full the submission queue is, as the server sees it at its polls."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class PressureRules:
    """Thresholds in messages, times in ms. `patience_polls`: polls at medium before it refuses."""

    poll_ms: int
    low_to_medium: int
    medium_to_high: int
    high_to_medium: int
    medium_to_low: int
    tarpit_first_ms: int
    tarpit_step_ms: int
    tarpit_most_ms: int
    patience_polls: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What senders meet: how long each message waits at MAIL FROM, and whether it is refused (452 4.3.1)."""

    tarpit_ms: int = 0
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Gauge:
    """The server's state after a poll. `polls`: since pressure was last low, that poll included."""

    pressure: Pressure = Pressure.LOW
    polls: int = 0

    def polled(self, rules: PressureRules, length: int) -> "Gauge":
        """After one more poll that found `length` messages in the submission queue."""
        if self.pressure is Pressure.HIGH:
            now = Pressure.HIGH if length >= rules.high_to_medium else Pressure.MEDIUM
        else:
            now = Pressure.HIGH if length > rules.medium_to_high else self.pressure
        if now is Pressure.LOW and length > rules.low_to_medium:
            now = Pressure.MEDIUM
        if now is Pressure.MEDIUM and self.pressure is not Pressure.LOW and length < rules.medium_to_low:
            now = Pressure.LOW
        return Gauge(now, 0 if now is Pressure.LOW else self.polls + 1)

    def effect(self, rules: PressureRules) -> Effect:
        """What senders meet until the next poll."""
        if self.pressure is Pressure.LOW:
            return Effect()
        steps_ms = (self.polls - 1) * rules.tarpit_step_ms
        tarpit_ms = min(rules.tarpit_first_ms + steps_ms, rules.tarpit_most_ms)
        return Effect(tarpit_ms, self.pressure is Pressure.HIGH or self.polls > rules.patience_polls)


class Source(Protocol):
    """What the server must know of the queue in front of it."""

    delivered: Times

    def coming_deliveries(self, bound_ms: int) -> I64:
        """When messages will be accepted before `bound_ms`, if nothing changes; ascending."""


class BackPressure:
    """A watcher that polls the server's submission queue; `act` is told when senders meet something else."""

    def __init__(
        self, source: Source, rules: PressureRules, works: Receiver, act: Callable[[Effect], None]
    ) -> None:
        """`works`: how many messages the server works off at a time, and how long each takes."""
        self._source, self._rules, self._works, self._act = source, rules, works, act
        self._ends_ms = Columns({"end_ms": np.int64})
        """When each accepted message has been worked off, ascending."""
        self._gauge, self._next_ms = Gauge(), rules.poll_ms

    @property
    def gauge(self) -> Gauge:
        """As of the last poll that has been settled."""
        return self._gauge

    def waiting(self, now_ms: int) -> int:
        """Messages accepted and not worked off before `now_ms`, up to which everything has happened."""
        self._work_off()
        return len(self._source.delivered) - int(np.searchsorted(self._ends_ms["end_ms"], now_ms))

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The first poll in [a, b) after which senders meet something else, if nothing changes."""
        self._settle(a_ms)
        effect = self._gauge.effect(self._rules)
        for moment_ms, gauge in self._polls(b_ms):
            if gauge.effect(self._rules) != effect:
                return moment_ms
        return None

    def cross(self, moment_ms: int) -> None:
        """Poll at `moment_ms`, and say what senders meet from now on."""
        self._settle(moment_ms + 1)
        self._act(self._gauge.effect(self._rules))

    def _settle(self, now_ms: int) -> None:
        """Take in the polls before `now_ms`."""
        for moment_ms, gauge in self._polls(now_ms):
            self._gauge, self._next_ms = gauge, moment_ms + self._rules.poll_ms

    def _polls(self, before_ms: int) -> Iterator[tuple[int, Gauge]]:
        """Each poll from the next one on, and the state after it; polls that change nothing are left out."""
        if before_ms <= self._next_ms:
            return
        gauge, coming_ms = self._gauge, self._source.coming_deliveries(before_ms)
        grid_ms = np.arange(self._next_ms, before_ms, self._rules.poll_ms, dtype=np.int64)
        most = self.waiting(int(grid_ms[0])) + len(coming_ms)
        if gauge.pressure is Pressure.LOW and most <= self._rules.low_to_medium:
            yield int(grid_ms[-1]), gauge  # however fast it comes
            return
        lengths = self._lengths(grid_ms, coming_ms)
        if gauge.pressure is Pressure.LOW and not (lengths > self._rules.low_to_medium).any():
            yield int(grid_ms[-1]), gauge
            return
        for moment_ms, length in zip(grid_ms.tolist(), lengths.tolist(), strict=True):
            gauge = gauge.polled(self._rules, length)
            yield moment_ms, gauge

    def _lengths(self, grid_ms: I64, coming_ms: I64) -> I64:
        """Messages in the submission queue at each moment, if `coming_ms` are accepted besides."""
        self._work_off()
        ends_ms = worked_off(self._works, coming_ms, self._ends_ms["end_ms"])
        accepted = self._source.delivered.before(grid_ms) + np.searchsorted(coming_ms, grid_ms)
        done = np.searchsorted(self._ends_ms["end_ms"], grid_ms) + np.searchsorted(ends_ms, grid_ms)
        lengths: I64 = accepted - done
        return lengths

    def _work_off(self) -> None:
        """What has been accepted meanwhile is worked off in its order."""
        accepted_ms = self._source.delivered.since(len(self._ends_ms))
        self._ends_ms.append([worked_off(self._works, accepted_ms, self._ends_ms["end_ms"])])
