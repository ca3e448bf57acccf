"""One sending organisation, without its retry rule: handing a message over, giving up, sending notices.

Each retry rule is a subclass in a file of its own. What is shared with the product is data: the
platform's file with settings in force. No rule of the product is imported.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import simpy

from sim.mail.platforms.platform import Platform
from sim.mail.platforms.platform_file import StatusFact
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.destination import HOST_FAILED, Host, Resolver
from tests.oracle.message import Message

Waiting = Generator[simpy.Event, Any, None]
LOOKUP_STATUS = {
    "servfail": "4.4.3",
    "nxdomain": "5.1.2",
    "no_data": "5.4.4",
    "null_mx": "5.1.10",
    "dangling_mx": "5.4.4",
}
"""RFC 3463 §3.2, §3.5; RFC 7505 §4.1."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: `delivered`, `wait` or `bounce`. `cause`: the last answer. `of_host`: no host
    that was tried spoke about this message. `host`: the last one that was tried; empty if none was.
    """

    what: str
    cause: str
    of_host: bool = False
    host: str = ""

    @property
    def tried(self) -> bool:
        """Whether any connection was used."""
        return bool(self.host)


class Sender:
    """What all sending platforms do alike."""

    def __init__(self, env: Clockwork, platform: Platform, hosts: list[Host], resolver: Resolver) -> None:
        self.env = env
        self.platform = platform
        self.roles = platform.roles
        self.hosts = {host.name: host for host in hosts}
        self.resolver = resolver
        self.connections: list[tuple[int, str]] = []
        self.queue: list[Message] = []
        kernel = "kernel_timeout" if "kernel_timeout" in self.roles.named else "connect_timeout"
        fast_open = self.roles.named.get("fast_open") == "*"
        own = "greeting_timeout" if fast_open else "connect_timeout"
        self.connect_ms = min(self.roles.duration(own), self.roles.duration(kernel))  # type: ignore[arg-type]
        self.greeting_ms = self.roles.duration("greeting_timeout")

    @property
    def now_ms(self) -> int:
        """The time."""
        return self.env.time_ms

    def found(self) -> tuple[str, ...] | str:
        """The hosts in order of preference, or why there are none."""
        return self.resolver.answers.at(self.now_ms)

    def accept(self, message: Message) -> None:
        """The message enters the queue; its first attempt is due."""
        self.queue.append(message)
        self.env.process(self.arrives(message))

    def arrives(self, message: Message) -> Waiting:
        """What the platform does with a new message, and then until its end."""
        raise RuntimeError(f"{type(self).__name__} says nothing about message {message.id}")

    # ------------------------------------------------------------ one attempt

    def attempt(
        self,
        message: Message,
        *,
        skip: Callable[[str], bool] = lambda host: False,
        kept: str = "",
    ) -> Generator[simpy.Event, Any, Outcome]:
        """Offer the message to the hosts in order of preference until one takes it or the platform's
        file says `stay` or `bounce`. `skip`: hosts that are left alone. `kept`: a host to which a
        connection is open; it is used and nobody else is asked.
        """
        found = (kept,) if kept else self.found()
        if isinstance(found, str):
            return (yield from self.without_hosts(message, found))
        last, of_host, tried = "", True, ""
        for name in found:
            if skip(name):
                continue
            host, tried = self.hosts[name], name
            draw = (message.id, len(message.attempts))
            message.attempts.append((self.now_ms, name))
            if not kept:
                self.connections.append((self.now_ms, name))
            last, known_ms = host.met(self.now_ms, self.connect_ms, self.greeting_ms, draw)
            if known_ms > self.now_ms:
                yield self.env.until(known_ms, Rank.END, message.id)
            if last == "up" and not host.knows(self.now_ms, self, message.id):
                last = "defer"
            self.answered(name, last, message)
            if last == "up":
                message.host = name
                yield from host.take(self.env, message.id)
                self.delivered(message)
                return Outcome("delivered", last, host=name)
            of_host = of_host and last in HOST_FAILED
            what = self.platform.file.fallback[last].value  # type: ignore[index]
            if what == "next-or-bounce":
                what = "bounce" if name == found[-1] else "next"
            if what != "next":
                return Outcome("bounce" if what == "bounce" else "wait", last, of_host, name)
        return Outcome("wait", last, of_host, tried)

    def without_hosts(self, message: Message, why: str) -> Generator[simpy.Event, Any, Outcome]:
        """A lookup that gave no host: wait or bounce, as the file says."""
        if why == "servfail" and self.resolver.gives_up_ms:
            yield self.env.until(self.now_ms + self.resolver.gives_up_ms, Rank.END, message.id)
        known = self.platform.file.lookups.get(why)  # type: ignore[call-overload]
        what = known.value if known else "wait" if why == "servfail" else "bounce"
        return Outcome(what, why)

    def answered(self, host: str, answer: str, message: Message) -> None:
        """A hook for platforms that remember something about hosts."""

    # ------------------------------------------------------------ the end of a message

    def delivered(self, message: Message) -> None:
        """The receiver has it."""
        message.fate, message.ended_ms = "delivered", self.now_ms

    def bounce(self, message: Message, cause: str) -> None:
        """Given up, with the status of what went wrong last."""
        message.fate, message.ended_ms, message.cause = "bounced", self.now_ms, cause
        if cause in LOOKUP_STATUS:
            known = self.platform.file.lookups.get(cause)  # type: ignore[call-overload]
            message.status = known.status if known and known.status else LOOKUP_STATUS[cause]
            return
        kind = {"timeout": "timeout", "silent": "timeout", "defer": "defer", "reject": "reject"}
        facts: dict[str, StatusFact] = dict(self.platform.file.bounce_status)  # type: ignore[arg-type]
        if cause in facts:
            message.status = facts[cause].value
            return
        message.status = facts[kind.get(cause, "reject" if cause == "greeting_5xx" else "refused")].value

    def failed(self, message: Message) -> None:
        """One more attempt that ended now without success."""
        message.failures += 1
        message.last_failed_ms = self.now_ms

    def notice_at_failure(self, message: Message, age_ms: int) -> None:
        """The delay notice at the first failure from each of the set ages on."""
        if self.platform.file.notice.when == "at-failure":
            self.notify(message, self.ages_passed(age_ms))

    def notify(self, message: Message, passed: int) -> None:
        """One notice, if an age has been passed for which none was sent."""
        if passed > message.notified:
            message.notified = passed
            message.notices.append(self.now_ms)

    def notice_ages(self) -> list[int]:
        """The ages that are set, ascending; 0 switches notices off."""
        after = self.roles.named.get("notice_after", ())
        early_ms = int(self.roles.named.get("notice_early", 0))
        return sorted({int(a) - early_ms for a in (after if isinstance(after, tuple) else (after,)) if a})

    def ages_passed(self, age_ms: int) -> int:
        """How many of them a message of this age has passed."""
        return sum(after_ms <= age_ms for after_ms in self.notice_ages())
