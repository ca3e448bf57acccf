"""Senders whose messages keep their own timers.

Offsets (hosted senders, gateways), squares (qmail), and the application that tries once. They know nothing of
each other, but for one rule of Proofpoint Essentials: when a message has been delivered, all mail that has
come to the daily tier is tried hourly again for 24 hours (here: in the millisecond after, before all else).
"""

from math import isqrt
from typing import Any

import simpy

from sim.mail.platforms.platform import Platform
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import Host, Resolver
from tests.oracle.message import Message
from tests.oracle.sender import Sender, Waiting


class OwnTimers(Sender):
    """Attempt, wait, attempt; at most so many at once as the platform's file says."""

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        super().__init__(env, platform, hosts, resolver)
        self.slots = simpy.PriorityResource(env, platform.file.drain.connections or 1_000_000)
        self.often = self.roles.count("after_success") if "after_success" in self.roles.named else 0
        self.hurried: dict[int, int] = {}
        """By message: how many hours after the beginning of the daily tier it is last tried hourly."""
        self.woken: dict[int, simpy.Event] = {}

    def answered(self, host: str, answer: str, message: Message) -> None:
        if answer == "up" and self.often:
            self.env.process(self.hurry(self.now_ms + 1))

    def hurry(self, at_ms: int) -> Waiting:
        """All mail that waits for a daily attempt, or is at one: hourly, on its own clock, from then on."""
        yield self.env.until(at_ms, Rank.CHANGE)
        *listed, day_ms = self.roles.gaps("gaps")
        for message in self.queue:
            begin_ms = message.arrival_ms + sum(listed)
            hours = self.hurried.get(message.id, 0)
            if not message.open or message.due_ms <= begin_ms + hours * day_ms // self.often:
                continue
            hours = 0
            while begin_ms + hours * day_ms // self.often < at_ms:
                hours += 1
            self.hurried[message.id] = hours + self.often - 1
            if message.id in self.woken and not message.in_hand:
                message.due_ms = begin_ms + hours * day_ms // self.often
                self.woken.pop(message.id).succeed()

    def arrives(self, message: Message) -> Waiting:
        message.due_ms = message.arrival_ms
        while message.open:
            with self.slots.request(priority=(message.due_ms, message.id)) as slot:  # type: ignore[arg-type]
                yield slot
                yield self.env.until(self.now_ms, Rank.ATTEMPT, message.id)
                message.in_hand, message.due_ms = True, self.now_ms
                outcome = yield from self.attempt(message)
                message.in_hand = False
            if outcome.what == "delivered":
                return
            self.failed(message)
            if outcome.what == "bounce" or self.platform.kind == "never":
                self.bounce(message, outcome.cause)
                return
            yield from self.wait(message, outcome.cause)

    def wait(self, message: Message, cause: str) -> Waiting:
        """Until the next attempt is due, or the end of the message's life."""
        limit_ms = message.arrival_ms + self.roles.duration("lifetime")
        if self.platform.kind == "polynomial":  # qmail decides when it begins an attempt
            yield from self.scheduled(message, cause, limit_ms)
            return
        too_often = "attempts" in self.roles.named and message.failures >= self.roles.count("attempts")
        if too_often or self.now_ms >= limit_ms:
            self.bounce(message, cause)
            return
        message.due_ms = message.arrival_ms + self.next_age_ms(message)
        self.tell(message)
        while message.open:
            woken = self.woken[message.id] = self.env.event()
            ends = self.roles.word("expiry") == "at-limit" and message.due_ms >= limit_ms
            if ends:
                then = self.env.until(limit_ms, Rank.EXPIRY, message.id)
            else:
                then = self.env.until(message.due_ms, Rank.ATTEMPT, message.id)
            yield then | woken
            if woken.triggered:
                continue
            del self.woken[message.id]
            if ends:
                self.bounce(message, cause)
            return

    def scheduled(self, message: Message, cause: str, limit_ms: int) -> Waiting:
        """qmail: the next attempt is (whole root of the age in seconds + 20) squared seconds after arrival.
        The age is that at the beginning of the attempt which has just failed.
        """
        if message.due_ms > limit_ms:
            self.bounce(message, cause)
            return
        root: Any = isqrt((message.due_ms - message.arrival_ms) // 1000) + self.roles.count("skip")
        message.due_ms = max(message.arrival_ms + root * root * 1000, self.now_ms)
        self.tell(message)
        if message.due_ms > self.now_ms:
            yield self.env.until(message.due_ms, Rank.ATTEMPT, message.id)

    def tell(self, message: Message) -> None:
        """The delay notice, if it is time."""
        self.notice_at_failure(message, self.now_ms - message.arrival_ms)

    def next_age_ms(self, message: Message) -> int:
        """The age at which the next attempt is due."""
        age_ms = self.now_ms - message.arrival_ms
        gaps, next_ms, number = self.roles.gaps("gaps"), 0, 0
        *listed, day_ms = gaps
        hourly = self.hurried.get(message.id, 0)
        while next_ms <= age_ms:  # entries that passed while an attempt took long are skipped
            if number < len(listed):
                next_ms += listed[number]
            elif number - len(listed) < hourly:
                next_ms = sum(listed) + (number - len(listed) + 1) * day_ms // self.often
            else:
                next_ms += day_ms
            number += 1
        return next_ms
