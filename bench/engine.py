"""The cost of the engine compared with its goals: figures of one run on one machine.

Ratios are taken within the run, in turns. The oracle is `tests/oracle/gateway.py`, a process for
each message, inbound mail alone; everything else is a whole drill with mail in all directions, the
monitors and the people.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from bench.measure import MXDRILL, cost, cpu_s, once
from bench.world import FILE, SEED, Fates, fates, inbound_spec, scenario
from sim.drill.scenario.build_users import users_of
from sim.drill.scenario.build_world import windows_of
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS
from sim.kernel.garbage import nothing_collected
from sim.mail.message.rows import DELIVERED, Gone
from sim.mail.world import World
from tests.outage import server_starts, server_stops

DAYS_5_MS = 5 * DAY_MS
COMMANDS = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and its goal: a maximum or (`at_least`) a minimum."""

    name: str
    value: float
    unit: str
    goal: float | None
    """None: the number is only printed."""
    at_least: bool = False

    @property
    def met(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def figures(runs: int) -> Iterator[Figure]:
    """Every figure, as soon as it is known. Raises RuntimeError if a program fails or fates differ."""
    yield from ten_thousand_users(runs)
    yield from gateway_failing(runs)
    yield from by_the_reference(runs)
    yield from against_the_oracle(runs)
    yield from replay(runs)
    yield from growth(runs)
    yield from waiting(runs)
    yield from idling(runs)


def ten_thousand_users(runs: int) -> Iterator[Figure]:
    """A whole `mxdrill run` of five days."""
    settings = ("--set", "users=10000", "--set", "outage=72h", "--until", "5d")
    whole = cost(["run", FILE, *settings, "--json"], runs)
    yield Figure("10,000 users, 72 h, 5 days: whole run", whole.cpu_s, "s CPU", 3)
    yield Figure("10,000 users, 72 h, 5 days: most memory", whole.memory_mib, "MiB", 500)


def gateway_failing(runs: int) -> Iterator[Figure]:
    """The same with the gateway refusing: mail waits at 2,000 senders, and outbound mail in the server."""
    settings = ("--set", "users=10000", "--set", "outage=72h", "--until", "5d")
    whole = cost(["run", "gateway-down", *settings, "--json"], runs)
    yield Figure("10,000 users, 72 h, 5 days, gateway: whole run", whole.cpu_s, "s CPU", 5)
    yield Figure("10,000 users, 72 h, 5 days, gateway: most memory", whole.memory_mib, "MiB", 500)


def by_the_reference(runs: int) -> Iterator[Figure]:
    """`gateway-down` with its reference runbook: as one of many runs of a study, and as a command."""
    one = load_scenario("gateway-down")
    book = reference_runbook(one)

    @nothing_collected  # as in a study, which collects garbage between two runs
    def run() -> None:
        play(Session(one, SEED, None), book, 2 * DAY_MS)

    (run_s,) = cpu_s([run], runs)
    yield Figure("1,000 users, reference runbook, gateway: to 48 h, warm", run_s, "s CPU", 0.3)
    whole = cost(["run", "gateway-down", "--runbook", "reference"], runs)
    yield Figure("1,000 users, reference runbook, gateway: command", whole.cpu_s, "s CPU", 1.5)


def against_the_oracle(runs: int) -> Iterator[Figure]:
    """1,000 users, outage of 72 h, 5 days; the oracle once, since it takes a minute."""
    plainest, said = once([sys.executable, "-m", "bench.plainest", "--outage", "72h", "--until", "5d"])
    book = json.loads(said)
    settings = ("--set", "users=1000", "--set", "outage=72h", "--until", "5d")
    whole = cost(["run", FILE, *settings, "--json"], runs)
    # the process alone once more, to compare its own figure
    told = json.loads(once([MXDRILL, "run", FILE, *settings, "--json"])[1])
    _agree("attempts", told["attempts"]["inbound"], book["attempts"])
    _agree("delivered", told["ledger"]["inbound"]["delivered"], book["delivered"])
    _agree("fates", fates_of(inbound_alone(1000, "72h", DAYS_5_MS)).fingerprint, book["fingerprint"])
    (engine_s,) = cpu_s([lambda: inbound_alone(1000, "72h", DAYS_5_MS)], runs)
    yield Figure("1,000 users, 72 h, 5 days: oracle", plainest.cpu_s, "s CPU", None)
    times = "times less"
    yield Figure("  the whole run, of everything", plainest.cpu_s / whole.cpu_s, times, 50, True)
    yield Figure("  engine against engine, inbound", book["cpu_s"] / engine_s, times, 300, True)


def _agree(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise RuntimeError(f"{what}: {found} according to the engine, {expected} according to the oracle")


def inbound_alone(users: int, outage: str, until_ms: int) -> list[Gone]:
    """The engine on the oracle's world: the messages that left; none may still be queued."""
    played, gone = scenario(users, outage), list[Gone]()
    windows = windows_of(played, SEED)
    world = World(inbound_spec(users, outage), users_of(played, SEED), windows, gone.append)
    fault = played.timeline[0]
    for moment_ms, change in (
        (fault.at_ms, server_stops),
        (fault.until_ms, server_starts),
        (until_ms, None),
    ):
        while world.now_ms < moment_ms:  # as a drill does, some hours at a time
            world.advance(min(world.now_ms + 2 * HOUR_MS, moment_ms))
        if change is not None:
            change(world)
    if world.queue.depth():
        raise RuntimeError(f"{world.queue.depth()} messages are still queued; take a longer run")
    return gone


def fates_of(gone: list[Gone]) -> Fates:
    """The fate of each message."""
    columns = [(out.id, np.where(out.kind == DELIVERED, out.time_ms, -1), out.attempts) for out in gone]
    return fates(np.concatenate([np.column_stack(some) for some in columns]))


def replay(runs: int) -> Iterator[Figure]:
    """Of a journal with 40 commands, spread over the drill; the same with a server that is flooded."""
    name = f"1,000 users, 72 h, 5 days, {COMMANDS} commands: replay"
    yield Figure(name, replayed_s(scenario(1000, "72h"), runs), "s CPU", 0.3)
    flooded = scenario(1000, "72h", works="400ms", disk="84")
    yield Figure(
        "  under back pressure, its disk full for two nights", replayed_s(flooded, runs), "s CPU", None
    )


def replayed_s(played: Scenario, runs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.jsonl"
        session = Session.start(played, SEED, path)
        for number in range(COMMANDS):
            session.advance(commanded_ms(number))
            session.dispatch(command(number))
        session.advance(DAYS_5_MS)
        session.mark(digest=True)
        session.close()
        (taken_s,) = cpu_s([lambda: Session.replay(path)], runs)
    return taken_s


def commanded_ms(number: int) -> int:
    """The time of that command."""
    return (number + 1) * DAYS_5_MS // (COMMANDS + 1)


def command(number: int) -> str:
    """Commands that declare, notify, extend, check and pause; none of them is refused."""
    spoken = {
        1: "continuity start group=all for=8h",
        2: "notify users via=sms state=down",
        3: "continuity extend 24h",
        9: "continuity extend 24h",
        16: "deliveries pause inbound",
        20: "deliveries resume inbound",
        26: "queue retry inbound",
    }
    return spoken.get(number, "status check gateway" if number % 2 else f"note the {number}th look")


def played(users: int, outage: str, days: int, **more: str) -> Callable[[], object]:
    """A function to measure: a drill without any action."""
    return lambda: play(Session(scenario(users, outage, **more), SEED, None), None, days * DAY_MS)


def growth(runs: int) -> Iterator[Figure]:
    few, many = cpu_s([played(1_000, "72h", 5), played(10_000, "72h", 5)], runs)
    yield Figure("10,000 users against 1,000, in one process", many / few, "times", 11)


def waiting(runs: int) -> Iterator[Figure]:
    """Whole runs in turns."""
    seconds: dict[str, list[float]] = {"24h": [], "96h": []}
    for _ in range(runs):
        for outage, taken_s in seconds.items():
            arguments = ["run", FILE, "--set", "users=10000", "--set", f"outage={outage}", "--until", "10d"]
            taken_s.append(cost([*arguments, "--json"], 1).cpu_s)
    short, long = (median(taken_s) for taken_s in seconds.values())
    yield Figure("10,000 users, 10 days: 96 h against 24 h, whole runs", long / short, "times", 1.5)


def idling(runs: int) -> Iterator[Figure]:
    """Monday to Friday of the second week without a fault; then what the monitors cost in an outage."""
    idle = [played(1_000, "1ms", days) for days in (7, 12)]
    settings = (("14d", "14d"), ("15m", "15m"), ("2m", "2m"))
    watched = [played(1_000, "72h", 5, window=window, sample=sample) for window, sample in settings]
    week, more, unseen, rare, often = cpu_s([*idle, *watched], runs)
    yield Figure("1,000 users: an idle working day", (more - week) / 5 * 1000, "ms CPU", 50)
    yield Figure("  monitors that look every 2 min against 15 min", often / rare, "times", 1.1)
    yield Figure(
        "  all that monitors cost in 5 days, alerts included", (often - unseen) * 1000, "ms CPU", None
    )
