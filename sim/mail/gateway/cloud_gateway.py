"""The inside of the cloud gateway: mail for the organisation that it has accepted but not passed on yet.

The gateway is a part of the `World`, which advances it and notifies it of changes; everything before `now_ms`
has happened.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.series import time_order
from sim.mail.gateway.accepted_mail import accepted
from sim.mail.gateway.processing_queue import Processing
from sim.mail.message.queue_counts import InQueue, QueuePart
from sim.mail.message.queue_members import Members
from sim.mail.message.rows import Gone, Rows, joined
from sim.mail.message.traffic import EMPTY, REAL_MAIL, Messages
from sim.mail.queue.attempt_times import Slots
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import ReceiverDraws
from sim.mail.routes.inbound import Come, Inbound
from sim.mail.world_spec import SERVER, WorldSpec


class CloudGateway:
    """Processing and inbound delivery queue of the cloud gateway."""

    def __init__(
        self,
        spec: WorldSpec,
        users: int,
        windows: FailureWindows,
        inbound: Inbound,
        colleagues: Callable[[int, int], Messages],
        left: Callable[[Gone], None],
        removed: Callable[[Gone], None],
    ) -> None:
        """`windows`: in which attempts at the mail server have failed. `colleagues`: internal mail that the
        gateway accepts in [a_ms, b_ms) if nothing changes. `left` is called with the messages that leave
        because of a command, `removed` with those that a command removes.
        """
        self._spec, self._users, self._inbound, self._colleagues = spec, users, inbound, colleagues
        self._left, self._removed = left, removed
        slots = Slots(spec.offsets, spec.limit_ms, spec.last_try, spec.most_attempts)
        server = ReceiverDraws(spec.seed, SERVER, spec.senders)
        self.queue = DeliveryQueue(
            slots, spec.receiver, windows, self._incoming, server, counts=spec.standing_counts
        )
        """The inbound delivery queue."""
        self.processing = Processing(self._comes, spec.filter.usual if spec.filter else None)
        self.most_connections: int | None = None
        """The limit that an administrator set on simultaneous deliveries; None: no limit."""
        self.real = EMPTY
        """Real messages that arrive in the present millisecond."""
        self.now_ms = 0

    def _incoming(self, a_ms: int, b_ms: int) -> Rows:
        """Messages that arrive in the inbound queue in [a_ms, b_ms) if nothing changes."""
        come = self.processing.passes(a_ms, b_ms)
        return self._fresh(come.id, come.arrival_ms, come.written_ms).in_arrival_order()

    def _comes(self, a_ms: int, b_ms: int) -> Come:
        """Messages that the gateway accepts, and does not hold, in [a_ms, b_ms) if nothing changes."""
        between_colleagues = self._colleagues(a_ms, b_ms)
        come = self._inbound.to_gateway(a_ms, b_ms)
        parts = [(come.id, come.arrival_ms, come.written_ms)]
        more = [] if self._inbound.held.hosts else [between_colleagues]
        if a_ms <= self.now_ms < b_ms and not self._inbound.held.hosts:
            more.append(self.real)
        parts += [(mail.id, mail.arrival_ms, mail.arrival_ms) for mail in more if len(mail)]
        if len(parts) == 1:
            return come
        ids, arrival_ms, written_ms = map(np.concatenate, zip(*parts, strict=True))
        order = time_order(arrival_ms, ids)
        return Come(ids[order], arrival_ms[order], written_ms[order])

    def process(self, to_ms: int) -> None:
        """Move messages that arrive before `to_ms` into the filter, and out of it those that have passed
        it by then.
        """
        came = self.processing.advance(to_ms)
        if came is not None:
            fresh = came.arrival_ms == came.written_ms  # for the other messages, this is known already
            self._inbound.written.note(came.id[fresh], came.written_ms[fresh])

    def filters(self, every_ms: int | None, *, dead: bool) -> None:
        """Set the filter's time for each message (None: its usual time) from now on; if `dead`, the filter
        stops.
        """
        self.processing.becomes(every_ms, stopped=dead)
        self.queue.forget_ahead()

    def release(self, held: Come) -> None:
        """Filter, from now on, the mail that hosts of the gateway have held."""
        self.processing.enters(held)
        self.queue.forget_ahead()

    def _fresh(self, ids: I64, arrival_ms: I64, written_ms: I64) -> Rows:
        return accepted(self._spec, self._users, ids, arrival_ms, written_ms)

    def passed(self, to_ms: int) -> None:
        """Called when everything before `to_ms` has happened, here and at the senders."""
        self.real, self.now_ms = EMPTY, to_ms

    def receive(self, identity: int) -> None:
        """Enter a real message that arrives now."""
        one = np.array([identity], dtype=np.int64), np.array([self.now_ms], dtype=np.int64)
        self.real = Messages(
            np.concatenate([self.real.id, one[0]]), np.concatenate([self.real.arrival_ms, one[1]])
        )
        self.queue.forget_ahead()

    # People's actions on the inbound queue

    def pause(self) -> None:
        """Pause the queue, as in `DeliveryQueue.pause`; the methods below are also those of
        `DeliveryQueue`.
        """
        self._left(self.queue.pause())

    def resume(self) -> None:
        """Resume the queue: all held messages are offered now."""
        self._left(self.queue.resume())

    def retry(self, ids: I64 | None = None, waiting: Rows | None = None) -> None:
        """Offer everything between two attempts, or the given messages, now: see `DeliveryQueue.retry`."""
        self._left(self.queue.retry(ids, waiting))

    def remove(self, kind: int, ids: I64 | None = None) -> None:
        """Remove all queued mail, or some of it, by hand, as `kind` (see `rows`)."""
        self._removed(self.queue.remove(kind, ids))

    def extend(self, limit_ms: int, *, covers_queued: bool = True) -> None:
        """Extend both limits: see `Slots.most_attempts_with`."""
        most = self.queue.slots.most_attempts_with(limit_ms)
        self.queue.extend(limit_ms, most, covers_queued=covers_queued)

    # Looking up

    def kept(self) -> Rows:
        """Messages that the gateway has accepted but not passed on: held by a host, or being processed;
        with their arrival times.
        """
        ids, came_ms = self._inbound.held.since()
        ids = np.concatenate([ids, self.processing.ids])
        came_ms = np.concatenate([came_ms, self.processing.came_ms])
        return self._fresh(ids, came_ms, came_ms)

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first time in [now, bound) at which no inbound message that arrived before `before_ms` is
        inside the gateway.
        """
        passed_ms = self.processing.passed_of(before_ms)
        known = passed_ms == before_ms or passed_ms < bound_ms
        return self.queue.emptied_of(passed_ms, bound_ms) if known else None

    def pace(self, receiver: Receiver) -> Receiver:
        """The pace at which the gateway delivers mail to a server with the pace `receiver`."""
        most = self.most_connections or receiver.connections
        return replace(receiver, connections=min(most, receiver.connections))

    def live(self) -> Rows:
        """Every message in the inbound queue now."""
        return joined([self.queue.live(), self._arriving()])

    def members(self) -> Members:
        """The messages in the inbound queue without the columns of the retry rules, which makes them cheap to
        request.
        """
        queued = self.queue.members(Members.NAMES)
        if not len(self.real):
            return Members(**queued)
        arriving = self._arriving()
        return Members(*(np.concatenate([queued[name], getattr(arriving, name)]) for name in Members.NAMES))

    def counted(self) -> InQueue:
        """The messages in the inbound queue as consoles count them, for every repaint of a screen."""
        return InQueue([*self.queue.parts(), QueuePart(self.real.id, self.real.arrival_ms)])

    def newest(self, count: int) -> Rows:
        """The newest messages in the inbound queue, and every real one, by arrival."""
        return joined([self.queue.newest(count, REAL_MAIL), self._arriving()]).in_arrival_order()

    def _arriving(self) -> Rows:
        """Real mail that arrives in this millisecond."""
        return self._fresh(self.real.id, self.real.arrival_ms, self.real.arrival_ms)
