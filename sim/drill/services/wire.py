"""Answers to a real client at each of the lab's ports, taken from the state of the world. Pure.

The answers are those that the simulated senders, gateway and mail server get at that moment. If a share of
attempts, recipients or senders fails, the simulation's keyed draws decide which: the same client at the same
moment always gets the same answer. Truth, for the lab only.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

import numpy as np

from sim.drill.services.real_mail import domain_of
from sim.kernel.draws import mix_one
from sim.kernel.frozen import frozen
from sim.mail.gateway.outbound_queue import RECEIVERS
from sim.mail.message.receiver_draws import Sharers, attempt_permille, recipient_permille, sender_permille
from sim.mail.queue.receiver_condition import Answer, Condition
from sim.mail.routes.connector import GATEWAY as CONNECTOR
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.world import World
from sim.mail.world_spec import SERVER

Door = Literal["MX", "MX 2", "smart host", "mail server", "direct", "backup", "internet"]
Step = Literal["connect", "mail", "rcpt"]
"""The stage of an SMTP session at which an answer is given."""

DOORS: dict[Door, str] = {
    "MX": "the gateway's first MX host",
    "MX 2": "the gateway's second MX host",
    "smart host": "the gateway, for outbound mail from the mail server's connector",
    "mail server": "the mail server, as seen by the gateway",
    "direct": "the mail server, as seen by senders that bypass the gateway",
    "backup": "the backup MX",
    "internet": "all external domains, as seen by the gateway",
}
"""For each port of the lab, the simulated host that the port represents."""

_REPLY = re.compile(r"([45])(\d\d) (?:([45])\.\d{1,3}\.\d{1,3} )?(.*)", re.DOTALL)
_USER = re.compile(r"user(\d{4,9})", re.ASCII)
_USUAL: dict[Answer, str] = {
    "defer": "451 4.3.2 Service is busy, try again later",
    "reject": "550 5.7.1 Message is refused",
}
FULL = "421 4.3.1 queue is full"
"""The gateway's reply if no fault sets one; the gateway then defers mail only because its queue is full
(`RoomInside`).
"""


@frozen
class PortAnswer:
    """The answer of one port at one moment. By default, it accepts everything at once."""

    answer: Answer = "up"
    """`refused`: the port is closed. `timeout`: packets are lost. `defer`, `reject`: `reply` is sent."""
    reply: str = ""
    """One SMTP reply with its enhanced code (RFC 3463); empty unless the answer defers or rejects."""
    step: Step = "rcpt"
    """The stage of the session at which the answer is given."""
    per_mille: int = 1000
    of: Sharers = "attempts"
    """The share of attempts, recipients or senders that gets the answer; the others succeed."""
    users: tuple[int, ...] = ()
    """The recipients that get the answer, instead of a share of them."""
    host: str = ""
    """Name of the simulated host; it keys the host's draws."""
    servers: int | None = None
    per_message_ms: int = 0
    """Number of messages that the host accepts at a time (None: any number), and the simulated time for
    each.
    """
    greylist_ms: int = 0
    by_pair: bool = False
    """First contacts are deferred for `greylist_ms`. `by_pair`: True if each recipient counts as a
    separate contact.
    """

    @property
    def total(self) -> bool:
        """True if the port does not let any mail through."""
        return self.answer != "up" and self.per_mille == 1000 and not self.users

    @property
    def port(self) -> Literal["open", "closed", "silent"]:
        """The answer of the port as a whole: if `silent`, the packets of every connection attempt are
        lost.
        """
        if self.total and self.answer == "refused":
            return "closed"
        return "silent" if self.total and self.answer == "timeout" else "open"


@frozen
class Attempt:
    """The facts known about one attempt of a real client; at `connect`, only its number."""

    number: int
    """The number of this client's attempt for this message at this port, from 1; at `connect`, the number
    of the connection.
    """
    sender: str = ""
    recipient: str = ""


@frozen
class Wire:
    """The ports of one drill. `replies`: the gateway's reply by direction, if it has one."""

    world: World
    seed: int
    domain: str
    who: "WhoIsWho"
    replies: Mapping[Literal["inbound", "outbound"], str] = field(default_factory=dict)

    def meets(self, door: Door) -> PortAnswer:
        """The answer of a port now."""
        world = self.world
        match door:
            case "MX" | "MX 2":
                name = GATEWAY[door == "MX 2"]
                reply = self.replies.get("inbound") or FULL
                return _of_host(world.inbound.hosts[name].at(world.now_ms), name, reply)
            case "smart host":
                host = world.writers.outbound.hosts[CONNECTOR]
                reply = self.replies.get("outbound") or FULL
                return _of_host(host.at(world.now_ms), host.name, reply)
            case "mail server":
                pace = world.endpoint.receiver
                return _of_condition(
                    world.queue.condition, SERVER, self._pressed, pace.connections, pace.per_message_ms
                )
            case "direct":
                met = world.server_door.gates.meets("internet", world.endpoint.meets)
                pace = world.endpoint.receiver
                return _of_condition(met, DIRECT, self._pressed, pace.connections, pace.per_message_ms)
            case "backup":
                return self._backup()
            case "internet":
                return _of_condition(world.writers.outgoing.queue.condition, RECEIVERS, pressed=False)

    @property
    def _pressed(self) -> bool:
        """True if the mail server defers at MAIL: back pressure, without a more serious failure."""
        endpoint = self.world.endpoint
        return endpoint.effect.refuses and not endpoint.condition.total

    def _backup(self) -> PortAnswer:
        host, now_ms = self.world.inbound.hosts[BACKUP], self.world.now_ms
        met = _of_host(host.at(now_ms), BACKUP, f"550 5.7.1 Relaying denied for {self.domain}")
        rule, delay_ms = host.greylist, 0
        if rule is not None:
            delay_ms = int(rule.delay_ms(np.array([now_ms], dtype=np.int64))[0])
        return PortAnswer(
            **{name: getattr(met, name) for name in ("answer", "reply", "per_mille", "of", "host")},
            servers=host.servers,
            per_message_ms=host.service_ms,
            greylist_ms=delay_ms,
            by_pair=rule is not None and rule.recipients is not None,
        )

    def hits(self, met: PortAnswer, attempt: Attempt) -> bool:
        """True if this attempt gets the answer of `met`; False if it succeeds."""
        if met.answer == "up" or met.total:
            return met.total
        if met.users:
            return self.who.user(attempt.recipient) in met.users
        if met.of == "recipients":
            whom = attempt.recipient
            number = self.who.sender(whom) if met.host == RECEIVERS else self.who.user(whom)
            drawn = recipient_permille(self.seed, met.host, np.array([number], dtype=np.int64))
        elif met.of == "attempts":
            key = _key(f"{attempt.sender} {attempt.recipient}")
            drawn = attempt_permille(self.seed, met.host, np.array([key], dtype=np.int64), attempt.number)
        else:
            number = self.who.sender(attempt.sender, met.of)
            drawn = sender_permille(self.seed, met.of, np.array([number], dtype=np.int64))
        return int(drawn[0]) < met.per_mille


@frozen
class WhoIsWho:
    """The simulated people and organisations that stand for real addresses."""

    seed: int
    users: int
    outside: CorrespondentTable

    def user(self, address: str) -> int:
        """The user with this address: `user0012@…` is number 12; any other local part is drawn by its
        name.
        """
        local = address.rpartition("@")[0].lower()
        found = _USER.fullmatch(local)
        if found is not None and int(found[1]) < self.users:
            return int(found[1])
        return mix_one(self.seed, "user of a real address", _key(local)) % self.users

    def sender(self, address: str, of: Sharers = "senders") -> int:
        """The outside organisation with this address, drawn by its domain; or the number of its network or
        platform.
        """
        domain = domain_of(address)
        number = mix_one(self.seed, "sender of a real address", _key(domain)) % len(self.outside)
        if of == "networks":
            return int(self.outside.networks(np.array([number], dtype=np.int64))[0])
        if of != "platforms":
            return number
        return self.outside.platforms.index(self.outside.platform_of(number))


def _of_host(behaviour: Behaviour, name: str, reply: str) -> PortAnswer:
    answer = _answer(behaviour.answer)
    return PortAnswer(
        answer,
        as_reply(answer, reply),
        "connect" if answer in {"refused", "timeout"} else "rcpt",
        per_mille=behaviour.per_mille,
        of=behaviour.of,
        host=name,
    )


def _of_condition(
    met: Condition, name: str, pressed: bool, servers: int | None = None, per_message_ms: int = 0
) -> PortAnswer:
    answer: Answer = "up" if met.lets_through else met.answer
    step: Step = "mail" if pressed and answer == "defer" else "rcpt"
    return PortAnswer(
        answer,
        as_reply(answer, met.reply),
        "connect" if answer in {"refused", "timeout"} else step,
        per_mille=met.per_mille,
        of=met.of,
        users=met.users,
        host=name,
        servers=servers,
        per_message_ms=per_message_ms,
    )


def _answer(text: str) -> Answer:
    """The answer of a simulated host. Raises ValueError for an answer that no port can give."""
    known: tuple[Answer, ...] = ("up", "refused", "timeout", "defer", "reject")
    for answer in known:
        if answer == text:
            return answer
    raise ValueError(f"no port of the lab can answer {text!r}")


def as_reply(answer: Answer, text: str) -> str:
    """`text` as one SMTP reply of the class that `answer` needs, with an enhanced code (RFC 3463).

    Empty for an answer without a reply. Text without a reply code gets the usual code for `answer`.
    """
    if answer not in _USUAL:
        return ""
    plain = "".join(char for char in text if char.isprintable() and char.isascii()).strip()
    wanted = "4" if answer == "defer" else "5"
    found = _REPLY.fullmatch(plain)
    if found is None or found[1] != wanted or found[3] not in {None, wanted}:
        usual = _USUAL[answer]
        return f"{usual[:10]}{plain}" if plain and found is None else usual
    return plain if found[3] else f"{wanted}{found[2]} {wanted}.0.0 {found[4]}"


def _key(text: str) -> int:
    """A number for a text, the same on every machine. The number is below 2^62, so that it fits into an
    int64.
    """
    return int.from_bytes(hashlib.sha256(text.lower().encode("utf-8", "replace")).digest()[:8], "big") >> 2
