"""Exchange Server: one queue and one clock for the next hop; a success releases everything.

While connections fail, the whole queue is in Retry: one connection when the timer fires, in phases (glitch,
transient, steady). Messages that arrive meanwhile wait for the same timer and cost nothing.
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import ClassVar, cast

from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.next_hop_clock import NextHopClock
from sim.mail.senders.hosts.host import HOST_FAILED
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.expiring import Expiring
from sim.mail.senders.machines.message_state import AttemptOutcome, End, QueuedMessage


class Exchange(Expiring):
    """`ready`: a heap of (arrival_ms, message) that wait for a connection; `in_a_row`: failed connections
    since the last success; `episode`: counts the changes of that number; `begun`: the episode in which
    each present connection began.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Expiring.STATE,
        "ready",
        "in_a_row",
        "retry",
        "busy",
        "episode",
        "begun",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: list[End]) -> None:
        super().__init__(agenda, platform, ends)
        self.rule = cast(NextHopClock, platform.rule)
        self.most = platform.file.drain.connections or 1
        self.ready: list[tuple[int, int]] = []
        self.in_a_row = 0
        self.retry = False
        self.busy = 0
        self.episode = 0
        self.begun: dict[int, int] = {}

    def arrives(self, mail: QueuedMessage) -> None:
        self._wait(mail)
        if self.rule.lifetime.at_limit:
            self.expires(mail)

    def _wait(self, mail: QueuedMessage) -> None:
        heappush(self.ready, (mail.arrival_ms, mail.id))
        self._go_on()

    def at_rest(self, host: str) -> bool:
        return not (self.retry or self.in_a_row or self.busy or self._any_ready())

    def only_waits(self, bound_ms: int) -> bool:
        """In Retry, while no host accepts connections and an older message remains for each connection."""
        found, now_ms = self.found(), self.agenda.now_ms
        if not self.retry or self.busy or isinstance(found, str) or not self.ready:
            return False
        if any(now_ms < from_ms < bound_ms for from_ms, _ in self.routes):
            return False
        for name in found:
            host = self.agenda.hosts[name]
            behaviour = host.at(now_ms)
            if behaviour.answer not in HOST_FAILED or behaviour.per_mille < 1000:
                return False
            if self.platform.file.fallback[behaviour.answer].value == "bounce":  # type: ignore[index]
                return False
            if host.until(now_ms) < bound_ms:
                return False
        older = self.queue.get(self.ready[-1][1])
        return older is not None and older.arrival_ms + self.lifetime_ms >= bound_ms

    def take_in(self, mail: Sequence[tuple[int, int]]) -> None:
        holds = self.agenda.holds
        self.queue.update(
            {
                message: QueuedMessage(message, at_ms, put_off=-self.passes, held=holds)
                for at_ms, message in mail
            }
        )
        self.ready += mail  # a heap still: all of it is later than all that was there
        if self.rule.lifetime.at_limit:
            self.expire(mail)

    def _go_on(self) -> None:
        """Deliver in order of arrival, unless the queue is in Retry."""
        if len(self.ready) > self.most and not self.retry:
            self._release()
        while not self.retry and self.busy < self.most and self._any_ready():
            self._start()

    def _any_ready(self) -> bool:
        while self.ready and self.ready[0][1] not in self.queue:
            heappop(self.ready)
        return bool(self.ready)

    def _release(self) -> None:
        """Deliver the whole queue, if each of that many connections succeeds at once."""
        found = self.found()
        known = None if isinstance(found, str) else self.at_once(found)
        if known is None or known.outcome.what != "delivered":
            return
        released, self.ready = sorted(self.ready), []
        waiting = [self.queue[message] for _, message in released if message in self.queue]
        self.all_taken_at_once(waiting, known)
        self.in_a_row = 0
        self.episode += 1

    def _start(self) -> None:
        message = heappop(self.ready)[1]
        mail = self.queue[message]
        self.changing(mail)
        mail.in_hand = True
        self.busy += 1
        self.begun[message] = self.episode
        self.soon("connect", message)

    def connect(self, message: int) -> None:
        """A connection for the first message of the queue; on a success others follow over connections
        of their own.
        """
        self.attempt(self.queue[message], "tried")

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """The end of the attempt: its consequences for the message, and for the next hop."""
        self.changing(mail)
        mail.in_hand = False
        self.busy -= 1
        begun = self.begun.pop(mail.id)
        unreachable = outcome.what == "wait" and (outcome.of_host or not outcome.host)
        if outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
        elif outcome.what == "wait":
            self._failed_again(mail, outcome.cause, by_itself=not unreachable)
        if unreachable:
            self._unreachable(begun, outcome.cause)
        else:
            self.in_a_row, self.retry = 0, False
            self.episode += 1
            self._go_on()

    def _failed_again(self, mail: QueuedMessage, cause: str, *, by_itself: bool) -> None:
        """Back into the queue; if deferred by name, it waits for its own interval, while the queue
        continues.
        """
        self.failed(mail)
        if self.past_limit(mail):
            self.bounce(mail, cause)
        elif by_itself:
            self.at(self.now_ms + self.rule.message_ms, Rank.ATTEMPT, mail.id, "comes_back", mail.id)
        else:
            heappush(self.ready, (mail.arrival_ms, mail.id))

    def comes_back(self, message: int) -> None:
        """The interval of a message that was deferred by name is over."""
        if message in self.queue:
            self._wait(self.queue[message])

    def _unreachable(self, begun: int, cause: str) -> None:
        """The queue enters Retry; failures of connections that began before are no news."""
        while self._any_ready() and self.past_limit(self.queue[self.ready[0][1]]):
            self.bounce(self.queue[self.ready[0][1]], cause)
        if begun != self.episode:
            self._go_on()  # if another one has succeeded since, this message is tried again at once
            return
        self.episode += 1
        self.retry = True
        self.in_a_row += 1
        again_ms = self.now_ms + self.rule.gap_ms(self.in_a_row)
        self.at(again_ms, Rank.ATTEMPT, 0, "timer", self.episode)

    def timer(self, episode: int) -> None:
        """Remove one connection; an empty queue is forgotten, together with its failures."""
        if episode != self.episode:
            return
        if self._any_ready():
            self._start()
        else:
            self.retry, self.in_a_row = False, 0
