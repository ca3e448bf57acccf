"""Back pressure of a mail server that accepts more than it can process: it slows senders down, then refuses
mail.

Accepted mail waits in the server's submission queue until it is processed. The server checks the length of
that queue each time it polls: at medium pressure each sender waits at MAIL FROM, longer after every poll; at
high pressure, or if medium pressure lasts too long, it refuses mail from hosts that are not Exchange. The
server also checks its disk: while the disk is full, it refuses such mail immediately.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import Times
from sim.mail.message.growing_columns import Columns
from sim.mail.queue.receiver import Receiver
from sim.mail.server.disk import Disk, DiskRules, over
from sim.mail.server.pressure_gauge import Gauge, Pressure, PressureEffect, PressureRules
from sim.mail.server.submission_queue import worked_off


class SubmissionSource(Protocol):
    """The facts about the queue in front of the server that back pressure needs."""

    delivered: Times

    def coming_deliveries(self, bound_ms: int) -> I64:
        """The times at which messages will be accepted before `bound_ms`, if nothing changes; ascending."""


class BackPressure:
    """A watcher that polls the server's submission queue; `act` is called when the effect on
    senders changes.
    """

    def __init__(
        self,
        source: SubmissionSource,
        rules: PressureRules,
        works: Receiver,
        act: Callable[[PressureEffect], None],
        disk: DiskRules | None = None,
    ) -> None:
        """`works`: the number of messages that the server processes at a time, and the time for each;
        `disk`: None: mail does not fill the disk.
        """
        self._disk = Disk(disk) if disk is not None else None
        self._source, self._rules, self._works, self._act = source, rules, works, act
        self._ends_ms = Columns({"end_ms": np.int64})
        """The time at which the server has processed each accepted message, ascending."""
        self._gauge, self._next_ms, self._nights = Gauge(), rules.poll_ms, 0
        self.handed_out = 0
        """The number of times that the server's disk has been polled or changed."""

    @property
    def gauge(self) -> Gauge:
        """The state at the last settled poll."""
        return self._gauge

    def disk(self, now_ms: int) -> Disk | None:
        """The disk after all polls before `now_ms`, to be read or changed at that time."""
        self._settle(now_ms)
        self.handed_out += 1
        return self._disk

    def waiting(self, now_ms: int) -> int:
        """Messages accepted and not processed before `now_ms`, up to which everything has happened."""
        self._work_off()
        return self._unfinished(now_ms)

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The first poll in [a, b) that changes the effect on senders, if nothing else changes; or a
        nightly backup, beyond which there is no forecast.
        """
        coming_ms = self._source.coming_deliveries(b_ms)

        def coming(bound_ms: int) -> I64:
            return coming_ms[: coming_ms.searchsorted(bound_ms)]

        self._settle(a_ms, coming)
        effect, night_ms = self._effect(), self._night_ms()
        for moment_ms, gauge, full in self._polls(min(b_ms, night_ms), coming):
            if gauge.effect(self._rules, full) != effect:
                return moment_ms
        return night_ms if night_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        """Poll at `moment_ms`, or back up and poll, and report a new effect on senders."""
        before = self._effect()
        self._settle(moment_ms + 1)
        if self._effect() != before:
            self._act(self._effect())

    def _effect(self) -> PressureEffect:
        return self._gauge.effect(self._rules, self._disk is not None and self._disk.full)

    def _night_ms(self) -> int:
        """The next backup that happens automatically."""
        nights = self._disk.rules.nights_ms[self._nights :] if self._disk is not None else ()
        return nights[0] if nights else NEVER_MS

    def _settle(self, now_ms: int, coming: Callable[[int], I64] | None = None) -> None:
        """Settle the polls and backups before `now_ms`; if both fall on one moment, the backup comes first.

        Mail on its way may have been accepted before `now_ms` without being recorded yet, because the world
        may lag behind. `coming`: `coming_deliveries` of the source, if that has been asked already.
        """
        coming = coming or self._source.coming_deliveries
        while self._disk is not None and (night_ms := self._night_ms()) < now_ms:
            self._poll_until(night_ms, coming)
            self._disk.back_up(int(self._source.delivered.before(night_ms)))
            self._nights += 1
        self._poll_until(now_ms, coming)

    def _poll_until(self, now_ms: int, coming: Callable[[int], I64]) -> None:
        for moment_ms, gauge, full in self._polls(now_ms, coming):
            self._gauge, self._next_ms = gauge, moment_ms + self._rules.poll_ms
            if self._disk is not None:
                self._disk.full = full

    def _polls(self, before_ms: int, coming: Callable[[int], I64]) -> Iterator[tuple[int, Gauge, bool]]:
        """Each poll from the next one on, with the queue's state after it, and True if the disk is full then.

        Polls without a change are left out.
        """
        if before_ms <= self._next_ms:
            return
        gauge, coming_ms = self._gauge, coming(before_ms)
        disk, full = self._disk, self._disk is not None and self._disk.full
        first_ms = self._next_ms
        last_ms = first_ms + (before_ms - 1 - first_ms) // self._rules.poll_ms * self._rules.poll_ms
        if gauge.pressure is Pressure.LOW and self._stays_low(first_ms, len(coming_ms)):
            yield last_ms, gauge, full
            return
        grid_ms = np.arange(first_ms, before_ms, self._rules.poll_ms, dtype=np.int64)
        accepted, lengths = self._lengths(grid_ms, coming_ms)
        most = int(lengths.max())
        if gauge.pressure is Pressure.LOW and self._all_low(first_ms, len(coming_ms), most):
            yield last_ms, gauge, full
            return
        used = over(disk, accepted, lengths)
        for moment_ms, length, used_bytes in zip(grid_ms.tolist(), lengths.tolist(), used, strict=True):
            gauge = gauge.polled(self._rules, length)
            full = disk is not None and disk.polled(full, used_bytes)
            yield moment_ms, gauge, full

    def _stays_low(self, first_ms: int, coming: int) -> bool:
        """True if all polls from `first_ms` on are certain to find low pressure, however fast mail arrives.

        Messages without a computed processing time count as waiting; the time is computed only if there are
        too many of them.
        """
        if self._all_low(first_ms, coming, self._unfinished(first_ms) + coming):
            return True
        return self._work_off() and self._all_low(first_ms, coming, self._unfinished(first_ms) + coming)

    def _all_low(self, first_ms: int, coming: int, most: int) -> bool:
        """True if polls from `first_ms` on do not change anything as long as at most `most` messages wait
        at each of them.
        """
        if most > self._rules.low_to_medium:
            return False
        accepted, disk = self._source.delivered, self._disk
        least = int(accepted.before(first_ms))
        return disk is None or disk.stays(disk.full, (least, 0), (len(accepted) + coming, most))

    def _unfinished(self, now_ms: int) -> int:
        """Messages accepted so far that may not have been processed before `now_ms`."""
        return len(self._source.delivered) - int(self._ends_ms["end_ms"].searchsorted(now_ms))

    def _lengths(self, grid_ms: I64, coming_ms: I64) -> tuple[I64, I64]:
        """The numbers of messages accepted, and in the submission queue, at each moment, if mail also
        arrives at `coming_ms`.
        """
        self._work_off()
        ends_ms = worked_off(self._works, coming_ms, self._ends_ms["end_ms"])
        accepted = self._source.delivered.before(grid_ms) + coming_ms.searchsorted(grid_ms)
        done = self._ends_ms["end_ms"].searchsorted(grid_ms) + ends_ms.searchsorted(grid_ms)
        return accepted, accepted - done

    def _work_off(self) -> bool:
        """Compute the processing times of the messages accepted since the last call, in order; returns
        False if there are none.
        """
        if len(self._source.delivered) == len(self._ends_ms):
            return False
        accepted_ms = self._source.delivered.since(len(self._ends_ms))
        self._ends_ms.append([worked_off(self._works, accepted_ms, self._ends_ms["end_ms"])])
        return True
