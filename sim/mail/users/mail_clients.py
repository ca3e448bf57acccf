"""Users' mail clients: the route that each message takes from its writer, and mail that waits in Outboxes."""

import numpy as np

from sim.kernel.series import time_order
from sim.mail.message.traffic import EMPTY, INTERNAL, OUTBOUND, Messages, Stream
from sim.mail.message.written_at import Written
from sim.mail.users.outbox import Outbox, Posted, post, senders
from sim.mail.users.users import Users


class MailClients:
    """The mail clients and continuity apps of all users."""

    def __init__(self, seed: int, streams: dict[int, Stream], users: Users, reconnect_ms: int) -> None:
        """`streams`: mail by direction, OUTBOUND and INTERNAL."""
        self._seed, self._users = seed, users
        self.streams = streams
        self.outboxes = {direction: Outbox(seed, reconnect_ms) for direction in streams}
        self.from_outbox = Written()
        """The time at which each message was written that came to the server's queue from an Outbox."""

    def reach(self, now_ms: int) -> None:
        """Called when the set of users whose programs find the server has changed."""
        for outbox in self.outboxes.values():
            outbox.reach(now_ms, self._users.absences.lost)

    def to_gateway(self, a_ms: int, b_ms: int) -> Messages:
        """Mail between colleagues in continuity, which enters the gateway's *inbound* queue."""
        if not self._users.membership.events:
            return EMPTY  # individual messages are not needed, so they are not created
        return self.by_app(self.streams[INTERNAL].between(a_ms, b_ms))

    def to_server(self, a_ms: int, b_ms: int) -> Messages:
        """Outbound mail that enters the mail server's queue in [a, b), by (arrival, id)."""
        at_once = self.post(self.streams[OUTBOUND].between(a_ms, b_ms), OUTBOUND).at_once
        by_app = self.by_app(at_once)
        direct = ~np.isin(at_once.id, by_app.id)
        late, due_ms = self.outboxes[OUTBOUND].due(a_ms, b_ms)
        self.from_outbox.forget(late.id)
        self.from_outbox.note(late.id, late.arrival_ms)
        ids = np.concatenate([at_once.id[direct], late.id])
        arrival_ms = np.concatenate([at_once.arrival_ms[direct], due_ms])
        order = time_order(arrival_ms, ids)
        return Messages(ids[order], arrival_ms[order])

    def post(self, mail: Messages, direction: int) -> Posted:
        return post(self._seed, mail, self._users, direction == INTERNAL)

    def by_app(self, mail: Messages) -> Messages:
        """The part of `mail` that continuity apps pass to the gateway."""
        if not self._users.membership.events:
            return mail.until(0)[0]
        app = self._users.membership.in_continuity(
            senders(self._seed, mail.id, self._users.count), mail.arrival_ms
        )
        return Messages(mail.id[app], mail.arrival_ms[app])

    def app_mail(self, a_ms: int, b_ms: int) -> Messages:
        """Outbound mail that continuity apps pass to the gateway in [a, b)."""
        return self.by_app(self.post(self.streams[OUTBOUND].between(a_ms, b_ms), OUTBOUND).at_once)
