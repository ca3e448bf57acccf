"""The world of an outage: mail, the gateway's queue, the mail server, the users. Truth, no people.

A `World` is a table for the conductor: `advance` covers a stretch in which nothing changes; the
other methods are changes, called at the moment that has been reached.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64, mix, pick
from sim.kernel.series import Times
from sim.mail.delivery import DeliveryQueue, Offsets, Receiver, Stretch
from sim.mail.failures import FailureWindows
from sim.mail.ledger import Ledger
from sim.mail.ownmail import Outbox, Posted, post, recipients
from sim.mail.rows import BOUNCED, DELIVERED, HELD, NEVER_MS, Gone, in_order
from sim.mail.traffic import DIRECTIONS, EMPTY, INBOUND, INTERNAL, OUTBOUND, REAL_MAIL, Messages, Stream, Week
from sim.mail.traffic import direction_of as directions_of
from sim.mail.users import Users


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """Everything that shapes the mail of one drill."""

    seed: int
    starts_utc_ms: int
    week: Week
    per_workday: tuple[int, int, int]
    """Messages of the whole organisation on a plain working day: inbound, outbound, internal."""
    offsets: Offsets
    limit_ms: int
    last_try: bool
    receiver: Receiver
    life_permille: tuple[int, ...]
    life_ms: tuple[int, ...]
    """Useful life of each kind of inbound mail; NEVER_MS: it stays useful."""


class World:
    """See the module. `now_ms` is the bound up to which everything has happened."""

    def __init__(
        self, spec: WorldSpec, users: Users, windows: FailureWindows, watch_gone: Callable[[Gone], None]
    ):
        """`watch_gone` is told of every message that leaves, in order."""
        self._spec, self.users, self._watch_gone = spec, users, watch_gone
        self.queue = DeliveryQueue(spec.offsets, spec.limit_ms, spec.last_try, spec.receiver, windows)
        self.outbox = Outbox(spec.seed)
        self.ledger = Ledger()
        self._streams = [
            Stream(spec.seed, direction, spec.week, spec.per_workday[direction], spec.starts_utc_ms)
            for direction in range(len(DIRECTIONS))
        ]
        self._real = EMPTY
        self._record = Fingerprint("mail 1: time_ms kind id arrival_ms attempts")
        self.sent = Times()
        """When outbound messages left for the internet."""
        self._late = 0
        self._planned: Stretch | None = None
        self.now_ms = 0

    # A quiet stretch

    def advance(self, to_ms: int) -> None:
        """Everything in [now, to_ms)."""
        stretch = self._plan(to_ms, exactly=True)
        mail, posted = self._mail(to_ms)
        out = self.queue.advance(stretch)
        out = in_order(out, self.outbox.leave(to_ms))
        for part in posted:
            out = in_order(out, part.gone)
            self.outbox.put(part.outbox)
        for direction, stream in enumerate(self._streams):
            self.ledger.enter(direction, len(mail[direction]))
            stream.take(to_ms)
        self.ledger.enter(INBOUND, len(self._real))
        self._real, self._planned, self.now_ms = EMPTY, None, to_ms
        self._leave(out)

    def _mail(self, to_ms: int) -> tuple[list[Messages], list[Posted]]:
        mail = [stream.peek(to_ms) for stream in self._streams]
        posted = [
            post(self._spec.seed, mail[direction], self.users, self.queue.answers, direction == INTERNAL)
            for direction in (OUTBOUND, INTERNAL)
        ]
        return mail, posted

    def _plan(self, to_ms: int, exactly: bool = False) -> Stretch:
        """What the queue will do up to `to_ms` (or, unless `exactly`, further) if nothing changes."""
        known = self._planned
        if known is not None and (known.to_ms == to_ms or (known.to_ms > to_ms and not exactly)):
            return known
        mail, posted = self._mail(to_ms)
        parts = [mail[INBOUND], *(part.queued for part in posted), self._real]
        ids = np.concatenate([part.id for part in parts])
        arrival_ms = np.concatenate([part.arrival_ms for part in parts])
        user = recipients(self._spec.seed, ids, self.users.count)
        self._planned = self.queue.plan(to_ms, ids, arrival_ms, user)
        return self._planned

    def _leave(self, out: Gone) -> None:
        if not len(out):
            return
        self._record.rows(out.time_ms, out.kind, out.id, out.arrival_ms, out.attempts)
        self.ledger.leave(out)
        inbound = (directions_of(out.id) == INBOUND) & (out.kind == DELIVERED)
        self._late += self._count_late(
            out.id[inbound], out.user[inbound], out.arrival_ms[inbound], out.time_ms[inbound]
        )
        self.sent.extend(out.time_ms[directions_of(out.id) == OUTBOUND])
        self._watch_gone(out)

    def _count_late(self, ids: I64, user: NDArray[np.int32], arrival_ms: I64, by_ms: I64) -> int:
        """How many were worthless before they could be read, at the latest at `by_ms`."""
        waited = by_ms - arrival_ms > min(self._spec.life_ms)
        ids, user, arrival_ms, by_ms = ids[waited], user[waited], arrival_ms[waited], by_ms[waited]
        kind = pick(mix(self._spec.seed, "useful life", ids), list(self._spec.life_permille))
        life_ms = np.array(self._spec.life_ms, dtype=np.int64)[kind]
        return int((self.users.readable_from(user, arrival_ms, by_ms) - arrival_ms > life_ms).sum())

    # Changes

    def server_stops(self) -> None:
        self._changed(self.queue.refuse())
        self.outbox.server_lost()
        self.users.server_lost(self.now_ms)

    def server_starts(self) -> None:
        self.queue.accept()
        self._planned = None
        self.outbox.server_back(self.now_ms)
        self.users.server_back(self.now_ms)

    def pause(self) -> None:
        self.queue.pause()
        self._planned = None

    def resume(self) -> None:
        self._changed(self.queue.resume())

    def retry(self) -> None:
        self._changed(self.queue.retry())

    def extend(self, limit_ms: int) -> None:
        self.queue.extend(limit_ms)
        self._planned = None

    def users_changed(self) -> None:
        """To be called after a change to `users`, before time goes on."""
        self._planned = None

    def receive(self, number: int) -> int:
        """The `number`-th real message arrives now; returns its identity."""
        identity = REAL_MAIL + number
        one = np.array([identity], dtype=np.int64), np.array([self.now_ms], dtype=np.int64)
        self._real = Messages(
            np.concatenate([self._real.id, one[0]]), np.concatenate([self._real.arrival_ms, one[1]])
        )
        self._planned = None
        return identity

    def _changed(self, out: Gone) -> None:
        self._planned = None
        self._leave(out)

    # Looking up

    def on_retry(self, grid_ms: I64, bound_ms: int) -> I64:
        """See `monitors.Outlook`; moments in [now, bound_ms)."""
        if int(grid_ms[-1]) <= self.now_ms:
            rows = self.queue.rows
            return np.full(len(grid_ms), int((rows.failed & (rows.state != HELD)).sum()), dtype=np.int64)
        stretch = self._plan(bound_ms)
        old = len(stretch.rows) - stretch.fresh
        counted = stretch.rows.failed & (stretch.rows.state != HELD)
        counted[:old] = self.queue.rows.failed & (self.queue.rows.state != HELD)
        since_ms = np.where(np.arange(len(counted)) < old, 0, stretch.rows.arrival_ms)[counted]
        until_ms = stretch.left_ms[counted]
        entered = np.searchsorted(np.sort(since_ms), grid_ms)
        return (entered - np.searchsorted(np.sort(until_ms), grid_ms)).astype(np.int64)

    def failed_windows(self, first: int, after: int, bound_ms: int) -> NDArray[np.bool_]:
        """See `monitors.Outlook`."""
        ahead = self._plan(bound_ms).failed_slots if bound_ms > self.now_ms else ()
        return self.queue.failures.outlook(first, after, ahead)

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when nothing that arrived before `before_ms` is queued."""
        old = self.queue.rows.arrival_ms < before_ms
        if not old.any():
            return self.now_ms
        last_ms = int(self._plan(bound_ms).left_ms[: len(old)][old].max()) + 1
        return last_ms if last_ms < bound_ms else None

    def next_bounce(self, bound_ms: int) -> int | None:
        """The first moment in [now, bound_ms) when the queue gives a message up."""
        queue = self.queue
        oldest_ms = int(queue.rows.arrival_ms.min()) if len(queue.rows) else self.now_ms
        if oldest_ms + queue.expiry_age_ms >= bound_ms:
            return None
        stretch = self._plan(bound_ms)
        moments_ms = stretch.left_ms[(stretch.left_ms < bound_ms) & (stretch.kind == BOUNCED)]
        return int(moments_ms.min()) if len(moments_ms) else None

    def custody(self) -> dict[str, dict[str, int]]:
        """The ledger now: account by account and direction, zero accounts left out."""
        live = directions_of(self.queue.rows.id)
        unsent = directions_of(self.outbox.mail.id)
        book: dict[str, dict[str, int]] = {}
        for direction, name in enumerate(DIRECTIONS):
            counts = {
                "at_sender": int((unsent == direction).sum()),
                "gateway_queue": int((live == direction).sum())
                + (len(self._real) if direction == INBOUND else 0),
                "delivered": int(self.ledger.delivered[direction]),
                "bounced": int(self.ledger.bounced[direction]),
            }
            book[name] = {account: count for account, count in counts.items() if count}
        return book

    def generated(self) -> tuple[int, int, int]:
        a, b, c = (int(n) for n in self.ledger.generated)
        return a + len(self._real), b, c

    def attempts(self) -> dict[str, int]:
        """Connections opened for messages of each direction so far."""
        live = directions_of(self.queue.rows.id)
        now = np.bincount(live, weights=self.queue.rows.attempts, minlength=3).astype(np.int64)
        return {name: int(self.ledger.attempts[d] + now[d]) for d, name in enumerate(DIRECTIONS)}

    def flags(self) -> dict[str, int]:
        """Flags beside the ledger, over all directions."""
        rows, now = self.queue.rows, np.int64(self.now_ms)
        inbound = directions_of(rows.id) == INBOUND
        by_ms = np.full(int(inbound.sum()), self.now_ms, dtype=np.int64)
        late = self._count_late(rows.id[inbound], rows.user[inbound], rows.arrival_ms[inbound], by_ms)
        return {
            "readable": int(self.users.in_continuity(rows.user, now).sum()),
            "late": self._late + late,
            "unfiltered": 0,
            "recoverable": int(self.ledger.bounced.sum()),
            "duplicates": 0,
        }

    def digest(self, record: Fingerprint) -> None:
        """Add everything that has left, and the live rows by id, to `record`."""
        record.row((), self._record.hexdigest())
        rows = self.queue.rows
        order = np.argsort(rows.id)
        live = (
            rows.id,
            rows.arrival_ms,
            rows.state,
            rows.touch_ms,
            rows.offered_ms,
            rows.end_ms,
            rows.attempts,
        )
        record.rows(*(column[order] for column in live))
        unsent = self.outbox.mail
        order = np.argsort(unsent.id)
        record.rows(unsent.id[order], unsent.arrival_ms[order], self.outbox.due_ms[order])
        record.rows(*(np.sort(self._real.id),) * 2)


__all__ = ["NEVER_MS", "World", "WorldSpec"]
