"""Recorded runs of real servers as worlds of the oracle, and what is compared of the two histories.

`runs/e*.json`: seconds from the start of the run. The oracle gets the run's settings, arrivals and changes
of the destination. Two things cannot be read from a run and are the only ones taken from its trace: the
phase of the server's queue scans (near the moment at which the destination came back; the real grid
drifts by about one per cent, and stalls) and, after an MX change, when the resolver's old answer ran out.
"""

import json
from cmath import exp, phase, pi
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from sim.mail.platforms.platform import Platform, load_platform
from tests.oracle.destination import Host, Resolver, Timeline
from tests.oracle.senders import History, World, relay
from tests.shipped import FILES

RUNS = Path(__file__).parent / "runs"
START_MS = 10_000
SECONDS = range(0, 1000, 50)
"""Where a run's start may stand within a second of the server's clock: one for each run, and unknown unless
the server's log shows it (`started_s`: at least, at most).
"""
SLACK_MS = 300
ACCELERATED_MS = 100_000
LOOPBACK = "5ms"
"""A refused delivery of Postfix to a port of its own machine."""
OTHERS = (
    "connect_timeout",
    "command_timeout",
    "hosts_try_fastopen",
    "queue_run_max",
    "Timeout.connect",
    "Timeout.initial",
)
"""Settings that only some runs change, under the product's names."""
BEHAVIOUR = {
    "down": "refused",
    "451": "defer",
    "550": "reject",
    "up": "up",
    "421": "greeting_4xx",
    "silent": "silent",
    "554": "greeting_5xx",
}


def settings(run: dict[str, Any]) -> dict[str, str]:
    """The run's settings under the product's names."""
    timers = run["timers"]
    others = {name: timers[name] for name in OTHERS if name in timers}
    match run["software"]:
        case "postfix":
            return {**timers, "refused_delivery_time": LOOPBACK}
        case "exim":
            own = {"retry": timers["retry"], "queue_interval": timers["q"], "delay_warning": timers["warn"]}
            return own | others
        case "sendmail":
            own = {"queue_interval": timers["q"], "Timeout.queuereturn": timers["ret"]}
            return (
                own | {"Timeout.queuewarn": timers["warn"], "MinQueueAge": timers["minage"] or "0"} | others
            )
        case "courier":
            control = dict(line.split(": ", 1) for line in run["config"].splitlines())
            own = {name: value for name, value in control.items() if not value.startswith("(")}
            return own | ({"deferral_time": timers["deferral_time"]} if "deferral_time" in timers else {})
        case _:
            own = {"ttl": timers["ttl"], "warn-interval": timers["warn"]}
            return own | ({"max-deferred": timers["max-deferred"]} if "max-deferred" in timers else {})


@dataclass(frozen=True)
class Recorded:
    """A run. Times of the real server in ms of its own clock, shifted to the oracle's."""

    name: str
    run: dict[str, Any]
    second_ms: int = 0

    @property
    def platform(self) -> Platform:
        """The server with the run's settings."""
        return load_platform(FILES, self.run["software"], settings(self.run))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """In order of arrival."""
        return sorted(self.run["injections"], key=lambda i: (i["t"], i["id"]))

    @property
    def period_ms(self) -> int:
        """Between two scans; 0 for servers that have none."""
        return self.platform.roles.duration("scan") if self.platform.scans else 0

    def ms(self, t: float) -> int:
        """A time of the run as the oracle counts it."""
        speed = float(self.run.get("clock_speed", 1))
        return round(t * speed * 1000) + START_MS + self.second_ms

    @property
    def back_ms(self) -> int:
        """When the destination came back (or the MX changed), the last time if it did so several times."""
        return self.ms(max(m["t"] for m in self.run["modes"]))

    def connections_ms(self) -> list[tuple[int, str]]:
        """Every TCP connection attempt of the server to a destination's host."""
        return [(self.ms(t), host) for t, host in self.run["connections"] if host != "mxs"]

    def seconds_ms(self) -> list[int]:
        """What `second_ms` may be."""
        if "started_s" not in self.run:
            return list(SECONDS)
        least_ms, most_ms = (t * 1000 for t in self.run["started_s"])
        return [s for s in SECONDS if least_ms <= s <= most_ms] or [round((least_ms + most_ms) / 2)]

    @property
    def tolerance_ms(self) -> int:
        """An attempt is within one scan interval + 0.3 s; Courier counts whole seconds; on an accelerated
        clock a stall of the machine counts many times.
        """
        if "clock_speed" in self.run:
            return ACCELERATED_MS
        return (self.period_ms or 1000) + SLACK_MS

    def phase_ms(self) -> int:
        """A moment of the scan grid: the mean direction of the connections around the return that no
        arrival explains.
        """
        arrivals = [self.ms(i["t"]) for i in self.messages]
        times = [t for t, _ in self.connections_ms() if not any(0 <= t - a < 250 for a in arrivals)]
        near = sorted(times, key=lambda t: abs(t - self.back_ms))[:6]
        angle = phase(sum(exp(2j * pi * t / self.period_ms) for t in near))
        return round(angle / (2 * pi) * self.period_ms) % self.period_ms

    def hosts(self, servers: int | None = None, service_ms: int = 0) -> list[Host]:
        """The destination as the run's description and modes say."""
        names = sorted({m["host"] for m in self.run["modes"] if m.get("host")})
        spells = {
            name: [(self.ms(m["t"]), m["mode"]) for m in self.run["modes"] if m.get("host") == name]
            for name in names
        }
        found = [
            Host(
                name,
                Timeline(((0, BEHAVIOUR[modes[0][1]]), *((at, BEHAVIOUR[mode]) for at, mode in modes[1:]))),
                servers,
                service_ms,
            )
            for name, modes in spells.items()
        ]
        return [*found, Host("mxbh", Timeline(((0, "timeout"),)))]

    def looks_ms(self) -> tuple[int, ...]:
        """The scans as they really came: connections that no arrival explains. A stalled machine shifts the
        grid; a scan that found nothing due is not seen and does not matter.
        """
        times = sorted(t for t, _ in self.connections_ms())
        for arrival in (self.ms(i["t"]) for i in self.messages):
            fresh = next((t for t in times if arrival <= t < arrival + 150), None)
            if fresh is not None:
                times.remove(fresh)
        looks: list[int] = []
        for t in times:
            if not looks or t - looks[-1] > 700:
                looks.append(t)
        return tuple(looks)

    def world(
        self, resolver: Resolver, servers: int | None = None, service_ms: int = 0, *, as_seen: bool = False
    ) -> World:
        """Its settings, arrivals and destination, with a regular grid of scans or the one that was seen."""
        arrivals = [self.ms(i["t"]) for i in self.messages]
        bounces = [self.ms(d["t"]) for d in self.run["dsn"]]
        until_ms = max([arrivals[-1], *bounces, *(t for t, _ in self.connections_ms())]) + 600_000
        scan_ms = self.looks_ms() if as_seen else self.phase_ms() if self.period_ms else 0
        hosts = self.hosts(servers, service_ms)
        return World(self.platform, arrivals, hosts, resolver, until_ms, scan_ms)


def recorded(name: str) -> Recorded:
    """The run of that name."""
    return Recorded(name, json.loads((RUNS / f"{name}.json").read_text()))


@cache
def explained(
    name: str,
    resolver: Callable[[Recorded], Resolver],
    servers: int | None = None,
    service_ms: int = 0,
    *,
    as_seen: bool = False,
) -> tuple[Recorded, History]:
    """The run and its history in the oracle, at the part of a second that explains the run best."""
    tried = []
    known = recorded(name)
    for second_ms in known.seconds_ms():
        run = replace(known, second_ms=second_ms)
        seen = as_seen and run.period_ms > 0
        tried.append((run, relay(run.world(resolver(run), servers, service_ms, as_seen=seen))))
    return min(tried, key=lambda pair: compare(*pair).misfit)


@cache
def always(*hosts: str) -> Callable[[Recorded], Resolver]:
    """A resolver that names these hosts all the time."""
    return lambda _: Resolver(Timeline(((0, hosts),)))


@dataclass(frozen=True)
class Compared:
    """Real and modelled, message by message. `ends_ms`: of each message that was delivered or bounced,
    model minus run. `waiting_ms`: (model, run) since the return, of messages that were waiting then.
    `connections`: before the return, or in the whole run if there is none (model, run).
    """

    ends_ms: list[int]
    waiting_ms: list[tuple[int, int]]
    connections: tuple[int, int]
    fates_agree: bool

    @property
    def misfit(self) -> tuple[bool, int]:
        """The smaller, the better the model explains the run."""
        connections = abs(self.connections[0] - self.connections[1])
        return not self.fates_agree, sum(abs(by) for by in self.ends_ms) + 1000 * connections

    @property
    def delays_ms(self) -> tuple[float, float]:
        """Medians since the return (model, run)."""
        return median(w[0] for w in self.waiting_ms), median(w[1] for w in self.waiting_ms)

    @property
    def worst_ms(self) -> int:
        """The largest."""
        return max((abs(by) for by in self.ends_ms), default=0)


def compare(real: Recorded, model: History) -> Compared:
    """The two histories side by side. A delivery counts from its RCPT (the receiver's DATA takes time)."""
    taken = {(message, host): t for t, host, message, kind in real.run["attempts"] if kind == "rcpt"}
    arrived = {message: (real.ms(taken[message, host]), host) for _, host, message in real.run["deliveries"]}
    failed = {d["id"]: real.ms(d["t"]) for d in real.run["dsn"] if d["action"] == "failed"}
    off: list[int] = []
    waiting: list[tuple[int, int]] = []
    agree = True
    for injected, message in zip(real.messages, model.messages, strict=True):
        name = injected["id"]
        if name in arrived:
            at_ms, host = arrived[name]
            agree &= (message.fate, message.host) == ("delivered", host)
            if message.fate == "delivered":
                ours_ms = message.attempts[-1][0]
                off.append(ours_ms - at_ms)
                if message.arrival_ms < real.back_ms <= at_ms:
                    waiting.append((ours_ms - real.back_ms, at_ms - real.back_ms))
        else:
            agree &= message.fate == ("bounced" if name in failed else "waiting")
            if message.ended_ms is not None and name in failed:
                off.append(message.ended_ms - failed[name])
    until_ms = real.back_ms if waiting else max(t for t, _ in [*real.connections_ms(), (0, "")]) + 1000
    before = [sum(t < until_ms for t, _ in which) for which in (model.connections, real.connections_ms())]
    return Compared(off, waiting, (before[0], before[1]), agree)
