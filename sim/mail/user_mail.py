"""Users' own mail, external and internal, on its way from their mail clients.

While the mail server is reachable, mail between colleagues is delivered at once and outbound mail enters the
server's queue. In a continuity event the app passes it to the gateway. Otherwise it waits in the sender's
Outbox until the client finds the server again.
"""

from collections.abc import Callable

import numpy as np

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.series import Times
from sim.mail.accounts.duplicates import Copies
from sim.mail.accounts.ledger import Ledger
from sim.mail.gateway.held_mail import HeldMail
from sim.mail.gateway.outbound_queue import OutgoingQueue
from sim.mail.message.growing_columns import Columns
from sim.mail.message.real_arrivals import RealArrivals
from sim.mail.message.rows import DELIVERED, Gone
from sim.mail.message.traffic import DIRECTIONS, EMPTY, INTERNAL, OUTBOUND, Messages, Stream
from sim.mail.platforms.platform import Platform
from sim.mail.routes.connector import CONNECTORS, GATEWAY, Outbound
from sim.mail.routes.inbound import Come
from sim.mail.senders.arrivals import FOR_GOOD, Arrivals
from sim.mail.users.mail_clients import MailClients
from sim.mail.users.users import Users
from sim.mail.world_spec import WorldSpec

BY_GATEWAY = CONNECTORS.index(GATEWAY)


class Writers:
    """Users' own mail. Everything before `now_ms` has happened."""

    def __init__(
        self,
        spec: WorldSpec,
        streams: dict[int, Stream],
        users: Users,
        ledger: Ledger,
        platform: Platform,
        copies: Copies,
    ) -> None:
        """`streams`: mail by direction, OUTBOUND and INTERNAL. `platform`: the sending platform of the
        mail server.
        """
        self._copies = copies
        seed = spec.seed
        self._users, self._ledger = users, ledger
        self.clients = MailClients(seed, streams, users, spec.reconnect_ms)
        self._records = {
            direction: Fingerprint(f"{DIRECTIONS[direction]} 2: id arrival_ms sent_ms")
            for direction in streams
        }
        """A fingerprint, for each direction, of mail from Outboxes; mail that leaves at once is in the
        totals.
        """
        self._gateway_record = Fingerprint("outgoing 1: time_ms kind id arrival_ms attempts")
        self.outbound = Outbound(seed, platform, self.clients.to_server)
        self.outgoing = OutgoingQueue(spec, self._gateway_takes, self.outbound.begin, self._left_gateway)
        self.held = HeldMail(ledger)
        """Messages that the gateway has accepted from the mail server and is holding."""
        self._came_back = Columns({"time_ms": np.int64, "id": np.int64})
        """Messages returned to their senders at once or by hand because of a permanent rejection, not
        because of their age.
        """
        self.real = RealArrivals()
        """Real mail that the gateway's smart host accepts in the present millisecond."""
        self.real_leaves: Callable[[Gone], None] = lambda _out: None
        """Called with the messages that leave the gateway's outbound queue."""
        self.sent = Times()
        """The times at which outbound messages left for the internet."""
        self.now_ms = 0

    # A quiet stretch

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms)."""
        out = self.outgoing.advance(to_ms)
        gone = self.outbound.advance(to_ms)
        self._send(INTERNAL, to_ms)
        sent_ms = self._send(OUTBOUND, to_ms)
        if gone is not None:
            sent_ms = np.concatenate([sent_ms, self._left_server(gone), self._book(out)])
        self.sent.extend(np.sort(sent_ms, kind="stable"))  # merges ascending runs
        for stream in self.clients.streams.values():
            stream.forget(to_ms)
        real = self.real.passed()
        self._ledger.enter(OUTBOUND, len(real))
        if self.held.holding and len(real):
            self.held.keep(real.id, real.arrival_ms, real.arrival_ms)
        self.now_ms = to_ms

    def _send(self, direction: int, to_ms: int) -> I64:
        """Messages that users write in [now, to_ms), and messages that leave their Outboxes; returns the
        times at which mail left the organisation.
        """
        stream, outbox = self.clients.streams[direction], self.clients.outboxes[direction]
        modelled = direction == OUTBOUND and self.outbound.hop is not None
        passes = (
            direction == INTERNAL
            and not self._users.absences.anyone_lost
            and not self._users.membership.events
        )
        mail = EMPTY if passes else stream.between(self.now_ms, to_ms)
        count = stream.count(self.now_ms, to_ms) if passes else len(mail)
        self._ledger.enter(direction, count)
        late, sent_ms = outbox.leave(to_ms)
        if len(late):
            self._records[direction].rows(late.id, late.arrival_ms, sent_ms)
            if not modelled:
                self._copies.outbox(late, sent_ms)
                self._ledger.leave_own(direction, sent_ms - late.arrival_ms)
        if passes:
            self._ledger.leave_at_once(direction, count)
            return sent_ms  # individual messages are not needed, so they are not created
        posted = self.clients.post(mail, direction)
        outbox.put(posted.outbox)
        at_once = self.clients.by_app(posted.at_once) if modelled else posted.at_once
        if modelled and self.held.holding:
            self.held.keep(at_once.id, at_once.arrival_ms, at_once.arrival_ms)
            return at_once.arrival_ms[:0]
        if modelled and self.outgoing.modelled:
            return at_once.arrival_ms[:0]
        self._ledger.leave_at_once(direction, len(at_once))
        return np.concatenate([at_once.arrival_ms, sent_ms]) if not modelled else at_once.arrival_ms

    def _left_server(self, gone: Arrivals) -> I64:
        """Handle messages that the server's queue has passed on or returned; returns the times at which
        they were passed on.
        """
        written_ms = self.clients.from_outbox.of(gone.id, gone.written_ms)
        self.clients.from_outbox.forget(gone.id)
        sent = gone.host >= 0
        if self.held.holding:
            kept = gone.host == BY_GATEWAY
            self.held.keep(gone.id[kept], gone.time_ms[kept], written_ms[kept])
            sent &= ~kept
        elif self.outgoing.modelled:
            queued = gone.host == BY_GATEWAY
            late = queued & (written_ms < gone.time_ms)
            self.outgoing.written.note(gone.id[late], written_ms[late])
            sent &= ~queued
        returned, refused = gone.host < 0, gone.rejected
        rejected = int(refused.sum())
        self._ledger.returns.add("server was refused", gone.time_ms[refused])
        self._ledger.returns.add("server expired", gone.time_ms[returned & ~refused])
        self._came_back.append([gone.time_ms[refused], gone.id[refused]])
        tried = int(gone.tries.sum()) - int((~returned).sum())  # a success is counted on arrival
        self._ledger.leave_own(OUTBOUND, (gone.time_ms - written_ms)[sent])
        bounced = int(returned.sum()) - rejected
        self._ledger.give_up(OUTBOUND, rejected, bounced, tried, int(gone.put_off.sum()))
        self._ledger.put_aside(OUTBOUND, self.outbound.put_aside(gone))
        self._written_again(gone, written_ms)
        return gone.time_ms[sent]

    def _left_gateway(self, out: Gone) -> None:
        """Called when a change has made `out` leave the gateway's outbound queue."""
        returned = out.kind != DELIVERED
        self._came_back.append([out.time_ms[returned], out.id[returned]])
        self.sent.extend(self._book(out))

    def _book(self, out: Gone) -> I64:
        """Called when `out` has left the gateway's outbound queue; returns the times at which it was
        passed on.
        """
        if not len(out):
            return out.time_ms
        written_ms = self.outgoing.written.of(out.id, out.arrival_ms)
        self.outgoing.written.forget(out.id)
        self._gateway_record.rows(out.time_ms, out.kind, out.id, out.arrival_ms, out.attempts)
        self._ledger.leave(out)
        self.real_leaves(out)
        self.outgoing.lately.note(out)
        sent = out.kind == DELIVERED
        outbound = np.full(int(sent.sum()), OUTBOUND, dtype=np.int64)
        self._ledger.deliver(outbound, (out.time_ms - written_ms)[sent])
        sent_ms: I64 = out.time_ms[sent]
        return sent_ms

    def _written_again(self, gone: Arrivals, written_ms: I64) -> None:
        """Record that some of the mail passed on late had been sent again, in the app or after a delay
        notice.
        """
        hop, late = self.outbound.hop, (gone.host >= 0) & (gone.time_ms > written_ms)
        if hop is None or not late.any():
            return
        ids, left_ms = gone.id[late], gone.time_ms[late]
        self._copies.outbox(Messages(ids, written_ms[late]), left_ms)
        entered_ms = gone.written_ms[late]
        told = hop.notices.had_one(ids, entered_ms, left_ms, gone.notified[late])
        self._copies.after_notice(ids[told], entered_ms[told] + hop.notices.age_ms(ids[told]))

    def _gateway_takes(self, a_ms: int, b_ms: int) -> Come:
        """Messages that the gateway accepts in [a, b) and does not hold: those from the mail server, and
        those from apps.
        """
        if self.held.holding or self.outbound.hop is None:
            return Come(EMPTY.id, EMPTY.id, EMPTY.id)
        come = self.outbound.hop.arrivals(a_ms, b_ms)
        here = come.host == BY_GATEWAY
        by_app = self.clients.app_mail(a_ms, b_ms)
        written_ms = self.clients.from_outbox.of(come.id[here], come.written_ms[here])
        real = self.real.between(a_ms, b_ms)
        return Come(
            np.concatenate([come.id[here], by_app.id, real.id]),
            np.concatenate([come.time_ms[here], by_app.arrival_ms, real.arrival_ms]),
            np.concatenate([written_ms, by_app.arrival_ms, real.arrival_ms]),
        )

    def came_back(self, a_ms: int, b_ms: int) -> tuple[I64, I64]:
        """The messages that bounce in [a, b) because they are permanently rejected or returned by hand,
        with their times, in order; beyond the present, on the assumption that nothing changes.
        """
        times_ms, ids = self._came_back["time_ms"], self._came_back["id"]
        hop, hosts = self.outbound.hop, self.outbound.hosts.values()
        refuses = any(host.at(self.now_ms).answer in FOR_GOOD for host in hosts)
        if hop is not None and refuses and b_ms > self.now_ms:
            come = hop.arrivals(self.now_ms, b_ms)
            times_ms = np.concatenate([times_ms, come.time_ms[come.rejected]])
            ids = np.concatenate([ids, come.id[come.rejected]])
        some = (a_ms <= times_ms) & (times_ms < b_ms)
        return times_ms[some], ids[some]

    # Changes

    def receive(self, identity: int) -> None:
        """Enter a real message that the gateway's smart host accepts now."""
        self.outgoing.begin()
        self.real.add(identity, self.now_ms)
        self.outgoing.forget_ahead()

    def reach(self) -> None:
        """Called when the set of users whose programs find the server has changed."""
        self.outbound.users_changed()
        self.clients.reach(self.now_ms)

    def gateway_holds(self, holds: bool) -> None:
        """Let the gateway hold mail from the connector from now on, or release all of it."""
        if holds:
            self.outbound.begin()
        elif len(self.held) and (self.outgoing.modelled or self.outgoing.takes_time):
            self.outgoing.begin()
            self.outgoing.release(self.held.released())
        elif len(self.held):
            released = self.held.released()
            outbound = np.full(len(released.id), OUTBOUND, dtype=np.int64)
            self._ledger.deliver(outbound, self.now_ms - released.written_ms)
            self.sent.extend(np.full(len(released.id), self.now_ms, dtype=np.int64))
        self.held.holding = holds
        self.outgoing.forget_ahead()

    # Looking up

    def unsent(self, direction: int) -> int:
        """Messages in Outboxes."""
        return len(self.clients.outboxes[direction])

    def waits(self, direction: int) -> list[I64]:
        """The time at which each queued message was written: for mail in Outboxes and, if outbound, in
        later queues.
        """
        parts = [self.clients.outboxes[direction].live()[0].arrival_ms]
        if direction == OUTBOUND:
            queued = self.outgoing.live()
            parts += [self.held.written_ms, self.outgoing.filter.written_ms]
            parts.append(self.outgoing.written.of(queued.id, queued.arrival_ms))
            if self.outbound.hop is not None:
                still = self.outbound.hop.still()
                parts.append(self.clients.from_outbox.of(still.id, still.arrival_ms))
        return parts

    def digest(self, record: Fingerprint) -> None:
        """Add everything that has left an Outbox, and the messages in them and in the server's queue."""
        for stream in self._records.values():
            record.row((), stream.hexdigest())
        for outbox in self.clients.outboxes.values():
            unsent, due_ms = outbox.live()
            record.rows(unsent.id, unsent.arrival_ms, due_ms)
        if self.outbound.hop is not None:
            record.rows(np.sort(self.held.written_ms))
            self.outbound.hop.digest(record)
        if self.outgoing.modelled:
            record.row((), self._gateway_record.hexdigest())
