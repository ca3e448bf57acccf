"""The mail server's intake: its answer to senders, and the path of accepted mail to mailboxes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import Times
from sim.mail.accounts.last_minute import SERVER_QUEUE, LastMinute
from sim.mail.accounts.late_mail import InboundMail, Lateness, joined
from sim.mail.accounts.ledger import Ledger
from sim.mail.accounts.recent_mail import RecentMail
from sim.mail.message.rows import DELIVERED, Gone, Rows
from sim.mail.message.traffic import INBOUND, REAL_MAIL, direction_of
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.server.back_pressure import BackPressure
from sim.mail.server.guard import Gates, MailOrigin
from sim.mail.server.pressure_gauge import BackPressureSpec, PressureEffect
from sim.mail.server.submission_queue import Submission, Taken
from sim.mail.users.users import Users

_ROOM = 1 << 10
"""Number of times per block; small, because in most drills little mail has bypassed the filter."""


class ServerEndpoint:
    """The mail server's answer to delivering hosts: the condition of its outage, or back pressure."""

    def __init__(self, receiver: Receiver, refusal: str) -> None:
        """`receiver`: the server's usual pace; `refusal`: its reply to MAIL FROM under back pressure."""
        self.usual_pace = receiver
        self.condition, self.pace, self.effect = UP, receiver, PressureEffect()
        """`condition`: the server's condition in the outage; `pace`: the rate at which the server accepts
        mail meanwhile; `effect`: the effect of its back pressure.
        """
        self._refusal = Condition("defer", reply=refusal)

    @property
    def meets(self) -> Condition:
        """The more serious of the two: a host that does not get a connection, or whose messages all fail,
        does not encounter back pressure.
        """
        return self._refusal if self.effect.refuses and not self.condition.total else self.condition

    @property
    def receiver(self) -> Receiver:
        """The server's pace, including the delay at MAIL FROM."""
        return replace(self.pace, per_message_ms=self.pace.per_message_ms + self.effect.tarpit_ms)


class Intake:
    """Mail on its way through the mail server. `advance` covers the mail accepted before a given time."""

    def __init__(
        self,
        seed: int,
        receiver: Receiver,
        pressure: BackPressureSpec | None,
        users: Users,
        books: tuple[Ledger, RecentMail, LastMinute],
        coming: Callable[[int], Sequence[I64]],
        feels: Callable[[bool], None],
    ) -> None:
        """`receiver`: the server's usual pace. `pressure`: back pressure; None: it processes each message
        immediately. `coming`: see
        `Submission`. `feels` is called when back pressure has changed the answer to senders, with True if
        more than the pace has changed.
        """
        self._seed, self._feels = seed, feels
        self._ledger, self._recent, self._last_minute = books
        self.lateness, self._unfiltered = Lateness(users), dict[MailOrigin, Times]()
        self._taken: list[Taken] = []
        self.endpoint = ServerEndpoint(receiver, pressure.refusal if pressure else "")
        self.submission = Submission(pressure.works if pressure else None, coming)
        self.pressure = (
            BackPressure(self.submission, pressure.rules, pressure.works, self._feel, pressure.disk)
            if pressure
            else None
        )
        """The watcher of back pressure. The code that advances this world calls it as a conductor does."""
        self.says: Callable[[PressureEffect, PressureEffect], None] = lambda _before, _after: None
        """Called with (before, after) at each change of back pressure."""

    def _feel(self, effect: PressureEffect) -> None:
        met, before = self.endpoint.meets, self.endpoint.effect
        self.endpoint.effect = effect
        self._feels(self.endpoint.meets != met)
        self.says(before, effect)

    def queued(self, out: Gone, written_ms: I64, gates: Gates | None) -> None:
        """Called when `out` has left a queue in front of the server: the gateway's or, through `gates`,
        the backup's.
        """
        taken = out.kind == DELIVERED
        ids, nothing = out.id[taken], np.zeros(int(taken.sum()), dtype=np.bool_)
        aside = (
            self._past_the_gateway("backup", ids, out.time_ms[taken], gates) if gates is not None else nothing
        )
        columns = (out.arrival_ms[taken], written_ms[taken], out.worthless_ms[taken])
        self._taken.append(Taken(out.time_ms[taken], ids, out.user[taken], *columns, aside, nothing))

    def direct(self, rows: Rows, written_ms: I64, gates: Gates) -> None:
        """Called when senders have delivered `rows` to the server itself, through `gates`."""
        aside = self._past_the_gateway("internet", rows.id, rows.arrival_ms, gates)
        come_ms, everything = rows.arrival_ms, np.ones(len(rows), dtype=np.bool_)
        columns = (rows.user, come_ms, written_ms, rows.worthless_ms, aside, everything)
        self._taken.append(Taken(come_ms, rows.id, *columns))

    @property
    def unfiltered(self) -> int:
        """Messages that the server has accepted without any filter having checked them."""
        return sum(len(times) for times in self._unfiltered.values())

    def unfiltered_beyond(self, number: int) -> int | None:
        """The time at which the number of unfiltered messages exceeded `number`, ms; None if it has not."""
        firsts = [times.since(0)[: number + 1] for times in self._unfiltered.values()]
        moments_ms = np.sort(np.concatenate(firsts)) if firsts else np.empty(0, dtype=np.int64)
        return int(moments_ms[number]) if number < len(moments_ms) else None

    def _past_the_gateway(
        self, source: MailOrigin, ids: I64, come_ms: I64, gates: Gates
    ) -> NDArray[np.bool_]:
        """Record unfiltered mail that the server has accepted from elsewhere; returns the messages that
        are quarantined or junked.
        """
        if gates.unfiltered(source):
            self._unfiltered.setdefault(source, Times(_ROOM)).extend(np.sort(come_ms))
        return gates.aside(self._seed, source, ids)

    def advance(self, to_ms: int) -> None:
        """Called when everything before `to_ms` has been accepted; moves messages processed by then to
        mailboxes.
        """
        out, end_ms = self.submission.pass_on(self._taken, to_ms)
        self._taken = []
        if not len(out):
            return
        directions = direction_of(out.id)
        self._ledger.deliver(directions, end_ms - out.written_ms)
        self._ledger.put_aside(INBOUND, int(out.aside.sum()))
        inbound = directions == INBOUND
        self._recent.come(out.written_ms[inbound & (out.id < REAL_MAIL) & ~out.aside])
        self._last_minute.note(SERVER_QUEUE, end_ms[inbound], out.time_ms[inbound])
        read = inbound & ~out.direct & (out.worthless_ms < NEVER_MS)  # other mail is never late
        self.lateness.delivered(_mail(out, read), end_ms[read])
        late = out.direct & (out.worthless_ms < end_ms)
        if late.any():
            self.lateness.certain(_mail(out, late))

    # Looking up

    def may_deliver_before(self, bound_ms: int) -> bool:
        """True if a message may reach a mailbox in [now, bound), if nothing changes."""
        inside = len(self.submission) > 0 or any(len(part) for part in self._taken)
        return inside or len(self.submission.coming_deliveries(bound_ms)) > 0

    def waiting(self) -> I64:
        """For each direction, the number of messages that the server has accepted but not processed."""
        return np.bincount(direction_of(self.submission.waiting().id), minlength=3).astype(np.int64)

    def late(self, now_ms: int, queued: InboundMail) -> I64:
        """Messages that are late by now; `queued`: inbound mail in front of the server."""
        waiting = self.submission.waiting()
        inside = _mail(waiting, (direction_of(waiting.id) == INBOUND) & ~waiting.direct)
        unread = self.lateness.so_far(now_ms, joined(queued, inside))
        return np.concatenate([unread, waiting.id[waiting.direct & (waiting.worthless_ms < now_ms)]])

    def digest(self, record: Fingerprint) -> None:
        """Add the messages that the server has accepted but not processed."""
        waiting = self.submission.waiting()
        record.rows(waiting.id, waiting.time_ms, self.submission.ends_ms)


def _mail(taken: Taken, which: NDArray[np.bool_]) -> InboundMail:
    """Some of `taken`."""
    return InboundMail(taken.id[which], taken.user[which], taken.arrival_ms[which], taken.worthless_ms[which])
