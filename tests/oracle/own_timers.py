"""Senders whose messages keep their own timers and know nothing of each other.

Offsets (hosted senders, gateways), squares (qmail), and the application that tries once.
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

    def arrives(self, message: Message) -> Waiting:
        message.due_ms = message.arrival_ms
        while message.open:
            with self.slots.request(priority=(message.due_ms, message.id)) as slot:  # type: ignore[arg-type]
                yield slot
                yield self.env.until(self.now_ms, Rank.ATTEMPT, message.id)
                outcome = yield from self.attempt(message)
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
        too_often = "attempts" in self.roles.named and message.failures >= self.roles.count("attempts")
        if too_often or self.now_ms >= limit_ms:
            self.bounce(message, cause)
            return
        message.due_ms = message.arrival_ms + self.next_age_ms(message)
        self.tell(message)
        if self.roles.word("expiry") == "at-limit" and message.due_ms >= limit_ms:
            yield self.env.until(limit_ms, Rank.EXPIRY, message.id)
            self.bounce(message, cause)
        else:
            yield self.env.until(message.due_ms, Rank.ATTEMPT, message.id)

    def tell(self, message: Message) -> None:
        """The delay notice, if it is time."""
        self.notice_at_failure(message, self.now_ms - message.arrival_ms)

    def next_age_ms(self, message: Message) -> int:
        """The age at which the next attempt is due."""
        age_ms = self.now_ms - message.arrival_ms
        if self.platform.kind == "polynomial":  # qmail: (whole root of the age in seconds + 20) squared
            root: Any = isqrt(age_ms // 1000) + self.roles.count("skip")
            return int(root * root * 1000)
        gaps, next_ms, number = self.roles.gaps("gaps"), 0, 0
        while next_ms <= age_ms:  # entries that passed while an attempt took long are skipped
            next_ms += gaps[min(number, len(gaps) - 1)]
            number += 1
        return next_ms
