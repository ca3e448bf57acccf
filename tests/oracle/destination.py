"""The other side: mail hosts whose behaviour changes with time, and what the resolver says of them."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.kernel.draws import below, mix
from tests.oracle.clockwork import Clockwork, Rank

SYN_MS = (0, 1000, 3000, 7000, 15000, 31000, 63000, 127000)
"""When the packets of one connection attempt are sent (RFC 6298 §2, §5.5)."""

HOST_FAILED = frozenset({"refused", "timeout", "silent", "greeting_4xx", "greeting_5xx"})
"""Answers that speak for the host as a whole, not for one message."""

Waiting = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Timeline:
    """Something that changes at set times: (from_ms, what), ascending, the first one from 0."""

    spells: tuple[tuple[int, Any], ...]

    def at(self, time_ms: int) -> Any:
        """What it is at `time_ms`; a change counts from its own millisecond."""
        return next(what for from_ms, what in reversed(self.spells) if from_ms <= time_ms)


@dataclass(frozen=True)
class Partly:
    """A host of which a part fails: `per_mille` of all attempts meet `failure`, the others get through.
    Which ones is a keyed draw of (message, number of the host tried for it).
    """

    failure: str
    per_mille: int
    seed: int
    users: Mapping[int, int] | None = None
    """To whom each message goes: given, `per_mille` of the recipients meet it, whichever attempt it is."""
    senders: tuple[str, Mapping[int, int]] | None = None
    """Who sends each message, by `senders` or `platforms`: given, `per_mille` of those meet it anywhere."""


@dataclass
class Host:
    """A mail host. `behaviour`: `up`, the name of a failure as platform files have them, or `Partly`.

    `servers`: how many messages it takes at a time (None: any number), each for `service_ms`; the others
    wait in line, first come first served, equal arrivals by message.
    """

    name: str
    behaviour: Timeline
    servers: int | None = None
    service_ms: int = 0
    greylist: Timeline | None = None
    """How long a first contact has to wait, in ms, from when on; 0: it does not."""
    users: Mapping[int, int] | None = None
    """To whom each message goes, if each recipient of a sender is a contact of its own."""
    met_ms: dict[tuple[object, int], int] = field(default_factory=dict)
    """When each contact first came."""
    busy: int = 0
    line: list[tuple[int, int, simpy.Event]] = field(default_factory=list)

    def answer(self, time_ms: int, key: tuple[int, int]) -> str:
        """How it answers this attempt when a packet reaches it."""
        behaviour = self.behaviour.at(time_ms)
        if isinstance(behaviour, Partly) and behaviour.users is not None:
            drawn = int(below(mix(behaviour.seed, f"partial {self.name}", behaviour.users[key[0]]), 1000)[0])
            return behaviour.failure if drawn < behaviour.per_mille else "up"
        if isinstance(behaviour, Partly) and behaviour.senders is not None:
            of, who = behaviour.senders
            drawn = int(below(mix(behaviour.seed, f"partly by {of}", who[key[0]]), 1000)[0])
            return behaviour.failure if drawn < behaviour.per_mille else "up"
        if isinstance(behaviour, Partly):
            drawn = int(below(mix(behaviour.seed, f"partly {self.name}", *key), 1000)[0])
            return behaviour.failure if drawn < behaviour.per_mille else "up"
        return str(behaviour)

    def met(self, now_ms: int, connect_ms: int, greeting_ms: int, key: tuple[int, int]) -> tuple[str, int]:
        """What an attempt made at `now_ms` meets, and when that is known. `key`: of its draw.

        Dropped packets are repeated: the first that comes through is answered as the host answers then.
        """
        answer = self.answer(now_ms, key)
        if answer == "timeout":
            for sent_ms in (now_ms + after_ms for after_ms in SYN_MS if after_ms < connect_ms):
                answer = self.answer(sent_ms, key)
                if answer != "timeout":
                    now_ms = sent_ms
                    break
            else:
                return "timeout", now_ms + connect_ms
        return answer, now_ms + greeting_ms if answer == "silent" else now_ms

    def knows(self, now_ms: int, sender: object, message: int) -> bool:
        """Whether mail that comes now from `sender` passes the greylist."""
        delay_ms = self.greylist.at(now_ms) if self.greylist is not None else 0
        if not delay_ms:
            return True
        contact = sender, 0 if self.users is None else self.users[message]
        if contact not in self.met_ms:
            self.met_ms[contact] = now_ms
        return bool(now_ms >= self.met_ms[contact] + delay_ms)

    def take(self, env: Clockwork, message: int) -> Waiting:
        """Custody passes at the end of this; what has begun is finished, whatever the host does meanwhile."""
        if self.servers is not None:
            called = env.event()
            self.line.append((env.time_ms, message, called))
            env.process(self._call_next(env))
            yield called
        if self.service_ms:
            yield env.until(env.time_ms + self.service_ms, Rank.END, message)
        if self.servers is not None:
            self.busy -= 1
            env.process(self._call_next(env))

    def _call_next(self, env: Clockwork) -> Waiting:
        yield env.until(env.time_ms, Rank.START)
        while self.line and self.servers is not None and self.busy < self.servers:
            first = min(self.line, key=lambda waiting: waiting[:2])
            self.line.remove(first)
            self.busy += 1
            first[2].succeed()


@dataclass(frozen=True)
class Resolver:
    """What the sender's resolver answers: the names of the hosts, most preferred first, or one of
    `servfail`, `nxdomain`, `no_data`, `null_mx`, `dangling_mx`. A `servfail` is known after `gives_up_ms`.
    """

    answers: Timeline
    gives_up_ms: int = 0
