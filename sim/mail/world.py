"""The world of an outage: mail, the gateway's queue, the mail server, the users. Truth, no people.

A `World` is a table for the conductor: `advance` covers a stretch in which nothing changes; the
other methods are changes, called at the moment that has been reached.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64, mix, pick
from sim.kernel.series import Times
from sim.mail.delivery import DeliveryQueue
from sim.mail.failures import FailureWindows
from sim.mail.ledger import Ledger
from sim.mail.ownmail import Outbox, Posted, post, recipients
from sim.mail.rows import DELIVERED, NEVER_MS, Gone, Rows, fresh_rows, joined
from sim.mail.service import Receiver
from sim.mail.slots import Offsets, Slots
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


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in the inbound queue: what is looked at often. Columns of equal length."""

    NAMES: ClassVar = ("id", "arrival_ms", "user", "worthless_ms")

    id: I64
    arrival_ms: I64
    user: NDArray[np.int32]
    worthless_ms: I64

    def __len__(self) -> int:
        return len(self.id)


class World:
    """See the module. `now_ms` is the bound up to which everything has happened."""

    def __init__(
        self, spec: WorldSpec, users: Users, windows: FailureWindows, watch_gone: Callable[[Gone], None]
    ):
        """`watch_gone` is told of every message that leaves, in order."""
        self._spec, self.users, self._watch_gone = spec, users, watch_gone
        slots = Slots(spec.offsets, spec.limit_ms, spec.last_try)
        self.queue = DeliveryQueue(slots, spec.receiver, windows, self._incoming)
        self._outboxes = {direction: Outbox(spec.seed) for direction in (OUTBOUND, INTERNAL)}
        self.ledger = Ledger()
        self._streams = [
            Stream(spec.seed, direction, spec.week, spec.per_workday[direction], spec.starts_utc_ms)
            for direction in range(len(DIRECTIONS))
        ]
        self._real = EMPTY
        self._record = Fingerprint("queue 2: time_ms kind id arrival_ms attempts")
        self._records = {
            direction: Fingerprint(f"{DIRECTIONS[direction]} 2: id arrival_ms sent_ms")
            for direction in self._outboxes
        }
        """What has left the queue, and each kind of Outbox; mail that leaves at once is in the totals."""
        self.arrived = Times()
        """When inbound messages came from the internet."""
        self.sent = Times()
        """When outbound messages left for the internet."""
        self._late = 0
        self.now_ms = 0

    # A quiet stretch

    def advance(self, to_ms: int) -> None:
        """Everything in [now, to_ms)."""
        out = self.queue.advance(to_ms)
        arrived_ms = self._streams[INBOUND].between(self.now_ms, to_ms).arrival_ms
        self.ledger.enter(INBOUND, len(arrived_ms) + len(self._real))
        self.arrived.extend(np.concatenate([self._real.arrival_ms, arrived_ms]))
        for direction in (OUTBOUND, INTERNAL):
            self._send_own(direction, to_ms)
        for stream in self._streams:
            stream.forget(to_ms)
        self._real, self.now_ms = EMPTY, to_ms
        self._leave(out)

    def _send_own(self, direction: int, to_ms: int) -> None:
        """What users write in [now, to_ms), and what leaves their Outboxes."""
        stream, outbox = self._streams[direction], self._outboxes[direction]
        count = stream.count(self.now_ms, to_ms)
        self.ledger.enter(direction, count)
        late, sent_ms = outbox.leave(to_ms)
        if len(late):
            self._records[direction].rows(late.id, late.arrival_ms, sent_ms)
            self.ledger.leave_own(direction, sent_ms - late.arrival_ms)
        if self.queue.answers and not self.users.events and direction == INTERNAL:
            self.ledger.leave_at_once(direction, count)
            return  # nobody asks for the single messages: they are not made
        posted = self._post(stream.between(self.now_ms, to_ms), direction)
        self.ledger.leave_at_once(direction, len(posted.at_once))
        outbox.put(posted.outbox)
        if direction == OUTBOUND:
            both_ms = np.concatenate([posted.at_once.arrival_ms, sent_ms])
            self.sent.extend(np.sort(both_ms) if len(sent_ms) else both_ms)

    def _post(self, mail: Messages, direction: int) -> Posted:
        return post(self._spec.seed, mail, self.users, self.queue.answers, direction == INTERNAL)

    def _incoming(self, a_ms: int, b_ms: int) -> Rows:
        """What arrives in the gateway's inbound queue in [a_ms, b_ms) if nothing changes."""
        between_colleagues = self._post(self._streams[INTERNAL].between(a_ms, b_ms), INTERNAL).queued
        parts = [self._streams[INBOUND].between(a_ms, b_ms), between_colleagues]
        if a_ms <= self.now_ms < b_ms:
            parts.append(self._real)
        ids = np.concatenate([part.id for part in parts])
        arrival_ms = np.concatenate([part.arrival_ms for part in parts])
        return self._fresh(ids, arrival_ms).in_arrival_order()

    def _fresh(self, ids: I64, arrival_ms: I64) -> Rows:
        """Messages that have just been accepted, with what is drawn for them."""
        seed, life_ms = self._spec.seed, np.array(self._spec.life_ms, dtype=np.int64)
        life = pick(mix(seed, "useful life", ids), list(self._spec.life_permille))
        worthless_ms = np.minimum(arrival_ms + life_ms[life], NEVER_MS)
        return fresh_rows(ids, arrival_ms, recipients(seed, ids, self.users.count), worthless_ms)

    def _leave(self, out: Gone) -> None:
        if not len(out):
            return
        self._record.rows(out.time_ms, out.kind, out.id, out.arrival_ms, out.attempts)
        self.ledger.leave(out)
        read = (directions_of(out.id) == INBOUND) & (out.kind == DELIVERED) & (out.worthless_ms < out.time_ms)
        self._late += self._count_late(
            out.user[read], out.arrival_ms[read], out.time_ms[read], out.worthless_ms[read]
        )
        self._watch_gone(out)

    def _count_late(self, user: NDArray[np.int32], arrival_ms: I64, by_ms: I64, worthless_ms: I64) -> int:
        """How many were worthless before they could be read, at the latest at `by_ms`."""
        return int((self.users.readable_from(user, arrival_ms, by_ms) > worthless_ms).sum())

    # Changes

    def server_stops(self) -> None:
        self._leave(self.queue.refuse())
        for outbox in self._outboxes.values():
            outbox.server_lost()
        self.users.server_lost(self.now_ms)

    def server_starts(self) -> None:
        self.queue.accept()
        for outbox in self._outboxes.values():
            outbox.server_back(self.now_ms)
        self.users.server_back(self.now_ms)

    def pause(self) -> None:
        self.queue.pause()

    def resume(self) -> None:
        self._leave(self.queue.resume())

    def retry(self) -> None:
        self._leave(self.queue.retry())

    def extend(self, limit_ms: int) -> None:
        self.queue.extend(limit_ms)

    def users_changed(self) -> None:
        """To be called after a change to `users`, before time goes on."""
        self.queue.forget_ahead()

    def receive(self, number: int) -> int:
        """The `number`-th real message arrives now; returns its identity."""
        identity = REAL_MAIL + number
        one = np.array([identity], dtype=np.int64), np.array([self.now_ms], dtype=np.int64)
        self._real = Messages(
            np.concatenate([self._real.id, one[0]]), np.concatenate([self._real.arrival_ms, one[1]])
        )
        self.queue.forget_ahead()
        return identity

    # Looking up

    def live(self) -> Rows:
        """Every message in the gateway's inbound queue now."""
        return joined([self.queue.live(), self._arriving()])

    def members(self) -> Members:
        """The same, without what only the retry rules need: cheap to ask for."""
        queued = self.queue.members()
        if not len(self._real):
            return Members(**queued)
        arriving = self._arriving()
        return Members(*(np.concatenate([queued[name], getattr(arriving, name)]) for name in Members.NAMES))

    def newest(self, count: int) -> Rows:
        """The newest messages in the inbound queue, and every real one, by arrival."""
        return joined([self.queue.newest(count, REAL_MAIL), self._arriving()]).in_arrival_order()

    def _arriving(self) -> Rows:
        """Real mail that arrives in this very millisecond."""
        return self._fresh(self._real.id, self._real.arrival_ms)

    def custody(self, members: Members | None = None) -> dict[str, dict[str, int]]:
        """The ledger now: account by account and direction, zero accounts left out.

        `members`: `members()`, if they are known already.
        """
        live = np.bincount(directions_of((members or self.members()).id), minlength=3)
        book: dict[str, dict[str, int]] = {}
        for direction, name in enumerate(DIRECTIONS):
            counts = {
                "at_sender": len(self._outboxes.get(direction, ())),
                "gateway_queue": int(live[direction]),
                "delivered": int(self.ledger.delivered[direction]),
                "bounced": int(self.ledger.bounced[direction]),
            }
            book[name] = {account: count for account, count in counts.items() if count}
        return book

    def generated(self) -> tuple[int, int, int]:
        """Messages that have come into being, by direction."""
        a, b, c = (int(n) for n in self.ledger.generated)
        return a + len(self._real), b, c

    def attempts(self) -> dict[str, int]:
        """Connections opened for messages of each direction so far."""
        rows = self.live()
        now = np.bincount(directions_of(rows.id), weights=rows.attempts, minlength=3).astype(np.int64)
        return {name: int(self.ledger.attempts[d] + now[d]) for d, name in enumerate(DIRECTIONS)}

    def flags(self, members: Members | None = None) -> dict[str, int]:
        """Flags beside the ledger, over all directions; `members` as for `custody`."""
        queued = members or self.members()
        over = (queued.worthless_ms < self.now_ms) & (directions_of(queued.id) == INBOUND)
        user, arrival_ms, worthless_ms = queued.user[over], queued.arrival_ms[over], queued.worthless_ms[over]
        by_ms = np.full(len(user), self.now_ms, dtype=np.int64)
        return {
            "readable": int(self.users.in_continuity(queued.user, np.int64(self.now_ms)).sum()),
            "late": self._late + self._count_late(user, arrival_ms, by_ms, worthless_ms),
            "unfiltered": 0,
            "recoverable": int(self.ledger.bounced.sum()),
            "duplicates": 0,
        }

    def digest(self, record: Fingerprint) -> None:
        """Add everything that has left, and the live rows by id, to `record`."""
        for stream in (self._record, *self._records.values()):
            record.row((), stream.hexdigest())
        totals = (self.ledger.generated, self.ledger.delivered, self.ledger.bounced, self.ledger.attempts)
        record.rows(*totals)
        record.row((self.queue.answers, self.queue.paused, self.queue.slots.limit_ms))
        waiting, line = self.queue.between_attempts(), self.queue.line.live(self.now_ms)
        offered_ms, start_ms = self.queue.line.times(self.now_ms)
        for rows, times in ((waiting, (waiting.since_ms,) * 2), (line, (offered_ms, start_ms))):
            order = np.argsort(rows.id)
            live = (rows.id, rows.arrival_ms, rows.attempts, rows.failed.astype(np.int8), *times)
            record.rows(*(column[order] for column in live))
        for outbox in self._outboxes.values():
            unsent, due_ms = outbox.live()
            record.rows(unsent.id, unsent.arrival_ms, due_ms)
        record.rows(np.sort(self._real.id))
