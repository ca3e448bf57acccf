"""The gateway's delivery queue: one retry clock per message, one receiver behind it.

While nothing changes, every message's fate is known in advance, so that a stretch of time costs
what leaves in it and not what waits. What waits between two attempts is in a lane
(`sim.mail.lanes`, `sim.mail.foretold`), one for each regime; what has been offered is in the line
(`sim.mail.line`), from which it is taken as fast as the receiver can.

A change (`meet`, `pause`, `resume`, `retry`, `extend`, …) is called at the moment up to which the
queue has been advanced; it settles what the old regime did and enters the new one. Looking ahead
takes in mail beyond the present; a change forgets it again.

Within one millisecond: changes, expiries, ends of service and of attempts, attempts by (arrival,
message), starts of service by (offered at, arrival, message).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.growing import Columns
from sim.kernel.series import Times
from sim.mail.condition import REFUSED, UP, Condition, Host
from sim.mail.failures import FailureWindows
from sim.mail.foretold import NONE_FLYING, Flying, Foretold
from sim.mail.lanes import Answering, Held, Lane, Refusing
from sim.mail.line import Line
from sim.mail.rows import (
    BOUNCED,
    DELIVERED,
    NO_ROWS,
    REJECTED,
    Gone,
    Rows,
    gone,
    joined,
    merged,
)
from sim.mail.service import Receiver
from sim.mail.slots import Slots

Incoming = Callable[[int, int], Rows]
"""Messages that arrive in [a, b), by (arrival, id), if nothing changes before b."""

CONNECT_MS = 60_000
"""How long a connection attempt waits for an answer, as another cloud gateway (Broadcom) publishes it."""


class DeliveryQueue:
    """See the module. Everything before `now_ms` has happened."""

    def __init__(
        self,
        slots: Slots,
        receiver: Receiver,
        windows: FailureWindows,
        incoming: Incoming,
        host: Host | None = None,
        connect_ms: int = CONNECT_MS,
    ) -> None:
        """`host`: the receiver in draws; `connect_ms`: when a connection attempt is given up."""
        self.slots, self._incoming, self._connect_ms = slots, incoming, connect_ms
        self._host = host or Host(0, "server")
        self.line = Line(receiver)
        self.condition, self.paused = UP, False
        self._settled_reply, self._dropped_reply = "", ""
        self.entered, self.left, self.bounced, self.delivered = Times(), Times(), Times(), Times()
        self._windows = windows
        self.now_ms, self._horizon_ms, self._entered_ms = 0, 0, 0
        self._ahead_ms = Columns({"arrival_ms": np.int64})
        self._enter(NO_ROWS)

    @property
    def answers(self) -> bool:
        """Whether the receiver takes any mail."""
        return not self.condition.total

    # Time

    def advance(self, to_ms: int) -> Gone:
        """Everything in [now, to_ms); returns who left."""
        self.look_ahead(to_ms)
        out = merged([self._lane.give_up(to_ms), self.line.leave(to_ms)])
        arrived = int(np.searchsorted(self._ahead_ms["arrival_ms"], to_ms))
        self.entered.extend(self._ahead_ms["arrival_ms"][:arrived])
        self._ahead_ms.drop(arrived)
        self.now_ms = to_ms
        return self._recorded(out)

    def look_ahead(self, bound_ms: int) -> None:
        """Take in what arrives and what comes due before `bound_ms`."""
        if bound_ms <= self._horizon_ms:
            return
        rows = self._incoming(self._horizon_ms, bound_ms)
        self._ahead_ms.append([rows.arrival_ms])
        self.line.offer(*self._lane.take_in(rows, bound_ms))
        self._horizon_ms = bound_ms

    def forget_ahead(self) -> None:
        """What was taken in beyond the present will be asked for again: something about it changes."""
        self._ahead_ms.cut(0)
        self._horizon_ms = self.now_ms
        self.line.cut(self.now_ms)
        self._lane.forget(self.now_ms)

    def _recorded(self, out: Gone) -> Gone:
        self.left.extend(out.time_ms)
        self.bounced.extend(out.time_ms[out.kind != DELIVERED])
        self.delivered.extend(out.time_ms[out.kind == DELIVERED])
        return out

    # Changes

    def meet(self, condition: Condition) -> Gone:
        """What the receiver does to attempts from now on; the rows that leave at once are returned.

        Who waits in the line meets it now. If it ends conversations, those under way fail as far as
        they meet it. Every message keeps its own clock (`release = own_timers`); attempts under way
        find out at their next packet.
        """
        parked, flying = self._settle()
        waiting, offered_ms = self.line.take_waiting(self.now_ms)
        self.condition = condition
        begun = self.line.begun()
        cut_off = self.line.take_begun(self._meets(begun, 0) & condition.breaks)
        fails = self._meets(waiting, 1)
        self.line.offer(waiting.take(~fails), offered_ms[~fails], firm=True, from_ms=self.now_ms)
        return self._after_attempts(parked, flying, waiting.take(fails), cut_off)

    def refuse(self) -> Gone:
        """The receiver stops answering: what is being taken is cut off, who waits in line is refused."""
        return self.meet(REFUSED)

    def accept(self) -> Gone:
        """The receiver takes everything again."""
        return self.meet(UP)

    def change_pace(self, receiver: Receiver) -> None:
        """The receiver takes more or less at a time, or faster or slower; what has begun ends as begun."""
        self.forget_ahead()
        self.line.change_pace(receiver, self.now_ms)

    def pause(self) -> Gone:
        """Nothing is attempted and nothing expires until `resume`; what is being taken goes on.

        Connection attempts that nobody has answered are given up.
        """
        parked, flying = self._settle()
        waiting, _offered_ms = self.line.take_waiting(self.now_ms)
        self.paused = True
        flying.rows.attempts[:] += 1
        return self._after_attempts(joined([parked, waiting]), NONE_FLYING, NO_ROWS, flying.rows)

    def resume(self) -> Gone:
        """Everything held is offered now; past its limit it bounces only if that attempt fails."""
        parked, flying = self._settle()
        self.paused = False
        return self._offer(parked, NO_ROWS, flying)

    def retry(self, identity: int | None = None) -> Gone:
        """An administrator's retry: everything between two attempts, or that one message, is offered now."""
        parked, flying = self._settle()
        which = self._named(parked, identity)
        return self._offer(parked.take(which), parked.take(~which), flying)

    def remove(self, kind: int, identity: int | None = None) -> Gone:
        """An administrator's reject (REJECTED) or early bounce (BOUNCED) of all that waits, or of one.

        What is being taken is not touched.
        """
        parked, flying = self._settle()
        waiting, offered_ms = self.line.take_waiting(self.now_ms)
        stays = ~self._named(waiting, identity)
        self.line.offer(waiting.take(stays), offered_ms[stays], firm=True, from_ms=self.now_ms)
        out, leaves = self._named(parked, identity), self._named(flying.rows, identity)
        rows = joined([parked.take(out), flying.rows.take(leaves), waiting.take(~stays)]).in_arrival_order()
        self._enter(parked.take(~out), flying.take(~leaves))
        return self._recorded(
            gone(rows, kind, np.full(len(rows), self.now_ms, dtype=np.int64), rows.tried_ms)
        )

    def extend(self, limit_ms: int, most_attempts: int | None = None) -> None:
        """The limit counts from arrival, for mail in the queue and for later mail; it never shrinks.

        `most_attempts`: the other limit from now on, if it changes too.
        """
        if limit_ms < self.slots.limit_ms:
            raise ValueError(f"the limit is {self.slots.limit_ms} ms and cannot become {limit_ms} ms")
        parked, flying = self._settle()
        self.slots.most_attempts = most_attempts or self.slots.most_attempts
        self.slots.set_limit(limit_ms)
        self._enter(parked, flying)

    def _settle(self) -> tuple[Rows, Flying]:
        """All rows between two attempts, as the present regime leaves them now; attempts under way."""
        self.forget_ahead()
        first, after = self._windows.index(self._entered_ms), self._windows.index(self.now_ms - 1) + 1
        failed = self._lane.failed_windows(self._windows, first, after, self.now_ms)
        self._windows.mark_windows(first, failed)
        self._settled_reply, self._windows.last_ms = self.last_reply, self.last_failure_ms
        return self.between_attempts(), self.under_way()

    def under_way(self) -> Flying:
        """Connection attempts that nobody has answered yet, and when each began."""
        return self._lane.flying(self.now_ms) if isinstance(self._lane, Foretold) else NONE_FLYING

    def between_attempts(self) -> Rows:
        """The rows that wait for an attempt, or are held, now, by arrival."""
        return self._counted(self._lane.present(self.now_ms))

    def _counted(self, which: "slice | NDArray[np.intp]") -> Rows:
        """Parked rows with their attempts up to now."""
        rows = self._lane.counted(which, self.now_ms)
        np.maximum(rows.since_ms, self.now_ms, out=rows.since_ms)
        return rows

    def _named(self, rows: Rows, identity: int | None) -> NDArray[np.bool_]:
        return np.full(len(rows), True) if identity is None else rows.id == identity

    def _meets(self, rows: Rows, more: int) -> NDArray[np.bool_]:
        """Whether attempt `attempts + more` of each row meets the condition's answer."""
        return self._host.meets(self.condition, rows, rows.attempts + np.int32(more))

    def _offer(self, rows: Rows, parked: Rows, flying: Flying) -> Gone:
        """An attempt of `rows` now."""
        fails = self._meets(rows, 1)
        through = rows.take(~fails)
        now_ms = np.full(len(through), self.now_ms, dtype=np.int64)
        self.line.offer(through, now_ms, firm=True)
        return self._after_attempts(parked, flying, rows.take(fails), NO_ROWS)

    def _after_attempts(self, parked: Rows, flying: Flying, met: Rows, failed: Rows) -> Gone:
        """Attempts of `met` begin now and meet the condition; those of `failed` (counted) have failed now.

        Past its limits a message bounces, else it joins `parked`. Enters the regime that follows.
        """
        answer = self.condition.answer
        if answer == "timeout":
            begun_ms = np.full(len(met), self.now_ms, dtype=np.int64)
            flying = Flying(joined([flying.rows, met]), np.concatenate([flying.begun_ms, begun_ms]))
            met = NO_ROWS
            self._dropped_reply = self.condition.reply
        met.attempts[:] += 1
        returned = met if answer == "reject" else NO_ROWS
        failing = failed if answer == "reject" else joined([failed, met])
        failing.failed[:] = True
        failing.since_ms[:] = self.now_ms + 1
        failing.tried_ms[:] = self.now_ms
        if len(failing) + len(returned):
            self._windows.mark(self.now_ms)
            self._settled_reply = self.condition.reply
        past = self.slots.past(failing, self.now_ms) & (not self.paused)
        rows = joined([failing.take(past), returned])
        kinds = np.where(np.arange(len(rows)) < int(past.sum()), np.int8(BOUNCED), np.int8(REJECTED))
        now_ms = np.full(len(rows), self.now_ms, dtype=np.int64)
        self._enter(joined([parked, failing.take(~past)]), flying)
        return self._recorded(gone(rows, kinds.astype(np.int8), now_ms, now_ms))

    def _enter(self, rows: Rows, flying: Flying = NONE_FLYING) -> None:
        """Begin the regime that `condition` and `paused` say, with `rows` between two attempts."""
        rows, condition = rows.in_arrival_order(), self.condition
        self._entered_ms = self.now_ms
        simple = condition.lets_through or (
            condition.total and condition.answer in ("refused", "defer") and not self.slots.may_run_out(rows)
        )
        if self.paused:
            self._lane: Lane = Held(rows)
        elif len(flying.rows) or not simple:
            self._lane = Foretold(
                rows, flying, self.slots, condition, self._host, self._connect_ms, self._windows, self.now_ms
            )
        else:
            self._lane = (
                Answering(rows, self.slots) if self.answers else Refusing(rows, self.slots, self.now_ms)
            )

    # Looking up

    def depth(self) -> int:
        """Messages in the queue now, those being taken included."""
        return len(self.entered) - len(self.left)

    def live(self) -> Rows:
        """Every message in the queue now: between two attempts by arrival, attempts under way, the line."""
        return joined([self.between_attempts(), self.under_way().rows, self.line.live(self.now_ms)])

    def newest(self, count: int, real_from: int) -> Rows:
        """The `count` newest parked rows and rows in the line, and those with ids from `real_from` on."""
        parked, line = self._lane.present(self.now_ms), self.line.live(self.now_ms)
        ids = self._lane.parked.columns["id"][parked]
        shown = np.union1d(np.flatnonzero(ids >= real_from), np.arange(max(0, len(ids) - count), len(ids)))
        numbers = shown + parked.start if isinstance(parked, slice) else parked[shown]
        newest = np.argsort(line.arrival_ms, kind="stable")[-count:]
        line = line.take(np.union1d(newest, np.flatnonzero(line.id >= real_from)))
        return joined([self._counted(numbers), self.under_way().rows, line])

    def members(self) -> dict[str, NDArray[Any]]:
        """Columns `id`, `arrival_ms`, `user`, `worthless_ms` of every message in the queue now."""
        parked, names = self._lane.present(self.now_ms), ("id", "arrival_ms", "user", "worthless_ms")
        flying = self.under_way().rows
        parts = {name: [self.line.column(name, self.now_ms), getattr(flying, name)] for name in names}
        waiting = {name: self._lane.parked.columns[name][parked] for name in names}
        if not len(parts["id"][0]) + len(flying):
            return waiting
        return {name: np.concatenate([waiting[name], *parts[name]]) for name in names}

    def on_retry(self, grid_ms: I64, bound_ms: int) -> I64:
        """Messages that have failed and still wait, at each moment of [now, bound_ms]; none while paused."""
        if self.paused:
            return np.zeros(len(grid_ms), dtype=np.int64)
        self.look_ahead(bound_ms)
        return self._lane.on_retry(grid_ms, self.line.ends_of_failed())

    def failed_windows(self, first: int, after: int, bound_ms: int) -> NDArray[np.bool_]:
        """Whether windows first <= n < after hold a failed attempt, if nothing changes before `bound_ms`."""
        known = self._windows.seen(first, after)
        if (
            self.paused
            or (self.condition.lets_through and isinstance(self._lane, Answering))
            or after <= first
        ):
            return known
        self.look_ahead(bound_ms)
        return known | self._lane.failed_windows(self._windows, first, after, bound_ms)

    @property
    def last_failure_ms(self) -> int | None:
        """The latest failed attempt."""
        known, last_ms = self._windows.last_ms, self._lane.last_failure_ms(self.now_ms)
        return (
            last_ms if known is None or (last_ms is None and known is None) else max(known, last_ms or known)
        )

    @property
    def last_reply(self) -> str:
        """What the receiver said to the latest failed attempt: the `reply` of the condition that it met."""
        last_ms = self._lane.last_failure_ms(self.now_ms)
        if last_ms is None:
            return self._settled_reply
        if isinstance(self._lane, Foretold) and last_ms == self._lane.last_drop_ms(self.now_ms):
            return self._dropped_reply
        return self.condition.reply

    def coming_deliveries(self, bound_ms: int) -> I64:
        """When messages are delivered in [now, bound_ms), if nothing changes; ascending."""
        self.look_ahead(bound_ms)
        return self.line.ends_before(bound_ms)

    def next_bounce(self, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when a message is given up."""
        self.look_ahead(bound_ms)
        coming_ms = self._lane.next_bounce()
        return coming_ms if coming_ms is not None and coming_ms < bound_ms else None

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when nothing that arrived before `before_ms` is queued."""
        self.look_ahead(bound_ms)
        last_ms = self._lane.last_limit(before_ms)
        if last_ms is None:
            return None
        end_ms = self.line.last_end_of(before_ms)
        empty_ms = max(self.now_ms, last_ms + 1, -1 if end_ms is None else end_ms + 1)
        return empty_ms if empty_ms < bound_ms else None
