"""The accounts of a world: the custody of mail, the attempts made for it, its fingerprint. Read-only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import MINUTE_MS
from sim.mail.accounts.duplicates import Copies
from sim.mail.accounts.last_minute import PLACES, SERVER_QUEUE, LastMinute
from sim.mail.accounts.late_mail import InboundMail
from sim.mail.accounts.ledger import Ledger
from sim.mail.accounts.recent_mail import RecentMail
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.message.growing_columns import Columns
from sim.mail.message.queue_members import Members
from sim.mail.message.rows import Rows, joined
from sim.mail.message.traffic import DIRECTIONS, INBOUND, INTERNAL, OUTBOUND, Stream, count_directions
from sim.mail.message.traffic import direction_of as directions_of
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.routes.inbound import Inbound
from sim.mail.routes.suppression_lists import SuppressionLists
from sim.mail.server.intake import Intake
from sim.mail.user_mail import Writers
from sim.mail.users.users import Users


class Books:
    """The read-only part of a `World`, which sets the attributes named here."""

    now_ms: int
    users: Users
    ledger: Ledger
    copies: Copies
    inbound: Inbound
    writers: Writers
    cloud: CloudGateway
    queue: DeliveryQueue
    """The gateway's inbound queue."""
    relay: DeliveryQueue
    """The backup MX's queue for the mail server."""
    intake: Intake
    outlived: Columns
    """Messages that were no longer useful when they left their senders for a host of the organisation."""
    suppression: SuppressionLists
    """The suppression lists of bulk senders."""
    recent: RecentMail
    last_minute: LastMinute
    _stream: Stream
    """All mail that is written from outside."""
    _records: tuple[Fingerprint, Fingerprint]
    """Fingerprints of the messages that have left the gateway's queue, and the backup's."""

    @property
    def plays_senders(self) -> bool:
        """True if senders are simulated: a change then repeats their simulation from an earlier time."""
        return self.inbound.hop is not None

    @property
    def version(self) -> int:
        """The number of changes so far: forecasts are valid while it stays the same."""
        hops = (self.inbound.hop, self.writers.outbound.hop)
        pressure = self.intake.pressure
        return (
            self.queue.changes
            + self.relay.changes
            + self.writers.outgoing.queue.changes
            + sum(hop.made for hop in hops if hop is not None)
            + self.users.version
            + self.suppression.notified
            + (pressure.handed_out if pressure is not None else 0)
        )

    def generated(self) -> tuple[int, int, int]:
        """Messages written so far, by direction."""
        a, b, c = (int(n) for n in self.ledger.generated)
        return a + len(self.cloud.real), b, c

    def custody(self) -> dict[str, dict[str, int]]:
        """The ledger now: by account and direction, without zero accounts."""
        live = self.cloud.counted().by_direction()
        hop, ledger, writers = self.inbound.hop, self.ledger, self.writers
        live[OUTBOUND] += writers.outgoing.depth()
        held = count_directions(self.inbound.held.ids) + count_directions(self.cloud.processing.ids)
        held[OUTBOUND] += len(writers.held) + len(writers.outgoing.filter.ids)
        unsent = (hop.waiting() if hop else 0, *map(writers.unsent, (OUTBOUND, INTERNAL)))
        inside = self.intake.waiting()
        inside[OUTBOUND] += writers.outbound.waiting
        book: dict[str, dict[str, int]] = {}
        for direction, name in enumerate(DIRECTIONS):
            counts = {
                "at_sender": unsent[direction],
                "gateway_queue": int(live[direction]),
                "held": int(held[direction]),
                "server_queue": int(inside[direction]),
                "relay_queue": self.relay.depth() if direction == INBOUND else 0,
                "delivered": int(ledger.delivered[direction]),
                "junked": int(ledger.junked[direction]),
                "bounced": int(ledger.bounced[direction]),
                "rejected": int(ledger.rejected[direction]),
                "suppressed": ledger.suppressed if direction == INBOUND else 0,
            }
            book[name] = {account: count for account, count in counts.items() if count}
        return book

    def waits(self) -> dict[str, I64]:
        """The times at which all undelivered messages were written, unordered, by direction.

        The messages may be with their senders (for users: in the Outbox) or in any queue, as in the ledger.
        """
        inbound, written, inside = self.inbound, self.inbound.written, self.intake.submission.waiting()
        queued = [self.cloud.live(), self.relay.live(), self.cloud.kept()]
        ids = np.concatenate([*(rows.id for rows in queued), inside.id])
        written_ms = [written.of(rows.id, rows.arrival_ms) for rows in queued]
        moments_ms = np.concatenate([*written_ms, inside.written_ms])
        found = {
            name: moments_ms[directions_of(ids) == direction] for direction, name in enumerate(DIRECTIONS)
        }
        at_sender = [] if inbound.hop is None else [inbound.hop.still().arrival_ms]
        found["inbound"] = np.concatenate([found["inbound"], *at_sender])
        for direction in (OUTBOUND, INTERNAL):
            name = DIRECTIONS[direction]
            found[name] = np.concatenate([found[name], *self.writers.waits(direction)])
        return found

    def outbound_waits(self) -> I64:
        """The times at which outbound messages that have not left were written."""
        return np.concatenate(self.writers.waits(OUTBOUND))

    def backlog(self) -> dict[str, int]:
        """Messages now queued in each direction: at outside senders, at the backup MX or at the gateway.

        Mail in users' Outboxes does not count: it leaves at once, without a queue that has to drain first.
        """
        queues = ("gateway_queue", "relay_queue", "held")
        waits = {name: sum(book.get(one, 0) for one in queues) for name, book in self.custody().items()}
        waits["inbound"] += self.inbound.hop.waiting() if self.inbound.hop else 0
        return waits

    def a_minute_ago(self, before_ms: int) -> dict[str, int]:
        """Inbound messages from before `before_ms` that were still waiting a minute ago and have moved on
        since, by place; and all messages, of any age, that the mail server had accepted but not processed
        by then.
        """
        at_ms = self.now_ms - MINUTE_MS
        counts = {
            place: self.last_minute.were_there(place, at_ms, at_ms if place == SERVER_QUEUE else before_ms)
            for place in PLACES
        }
        inside = self.intake.submission.waiting()
        counts[SERVER_QUEUE] += int(((directions_of(inside.id) == INBOUND) & (inside.time_ms < at_ms)).sum())
        return counts

    def written_before(self, to_ms: int) -> I64:
        """The times at which recent mail from outside was written, including mail in [now, to); ascending."""
        coming_ms = self._stream.between(self.now_ms, to_ms).arrival_ms
        return (
            np.concatenate([self.recent.written_ms, coming_ms]) if len(coming_ms) else self.recent.written_ms
        )

    def attempts(self) -> dict[str, int]:
        """Connections opened for messages of each direction so far."""
        rows = joined([self.cloud.live(), self.relay.live(), self.writers.outgoing.live()])
        now = np.bincount(directions_of(rows.id), weights=rows.attempts, minlength=3).astype(np.int64)
        hops = (self.inbound.hop, self.writers.outbound.hop, None)
        tried = [int(hop.live().tries.sum()) if hop is not None else 0 for hop in hops]
        return {name: int(self.ledger.attempts[d] + now[d]) + tried[d] for d, name in enumerate(DIRECTIONS)}

    def deferrals(self) -> dict[str, int]:
        """Number of scans, so far, of messages of each direction without a connection."""
        hops = (self.inbound.hop, self.writers.outbound.hop, None)
        now = [int(hop.live().put_off.sum()) if hop is not None else 0 for hop in hops]
        return {name: int(self.ledger.deferrals[d]) + now[d] for d, name in enumerate(DIRECTIONS)}

    def flags(self, members: Members | None = None) -> dict[str, int]:
        """Flags outside the ledger, over all directions; `members`: `cloud.members()`, if already known."""
        queued = members or self.cloud.members()
        return {
            "readable": int(self.users.membership.in_continuity(queued.user, np.int64(self.now_ms)).sum()),
            "late": len(self.late(queued)),
            "unfiltered": self.intake.unfiltered,
            "recoverable": int(self.ledger.recoverable.sum()),
            "duplicates": sum(self.copies.counts(self.inbound.hop).values()),
        }

    def late(self, members: Members | None = None) -> I64:
        """Inbound messages whose useful life ended before they could be read; `members`: as for `flags`."""
        queued = members or self.cloud.members()
        inbound = directions_of(queued.id) == INBOUND
        columns = (queued.id, queued.user, queued.arrival_ms, queued.worthless_ms)
        return self.intake.late(self.now_ms, InboundMail(*(column[inbound] for column in columns)))

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first time in [now, bound) at which no message that had come to a queue before `before_ms`
        is queued anywhere.
        """
        moments = [self.cloud.emptied_of(before_ms, bound_ms)]
        hops = [hop for hop in (self.inbound.hop, self.writers.outbound.hop) if hop is not None]
        if hops:
            moments += [self.relay.emptied_of(before_ms, bound_ms)]
            moments += [hop.emptied_of(before_ms, bound_ms) for hop in hops]
        if self.writers.outgoing.modelled:
            moments.append(self.writers.outgoing.emptied_of(before_ms, bound_ms))
        passed_ms = self.cloud.processing.passed_of(before_ms)
        lines = [self.queue.line.last_end_of(passed_ms), self.relay.line.last_end_of(before_ms)]
        moments.append(self.intake.submission.rid_of(passed_ms, lines, bound_ms))
        known = [moment for moment in moments if moment is not None]
        return max(known) if len(known) == len(moments) else None

    def digest(self, record: Fingerprint) -> None:
        """Add everything that has left, and the live rows by id, to `record`."""
        left_gateway, left_backup = (some.hexdigest() for some in self._records)
        record.row((), left_gateway)
        self.writers.digest(record)
        if self.writers.outgoing.modelled:
            digest_queue(record, self.writers.outgoing.queue, self.now_ms)
        ledger = self.ledger
        record.rows(ledger.generated, ledger.delivered, ledger.bounced, ledger.attempts)
        digest_queue(record, self.queue, self.now_ms)
        self.intake.digest(record)
        if self.inbound.hop is not None:
            self.inbound.digest(record)
            record.row((), left_backup)
            digest_queue(record, self.relay, self.now_ms)
        record.rows(np.sort(self.cloud.real.id))
        if self.suppression.addresses:
            self.suppression.digest(record)
        self.cloud.processing.digest(record)
        self.writers.outgoing.filter.digest(record)
        self.copies.digest(record, self.inbound.hop)


def digest_queue(record: Fingerprint, queue: DeliveryQueue, now_ms: int) -> None:
    """Add the state of `queue` to `record`: the condition, the limits and pace, and the rows by id."""
    condition, slots, receiver = queue.condition, queue.slots, queue.line.receiver
    numbers = (
        condition.per_mille,
        queue.paused + 2 * queue.stopped,
        slots.limit_ms,
        slots.most_attempts or 0,
    )
    words = f"{condition.answer} {condition.of} {condition.reply}{condition.users or ''}"
    terms = () if slots.kept.uniform else slots.kept.terms
    record.row((*numbers, receiver.connections, receiver.per_message_ms, *terms), words)
    waiting, flying, line = queue.between_attempts(), queue.under_way(), queue.line.live(now_ms)
    found: tuple[tuple[Rows, tuple[I64, ...]], ...] = (
        (waiting, (waiting.since_ms,)),
        (flying.rows, (flying.begun_ms,)),
        (line, queue.line.times(now_ms)),
    )
    for rows, times in found:
        order = np.argsort(rows.id)
        live: list[NDArray[Any]] = [rows.id, rows.arrival_ms, rows.attempts, rows.failed.astype(np.int8)]
        record.rows(*(column[order] for column in live), *(column[order] for column in times))
