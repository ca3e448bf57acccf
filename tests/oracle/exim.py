"""Exim: retry records of hosts and of messages, queue runs, and connections that are handed on.

A host that could not be reached has a record; while its time has not come nobody connects to it, fresh mail
included. A message that a host deferred (4xx) has a record of its own. By deliver.c and retry.c a router that
defers adds one for the domain (`R:domain`): a queue run before its time defers the address without routing
it, a fresh message is always routed, and when routing succeeds the record is deleted. Exim counts whole
seconds.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Looks, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


@dataclass
class Record:
    """What Exim notes about something that failed; seconds."""

    first_s: int
    tried_s: int
    next_s: int
    expired: bool = False


class Exim(Sender):
    """`hosts_known`: the retry records of hosts; `own`: those of messages."""

    def __init__(
        self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver, looks: Looks
    ) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.rules = self.roles.exim_rules()
        self.cutoff_s = self.rules[-1].cutoff_s
        self.looks = looks
        self.known: dict[str, Record] = {}
        self.own: dict[int, Record] = {}
        self.routing: dict[str, Record] = {}
        self.waiting_for: dict[str, list[int]] = {}
        self.runners = 0
        env.process(self.queue_runs())

    @property
    def now_s(self) -> int:
        """The whole-second clock."""
        return self.now_ms // 1000

    # ------------------------------------------------------------ who looks at a message, and when

    def arrives(self, message: Message) -> Waiting:
        message.in_hand = True
        yield from self.deliver(message)

    def queue_runs(self) -> Waiting:
        """A runner every queue_interval, unless too many are still at work."""
        for look_ms in self.looks:
            yield self.env.until(look_ms, Rank.ATTEMPT)
            if self.runners < self.roles.count("queue_runners"):
                self.env.process(self.run([m for m in self.queue if m.open]))

    def run(self, messages: list[Message]) -> Waiting:
        """One message after another, those that nobody else has in hand."""
        self.runners += 1
        for message in messages:
            if message.open and not message.in_hand:
                message.in_hand = True
                if self.routing_rests():
                    message.put_off.append(self.now_ms)
                    message.in_hand = False
                    self.warn(message)
                    continue
                failed = yield from self.deliver(message)
                if failed and message.open:
                    self.warn(message)
                self.warn_if_deferred(message)
        self.runners -= 1

    def routing_rests(self) -> bool:
        """Whether the domain's retry time has not come, and has not run out either."""
        record = self.routing.get("R:domain")
        return record is not None and self.now_s < record.next_s and not record.expired

    def deliver(self, message: Message) -> Generator[simpy.Event, Any, bool]:
        """One message, and over the same connection those that wait for its host. Whether it could not be
        routed.
        """
        failed = yield from self.one(message)
        handed = 1
        while message.fate == "delivered" and handed < self.roles.count("session_messages"):
            host = message.host
            after = self.next_waiting(host)
            if after is None:
                return failed
            message, after.in_hand = after, True
            yield from self.one(message, kept=host)
            handed += 1
        return failed

    def one(self, message: Message, kept: str = "") -> Generator[simpy.Event, Any, bool]:
        """The message's turn: an attempt, or none because no record is due. Whether routing failed."""
        old = self.now_s - message.arrival_ms // 1000 > self.cutoff_s
        own = self.own.get(message.id)
        if own and self.now_s < own.next_s and not old:
            message.put_off.append(self.now_ms)
            message.in_hand = False
            return False
        if not kept and not isinstance(self.resolver.answers.at(self.now_ms), str):
            self.routing.clear()
        outcome = yield from self.attempt(
            message, kept=kept, skip=lambda host: not old and self.resting(host)
        )
        message.in_hand = False
        if outcome.what == "delivered":
            self.waits_no_more(message)
            return False
        if outcome.what == "bounce":
            self.bounce(message, outcome.cause)
            return False
        self.put_back(message, outcome.cause, outcome.of_host, outcome.tried)
        return not outcome.tried and not outcome.of_host

    def waits_no_more(self, message: Message) -> None:
        """It is gone; so are its record and its places in the wait lists."""
        self.own.pop(message.id, None)
        for waiters in self.waiting_for.values():
            if message.id in waiters:
                waiters.remove(message.id)

    def bounce(self, message: Message, cause: str) -> None:
        super().bounce(message, cause)
        self.waits_no_more(message)

    def put_back(self, message: Message, cause: str, of_host: bool, tried: bool) -> None:
        """It stays in the queue unless every record that concerns it has run out."""
        if tried:
            self.failed(message)
        else:
            message.put_off.append(self.now_ms)
        if of_host:
            names = self.resolver.answers.at(self.now_ms)
            for name in () if isinstance(names, str) else names:
                if message.id not in self.waiting_for.setdefault(name, []):
                    self.waiting_for[name].append(message.id)
            over = not isinstance(names, str) and all(
                name in self.known and self.known[name].expired for name in names
            )
        elif not tried:
            age_s = self.now_s - message.arrival_ms // 1000
            over = self.note(self.routing, "R:domain", self.now_s, age_s)
            if age_s > self.cutoff_s:
                self.routing["R:domain"].next_s = self.now_s
        else:
            first_s = message.arrival_ms // 1000
            over = self.note(self.own, message.id, first_s)
        if over:
            self.bounce(message, cause or "refused")
        elif tried and of_host:
            self.warn(message)

    # ------------------------------------------------------------ records

    def resting(self, host: str) -> bool:
        """Whether a host's time has not come."""
        return host in self.known and self.now_s < self.known[host].next_s

    def answered(self, host: str, answer: str, message: Message) -> None:
        if answer in HOST_FAILED:
            self.note(self.known, host, self.now_s)
        else:
            self.known.pop(host, None)

    def note(self, records: dict[Any, Record], key: Any, first_s: int, age_s: int = 0) -> bool:
        """One more failure now; whether the last rule has run out with it. If the message is older than the
        failure, its age counts instead.
        """
        was = records.get(key) or Record(first_s, self.now_s, self.now_s)
        failing_s = max(self.now_s - was.first_s, age_s)
        rule = next((rule for rule in self.rules if failing_s <= rule.cutoff_s), self.rules[-1])
        gap_s = min(was.next_s - was.tried_s, self.now_s - was.tried_s)
        if rule.kind == "F" or gap_s < rule.interval_s:
            gap_s = rule.interval_s
        else:
            gap_s = gap_s * rule.factor_thousandths // 1000
        gap_s = min(gap_s, self.roles.seconds("rule_max"))
        expired = failing_s > self.cutoff_s
        records[key] = Record(was.first_s, self.now_s, self.now_s + gap_s, expired)
        return expired

    def next_waiting(self, host: str) -> Message | None:
        """The next message for an open connection: the wait list is kept in blocks; the newest block
        first, and within it in order.
        """
        block = self.roles.count("wait_block")
        waiting = self.waiting_for.get(host, [])
        blocks = [waiting[i : i + block] for i in range(0, len(waiting), block)]
        by_id = {m.id: m for m in self.queue}
        for members in reversed(blocks):
            for number in members:
                if by_id[number].open and not by_id[number].in_hand:
                    return by_id[number]
        return None

    def warn_if_deferred(self, message: Message) -> None:
        """A message that was deferred itself gets its notice in any queue run, tried or not."""
        if message.open and message.id in self.own:
            self.warn(message)

    def warn(self, message: Message) -> None:
        """The delay notice; it repeats. One whose host failed gets it only when it was really tried."""
        self.notify(message, self.ages_passed((self.now_s - message.arrival_ms // 1000) * 1000))

    def ages_passed(self, age_ms: int) -> int:
        ages = self.notice_ages()
        passed = sum(after_ms <= age_ms for after_ms in ages)
        if ages and passed == len(ages):
            step_ms = ages[-1] - (ages[-2] if len(ages) > 1 else 0)
            passed += (age_ms - ages[-1]) // step_ms
        return passed
