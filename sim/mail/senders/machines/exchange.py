"""Exchange Server: one queue and one clock for the next hop; a success releases everything.

While connections fail, the whole queue is in Retry, with one connection whenever its timer fires, in phases
(glitch, transient, steady). Messages that arrive during this time wait for that timer too. Such messages are
stored as columns (`untouched`) and expire many at a time, until the timer reaches them one by one, or a
success releases all of them.
"""

from heapq import heappop, heappush
from typing import ClassVar, cast

import numpy as np

from sim.kernel.draws import I64
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.retry.next_hop_clock import NextHopClock
from sim.mail.senders.hosts.host import HOST_FAILED, UP
from sim.mail.senders.machine_ends import BOUNCED, DELIVERED, EndedAlike, MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.expiring import Expiring
from sim.mail.senders.machines.immediate import AtOnce
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.only_waiting import NOTHING_WAITS, OnlyWaiting


class Exchange(Expiring):
    """`ready`: a heap of (arrival_ms, message) that wait for a connection; `untouched`: messages that arrived
    in Retry and are not in `queue` yet; `in_a_row`: failed connections since the last success; `episode`:
    counts the changes of that number; `begun`: the episode in which each present connection began.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        *Expiring.STATE,
        "ready",
        "untouched",
        "in_a_row",
        "retry",
        "busy",
        "episode",
        "begun",
    )

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        self.rule = cast(NextHopClock, platform.rule)
        self.most = platform.file.drain.connections or 1
        self.ready: list[tuple[int, int]] = []
        self.untouched = NOTHING_WAITS
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
        return not (self.retry or self.in_a_row or self.busy or self.untouched or self._any_ready())

    def only_waits(self, bound_ms: int) -> bool:
        """True in Retry, while no host accepts connections and there is an older message for each
        connection.
        """
        found, now_ms = self.found(), self.agenda.now_ms
        if not self.retry or self.busy or isinstance(found, str) or self.trace is not None:
            return False
        if not self.keeps_route(bound_ms):
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
        if self.untouched:
            return int(self.untouched.arrival_ms[-1]) + self.lifetime_ms >= bound_ms
        older = self.queue.get(self.ready[-1][1]) if self.ready else None
        return older is not None and older.arrival_ms + self.lifetime_ms >= bound_ms

    # Mail that only waits

    def take_in(self, arrival_ms: I64, ids: I64, bound_ms: int) -> None:
        waited = bool(self.untouched)
        self.untouched = self.untouched.followed_by(arrival_ms, ids)
        if not waited:
            self._plan_limit()

    def _plan_limit(self) -> None:
        """Put the limit of the first untouched message on the agenda."""
        if self.untouched and self.rule.lifetime.at_limit:
            arrival_ms, message = self.untouched.first()
            self.at(arrival_ms + self.lifetime_ms, Rank.EXPIRY, message, "limits_pass", message)

    def limits_pass(self, message: int) -> None:
        """Bounce the first untouched message at its limit, together with all others that reach their
        limits before the next event.
        """
        if not self.untouched or self.untouched.id[0] != message:
            return  # the message is no longer untouched
        over = self.untouched.arrived_before(self.agenda.quiet_until() - self.lifetime_ms)
        gone, self.untouched = self.untouched.split(max(over, 1))
        self._leave_alike(gone, gone.arrival_ms + self.lifetime_ms, BOUNCED, "", 0, "refused")
        self._plan_limit()

    def _leave_alike(
        self, gone: OnlyWaiting, time_ms: I64, fate: str, host: str, tries: int, cause: str
    ) -> None:
        tried, none = np.full(len(gone), tries), np.zeros(len(gone), dtype=np.int64)
        self.ends.alike.append(
            EndedAlike(time_ms, fate, self.number, gone.id, gone.arrival_ms, host, tried, none, cause, none)
        )

    def _touch_first(self) -> None:
        """Move the first untouched message to the queue."""
        arrival_ms, message = self.untouched.first()
        _, self.untouched = self.untouched.split(1)
        mail = QueuedMessage(message, arrival_ms, held=self.agenda.holds)
        self.queue[message] = mail
        heappush(self.ready, (arrival_ms, message))
        if self.rule.lifetime.at_limit:
            self.expires(mail)
        self._plan_limit()

    def in_hands(self) -> tuple[I64, I64]:
        ids, arrival_ms = super().in_hands()
        return np.append(ids, self.untouched.id), np.append(arrival_ms, self.untouched.arrival_ms)

    def records(self) -> I64:
        untouched = np.zeros((len(self.untouched), 4), dtype=np.int64)
        untouched[:, 0], untouched[:, 1] = self.untouched.id, self.untouched.arrival_ms
        return np.concatenate([super().records(), untouched])

    # Connections

    def _go_on(self) -> None:
        """Deliver in order of arrival, unless the queue is in Retry."""
        if not self.retry and len(self.ready) + len(self.untouched) > self.most:
            self._release()
        while not self.retry and self.busy < self.most and self._any_ready():
            self._start()

    def _any_ready(self) -> bool:
        while self.ready and self.ready[0][1] not in self.queue:
            heappop(self.ready)
        if self.untouched and (not self.ready or self.untouched.first() < self.ready[0]):
            self._touch_first()
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
        gone, self.untouched = self.untouched, NOTHING_WAITS
        now_ms = np.full(len(gone), self.now_ms, dtype=np.int64)
        self._leave_alike(gone, now_ms, DELIVERED, known.outcome.host, len(known.tried), UP)
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
        """Connect for the first message of the queue; after a success, others follow over connections of
        their own.
        """
        self.attempt(self.queue[message], "tried")

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """End an attempt, with its consequences for the message and for the next hop."""
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
        """Put the message back into the queue. If the message itself was deferred, it waits for its own
        interval while the queue continues.
        """
        self.failed(mail)
        if self.past_limit(mail):
            self.bounce(mail, cause)
        elif by_itself:
            self.at(self.now_ms + self.rule.message_ms, Rank.ATTEMPT, mail.id, "comes_back", mail.id)
        else:
            heappush(self.ready, (mail.arrival_ms, mail.id))

    def comes_back(self, message: int) -> None:
        """Release a message that was itself deferred, because its interval is over."""
        mail = self.queue.get(message)
        if mail is None:
            return
        known = None if self.retry or self.busy or self.ready or self.untouched else self._deferred_by_name()
        if known is None:
            self._wait(mail)
            return
        self.offered(mail, known)
        self._failed_again(mail, known.outcome.cause, by_itself=True)
        self.in_a_row = 0
        self.episode += 1

    def _deferred_by_name(self) -> AtOnce | None:
        """The result of every attempt now, if hosts defer each message itself at once; otherwise None."""
        found = self.found()
        known = None if isinstance(found, str) else self.at_once(found)
        if known is None or known.outcome.what != "wait" or known.outcome.of_host or not known.outcome.host:
            return None
        return known

    def _unreachable(self, begun: int, cause: str) -> None:
        """Put the queue into Retry; later failures of connections that began earlier do not count."""
        while self._any_ready() and self.past_limit(self.queue[self.ready[0][1]]):
            self.bounce(self.queue[self.ready[0][1]], cause)
        if begun != self.episode:
            # if another connection has succeeded since, this message is attempted again at once
            self._go_on()
            return
        self.episode += 1
        self.retry = True
        self.in_a_row += 1
        again_ms = self.now_ms + self.rule.gap_ms(self.in_a_row)
        self.at(again_ms, Rank.ATTEMPT, 0, "timer", self.episode)

    def timer(self, episode: int) -> None:
        """Let the retry timer fire: one connection for the queue; if the queue is empty, its failures are
        forgotten.
        """
        if episode != self.episode:
            return
        if self._any_ready():
            self._start()
        else:
            self.retry, self.in_a_row = False, 0
