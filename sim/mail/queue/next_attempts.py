"""Due times of messages between two attempts, while the receiver answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.series import order_of
from sim.mail.message.rows import Rows
from sim.mail.queue.attempt_times import Slots


@dataclass(slots=True)
class Timetable:
    """Parked rows by number: offers and limits, each in order of time.

    The first `seen` offers have been made (some of them ahead of time, up to `looked_ms`), the first `done`
    limits are past.
    """

    offer_ms: I64
    offered: NDArray[np.intp]
    failed_before: NDArray[np.int32]
    """For each n, how many of the first n offers are of rows that have failed; one more entry than there are
    offers.
    """
    limit_ms: I64
    over: NDArray[np.intp]
    failed_limit_ms: I64
    """The limits of those that have failed."""
    least_offered: NDArray[np.intp]
    least_over: NDArray[np.intp]
    """The lowest of the numbers in `offered` and in `over`, from each on."""
    seen: int = 0
    done: int = 0
    looked_ms: int = -(1 << 62)

    def offers(self, bound_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that are offered before `bound_ms` and have not been returned, and when."""
        some = slice(self.seen, int(self.offer_ms.searchsorted(bound_ms)))
        self.seen, self.looked_ms = some.stop, bound_ms
        return self.offered[some], self.offer_ms[some]

    def limits(self, to_ms: int) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit before `to_ms` and have not been returned, and when."""
        some = slice(self.done, int(self.limit_ms.searchsorted(to_ms)))
        self.done = some.stop
        return self.over[some], self.limit_ms[some]

    def rewind(self, now_ms: int) -> None:
        """Offers at `now_ms` and later are cancelled."""
        self.seen, self.looked_ms = int(self.offer_ms.searchsorted(now_ms)), now_ms

    def remaining(self, now_ms: int) -> NDArray[np.intp]:
        """Rows that are due at `now_ms` or later, ascending."""
        due = np.zeros(len(self.offered) + len(self.over), dtype=np.bool_)
        due[self.offered[self.offer_ms.searchsorted(now_ms) :]] = True
        due[self.over[self.limit_ms.searchsorted(now_ms) :]] = True
        return np.flatnonzero(due)

    def failed_to_come(self) -> int:
        """The number of failed rows with an offer still to come that has not been returned."""
        return int(self.failed_before[-1] - self.failed_before[self.seen])

    def failed_limits(self) -> I64:
        """The limits still to come of rows that have failed."""
        past = (
            self.failed_limit_ms.searchsorted(self.limit_ms[self.done - 1], side="right") if self.done else 0
        )
        return self.failed_limit_ms[past:]

    def leaves_unseen(self, count: int) -> bool:
        """True if the offer or limit of one of the first `count` rows is beyond the moment looked up to."""
        rest = self.least_offered[self.seen :][:1], self.least_over[self._limits_seen() :][:1]
        return any(len(least) and least[0] < count for least in rest)

    def coming_limits(self) -> tuple[NDArray[np.intp], I64]:
        """Rows that reach their limit up to the end of the forecast and are not past, and when."""
        some = slice(self.done, max(self._limits_seen(), self.done))
        return self.over[some], self.limit_ms[some]

    def next_limit(self) -> int | None:
        """The time at which the next row reaches its limit, None if none does."""
        return int(self.limit_ms[self.done]) if self.done < len(self.limit_ms) else None

    def _limits_seen(self) -> int:
        return int(self.limit_ms.searchsorted(self.looked_ms))


def timetable(rows: Rows, slots: Slots) -> Timetable:
    """The timetable of `rows`: each is offered at its next slot, unless its limit comes first."""
    next_ms, limit_ms = slots.next_ms(rows), slots.give_ups_ms(rows.arrival_ms)
    bounces = limit_ms < next_ms + (not slots.last_try)
    offered, offer_ms = _by_time(np.flatnonzero(~bounces), next_ms)
    over, over_ms = _by_time(np.flatnonzero(bounces), limit_ms)
    failed_before = np.zeros(len(offered) + 1, dtype=np.int32)
    np.cumsum(rows.failed[offered], out=failed_before[1:])
    failed_limit_ms = over_ms[rows.failed[over]]
    least_offered, least_over = (np.minimum.accumulate(some[::-1])[::-1] for some in (offered, over))
    return Timetable(
        offer_ms, offered, failed_before, over_ms, over, failed_limit_ms, least_offered, least_over
    )


def _by_time(which: NDArray[np.intp], time_ms: I64) -> tuple[NDArray[np.intp], I64]:
    """The rows `which` (ascending) by their time, then by number; and their times."""
    some_ms = time_ms[which]
    order = order_of(some_ms)
    return which[order], some_ms[order]
