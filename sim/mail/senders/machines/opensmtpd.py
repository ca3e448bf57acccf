"""OpenSMTPD: each message on its own squares, a pause for a failed route, sessions one by one.

Messages due at the same time share a connection: if it fails, all of them are deferred. While there is mail
to send another session is opened every few seconds, up to the limit.
"""

from heapq import heappop, heappush
from typing import ClassVar

from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.rule import enter
from sim.mail.senders.hosts.host import HOST_FAILED
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.expiring import Expiring
from sim.mail.senders.machines.message_state import AttemptOutcome, End, QueuedMessage

NO_SESSION = HOST_FAILED | {"greeting_5xx"}
"""Answers after which there is no connection to send anything over."""


class OpenSMTPD(Expiring):
    """`ready`: a heap of messages that are due; `blocked`: until when a route is left alone; `opener`: the
    message for which a connection is being made; `carried`: of each message under way, the host to which
    its session is open ("" if it is being opened) and the messages sent over it before; `drains`: how
    often there was a first session.
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
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: list[End]) -> None:
        super().__init__(agenda, platform, ends)
        self.most = platform.file.drain.connections or 1
        self.session_messages = self.roles.count("session_messages")
        self.growth_ms = self.roles.duration("connection_growth")
        self.pause_ms = self.roles.duration("route_pause")
        self.ready: list[int] = []
        self.blocked: dict[str, int] = {}
        self.sessions = 0
        self.connecting = False
        self.opener = self.drains = 0
        self.carried: dict[int, tuple[str, int]] = {}

    def at_rest(self, host: str) -> bool:
        return not (self.sessions or self.connecting or self.ready or self.now_ms < self.blocked.get(host, 0))

    def arrives(self, mail: QueuedMessage) -> None:
        self.due(mail.id)
        self.expires(mail)

    def due(self, message: int) -> None:
        """The message joins the mail to be sent; a session is opened if there is none."""
        if message not in self.queue:
            return
        heappush(self.ready, message)
        if not self.sessions and not self.connecting:
            self._open_session()

    def _any_ready(self) -> bool:
        while self.ready and self.ready[0] not in self.queue:
            heappop(self.ready)
        return bool(self.ready)

    # Sessions

    def _open_session(self) -> None:
        """All that is due in this millisecond is collected first."""
        self.connecting = True
        self.at(self.now_ms, Rank.SESSION, 0, "send", "", 0)

    def send(self, kept: str, sent: int) -> None:
        """The session's next message, or its end."""
        if not self._any_ready() or sent >= self.session_messages:
            self._close(kept)
            return
        mail = self.queue[heappop(self.ready)]
        self.changing(mail)
        mail.in_hand = True
        if not kept:
            self.opener = mail.id
        self.carried[mail.id] = (kept, sent)
        self.attempt(mail, "tried", kept=kept)

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """One message of a session is done with; without a connection all others that are due are, too."""
        self.changing(mail)
        mail.in_hand = False
        kept, sent = self.carried.pop(mail.id)
        if outcome.what == "wait":
            self._defer(mail, outcome.cause, tried=bool(outcome.host))
            if outcome.cause in NO_SESSION or not outcome.host:
                self._give_up_on_all(outcome.cause)
                self._close(kept)
                return
        elif outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
        self.soon("send", kept or ("" if outcome.cause in NO_SESSION else outcome.host), sent + 1)

    def _close(self, kept: str) -> None:
        if kept:
            self.sessions -= 1
        else:
            self.connecting = False
        if not self.sessions and not self.connecting and self._any_ready():
            self._open_session()

    def grows(self, drain: int) -> None:
        """From the first session of a drain on, one more every few seconds while there is mail for it."""
        if not self.sessions or drain != self.drains:
            return
        if self.sessions < self.most and not self.connecting and self._any_ready():
            self._open_session()
        self.at(self.now_ms + self.growth_ms, Rank.SESSION, 0, "grows", drain)

    # Hosts

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        return self.now_ms < self.blocked.get(host, 0)

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        if answer not in NO_SESSION:
            if mail.id == self.opener:
                self._opened()
        elif self.platform.file.fallback[answer].value == "next":  # type: ignore[index]
            self.blocked[host] = self.now_ms + self.pause_ms

    def _opened(self) -> None:
        self.opener, self.connecting, self.sessions = 0, False, self.sessions + 1
        if self.sessions == 1:
            self.drains += 1
            self.at(self.now_ms + self.growth_ms, Rank.SESSION, 0, "grows", self.drains)

    # Waiting

    def _give_up_on_all(self, cause: str) -> None:
        """No route is left: everything that is due waits for its own next time."""
        waiting, self.ready = self.ready, []
        for message in sorted(waiting):
            if message in self.queue:
                self._defer(self.queue[message], cause, tried=False)

    def _defer(self, mail: QueuedMessage, cause: str, *, tried: bool) -> None:
        """The next square of 20 s after now; a notice if that would be too late for it."""
        self.failed(mail)
        if not tried:
            self.puts_off(mail)
        then = self.platform.rule.after_failure(enter(mail.arrival_ms), self.now_ms, AttemptFailure.REFUSED)
        if then.bounce_ms == self.now_ms:
            self.bounce(mail, cause)
            return
        self.notify(mail, self.ages_passed(min(self.lifetime_ms, self._age_ms(then.due_ms, mail))))
        if then.due_ms is not None:
            self.at(then.due_ms, Rank.ATTEMPT, mail.id, "due", mail.id)

    def _age_ms(self, due_ms: int | None, mail: QueuedMessage) -> int:
        return self.lifetime_ms if due_ms is None else due_ms - mail.arrival_ms
