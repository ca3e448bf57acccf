"""OpenSMTPD: retry times per message, a pause for a failed route, and sessions opened one by one.

Messages due at the same time share a connection; if it fails, all of them are deferred. While there is mail
to send, another session is opened every few seconds, up to the limit, and the last one stays open for a
while. Mail that was deferred because there was no connection is sent as soon as a host accepts another
message, provided a host of the domain has answered in the hours before. Source: mta.c, mta_session.c,
limit.c.
"""

from heapq import heappop, heappush
from typing import ClassVar

from sim.kernel.draws import mix
from sim.kernel.duration import NEVER_MS, SECOND_MS
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import enter
from sim.mail.senders.hosts.host import HOST_FAILED, UP
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.expiring import Expiring
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage

TAKEN_UP = -1
"""The value of `due_ms` for a message without a retry time: it is ready, or a delivery is in progress."""


class OpenSMTPD(Expiring):
    """`ready`: a heap of messages that are due, (since when, draw, message); those that become ready together
    leave in no order. `blocked`: the end of each route's pause; `opener`: the message for which a connection
    is being made; `carried`: for each message being delivered, the host of its session ("" while it is being
    opened) and the number of messages sent over it before; `drains`: the number of times a first session was
    opened.

    `heard_ms`: the last time that a host of the domain answered about a message, None if that is forgotten;
    `cached`: messages that the next acceptance releases.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Expiring.STATE,
        "ready",
        "blocked",
        "sessions",
        "connecting",
        "opener",
        "drains",
        "carried",
        "heard_ms",
        "cached",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        self.most = platform.file.drain.connections or 1
        self.session_messages = self.roles.count("session_messages")
        self.growth_ms = self.roles.duration("connection_growth")
        self.pause_ms = self.roles.duration("route_pause")
        self.keep_s = self.roles.seconds("keep_connection")
        self.remembers_ms = self.roles.duration("domain_memory")
        self.most_cached = self.roles.count("most_released")
        self.ready: list[tuple[int, int, int]] = []
        self.blocked: dict[str, int] = {}
        self.sessions = 0
        self.connecting = False
        self.opener = self.drains = 0
        self.carried: dict[int, tuple[str, int]] = {}
        self.heard_ms: int | None = None
        self.cached: list[int] = []

    def arrives(self, mail: QueuedMessage) -> None:
        self._becomes_ready(mail)
        self.expires(mail)

    def due(self, message: int) -> None:
        """The message's own retry time; earlier if it was released."""
        mail = self.queue.get(message)
        if mail is not None and mail.due_ms == self.now_ms:
            self._becomes_ready(mail)

    def _becomes_ready(self, mail: QueuedMessage) -> None:
        """Add the message to the mail that is ready, and open a session if there is none."""
        self.changing(mail)
        mail.due_ms = TAKEN_UP
        drawn = int(mix(0, "opensmtpd order", mail.id)[0])
        heappush(self.ready, (self.now_ms, drawn, mail.id))
        if not self.sessions and not self.connecting:
            self._open_session()

    def _any_ready(self) -> bool:
        while self.ready and self.ready[0][2] not in self.queue:
            heappop(self.ready)
        return bool(self.ready)

    # Sessions

    def _open_session(self) -> None:
        """Open a session once all messages due in this millisecond are ready."""
        self.connecting = True
        self.at(self.now_ms, Rank.SESSION, 0, "send", "", 0)

    def send(self, kept: str, sent: int) -> None:
        """Send the session's next message. If there is none, the session ends, except the last one, which
        waits for more mail.
        """
        if not self._any_ready() or sent >= self.session_messages:
            if kept and sent < self.session_messages and self._is_last():
                self.at(self.now_ms + SECOND_MS, Rank.SESSION, 0, "hangs_on", kept, sent, 1)
            else:
                self._close(kept)
            return
        mail = self.queue[heappop(self.ready)[2]]
        self.changing(mail)
        mail.in_hand = True
        if not kept:
            self.opener = mail.id
        self.carried[mail.id] = (kept, sent)
        self.attempt(mail, "tried", kept=kept)

    def hangs_on(self, kept: str, sent: int, waited_s: int) -> None:
        """Look for mail, as an idle session does once a second. The session ends if the host now refuses
        connections.
        """
        answer = self.agenda.hosts[kept].at(self.now_ms)
        if answer.answer == "refused" and answer.per_mille == 1000:
            self._close(kept)
        elif self._any_ready():
            self.send(kept, sent)
        elif waited_s >= self.keep_s or not self._is_last():
            self._close(kept)
        else:
            self.at(self.now_ms + SECOND_MS, Rank.SESSION, 0, "hangs_on", kept, sent, waited_s + 1)

    def _is_last(self) -> bool:
        """True if there is no other session."""
        return self.sessions == 1 and not self.connecting

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """End an attempt; if no host could be reached, this also ends the attempts of all ready messages."""
        self.changing(mail)
        mail.in_hand = False
        kept, sent = self.carried.pop(mail.id)
        if outcome.what == "wait":
            lost = outcome.cause in HOST_FAILED or not outcome.host
            if lost and not kept:
                self._caches(mail.id)
            self._defer(mail, outcome.cause, tried=bool(outcome.host))
            if lost:
                if not kept:
                    self._give_up_on_all(outcome.cause)
                self._close(kept)
                return
        elif outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
        else:
            self._hears()
        self.soon("send", kept or ("" if outcome.cause in HOST_FAILED else outcome.host), sent + 1)

    def _close(self, kept: str) -> None:
        if kept:
            self.sessions -= 1
        else:
            self.connecting = False
        if not self.sessions and not self.connecting and self._any_ready():
            self._open_session()

    def grows(self, drain: int) -> None:
        """While there is a session, open another one every few seconds if there is mail for it."""
        if not self.sessions or drain != self.drains:
            return
        if self.sessions < self.most and not self.connecting and not self._enough():
            self._open_session()
        self.at(self.now_ms + self.growth_ms, Rank.SESSION, 0, "grows", drain)

    def _enough(self) -> bool:
        """True if there is a session for each ready message or, from the third session on, for every second
        one.
        """
        tasks = sum(message in self.queue for _, _, message in self.ready)
        return self.sessions >= tasks or (self.sessions > 2 and self.sessions >= tasks // 2)

    # State of the domain

    def _hears(self) -> None:
        """Record that a host has answered about a message."""
        self._forget_if_old()
        self.heard_ms = self.now_ms

    def _forget_if_old(self) -> None:
        if self.heard_ms is not None and self.now_ms - self.heard_ms >= self.remembers_ms:
            self.heard_ms, self.cached = None, []

    def _caches(self, message: int) -> None:
        """Remember a message for which no host could be reached: the next success releases it."""
        self._forget_if_old()
        if self.heard_ms is not None and len(self.cached) < self.most_cached and message not in self.cached:
            self.cached.append(message)

    def _release(self) -> None:
        """Make the remembered messages ready at once, because a host has accepted a recipient."""
        self._forget_if_old()
        released, self.cached = self.cached, []
        for message in released:
            mail = self.queue.get(message)
            if mail is not None and mail.due_ms != TAKEN_UP:
                self._becomes_ready(mail)

    # Hosts

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        return self.now_ms < self.blocked.get(host, 0)

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        if answer not in HOST_FAILED:
            if mail.id == self.opener:
                self._opened()
            if mail.id in self.cached:
                self.cached.remove(mail.id)
            if answer == UP:
                self._release()
            else:
                self._hears()
        elif self.platform.file.fallback[answer].value == "next":  # type: ignore[index]
            self.blocked[host] = self.now_ms + self.pause_ms

    def _opened(self) -> None:
        self.opener, self.connecting, self.sessions = 0, False, self.sessions + 1
        if self.sessions == 1:
            self.drains += 1
            self.at(self.now_ms + self.growth_ms, Rank.SESSION, 0, "grows", self.drains)

    # Waiting

    def _give_up_on_all(self, cause: str) -> None:
        """Let all ready messages wait for their own retry time, or for a success, because no route is
        left.
        """
        waiting, self.ready = self.ready, []
        for _, _, message in sorted(waiting):
            if message in self.queue:
                self._caches(message)
                self._defer(self.queue[message], cause, tried=False)

    def _defer(self, mail: QueuedMessage, cause: str, *, tried: bool) -> None:
        """Wait for the message's next retry time, or bounce it. A notice is sent now if it would be too
        late at the next attempt.
        """
        self.failed(mail)
        if not tried:
            self.puts_off(mail)
        then = self.platform.rule.after_failure(enter(mail.arrival_ms), self.now_ms, AttemptFailure.REFUSED)
        if then.bounce_ms == self.now_ms:
            self.bounce(mail, cause)
            return
        self.notify(mail, self.ages_passed(min(self.lifetime_ms, self._age_ms(then.due_ms, mail))))
        mail.due_ms = NEVER_MS if then.due_ms is None else then.due_ms
        if then.due_ms is not None:
            self.at(then.due_ms, Rank.ATTEMPT, mail.id, "due", mail.id)

    def _age_ms(self, due_ms: int | None, mail: QueuedMessage) -> int:
        return self.lifetime_ms if due_ms is None else due_ms - mail.arrival_ms
