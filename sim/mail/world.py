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
from sim.mail.delivery import DeliveryQueue
from sim.mail.failures import FailureWindows
from sim.mail.ledger import Ledger
from sim.mail.ownmail import Outbox, Posted, post, recipients
from sim.mail.rows import DELIVERED, Gone, Rows, fresh_rows, in_order, joined
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


class World:
    """See the module. `now_ms` is the bound up to which everything has happened."""

    def __init__(
        self, spec: WorldSpec, users: Users, windows: FailureWindows, watch_gone: Callable[[Gone], None]
    ):
        """`watch_gone` is told of every message that leaves, in order."""
        self._spec, self.users, self._watch_gone = spec, users, watch_gone
        slots = Slots(spec.offsets, spec.limit_ms, spec.last_try)
        self.queue = DeliveryQueue(slots, spec.receiver, windows, self._incoming)
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
        self.now_ms = 0

    # A quiet stretch

    def advance(self, to_ms: int) -> None:
        """Everything in [now, to_ms)."""
        a_ms = self.now_ms
        parts = [self.queue.advance(to_ms), self.outbox.leave(to_ms)]
        for direction, stream in enumerate(self._streams):
            mail = stream.between(a_ms, to_ms)
            self.ledger.enter(direction, len(mail))
            if direction != INBOUND:
                posted = self._post(mail, direction)
                parts.append(posted.gone)
                self.outbox.put(posted.outbox)
            stream.forget(to_ms)
        self.ledger.enter(INBOUND, len(self._real))
        self._real, self.now_ms = EMPTY, to_ms
        self._leave(in_order(parts))

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
        return fresh_rows(
            ids, arrival_ms, recipients(self._spec.seed, ids, self.users.count)
        ).in_arrival_order()

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
        self._leave(self.queue.refuse())
        self.outbox.server_lost()
        self.users.server_lost(self.now_ms)

    def server_starts(self) -> None:
        self.queue.accept()
        self.outbox.server_back(self.now_ms)
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
        ids, arrival_ms = self._real.id, self._real.arrival_ms
        real = fresh_rows(ids, arrival_ms, recipients(self._spec.seed, ids, self.users.count))
        return joined([self.queue.live(), real])

    def custody(self, rows: Rows | None = None) -> dict[str, dict[str, int]]:
        """The ledger now: account by account and direction, zero accounts left out.

        `rows`: `live()`, if it is known already.
        """
        live = np.bincount(directions_of((rows or self.live()).id), minlength=3)
        unsent = np.bincount(directions_of(self.outbox.live()[0].id), minlength=3)
        book: dict[str, dict[str, int]] = {}
        for direction, name in enumerate(DIRECTIONS):
            counts = {
                "at_sender": int(unsent[direction]),
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

    def flags(self, rows: Rows | None = None) -> dict[str, int]:
        """Flags beside the ledger, over all directions; `rows` as for `custody`."""
        rows, now = rows or self.live(), np.int64(self.now_ms)
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
        record.row((self.queue.answers, self.queue.paused, self.queue.slots.limit_ms))
        waiting, line = self.queue.between_attempts(), self.queue.line.live(self.now_ms)
        offered_ms, start_ms = self.queue.line.times(self.now_ms)
        for rows, times in ((waiting, (waiting.since_ms,) * 2), (line, (offered_ms, start_ms))):
            order = np.argsort(rows.id)
            live = (rows.id, rows.arrival_ms, rows.attempts, rows.failed.astype(np.int8), *times)
            record.rows(*(column[order] for column in live))
        unsent, due_ms = self.outbox.live()
        record.rows(unsent.id, unsent.arrival_ms, due_ms)
        record.rows(np.sort(self._real.id))
