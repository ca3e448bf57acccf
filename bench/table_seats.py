"""`python -m bench.table_seats`: eight seats and the facilitator's screen on one world, at high speed.

Every screen has a client that reads all of its paint. First an idle console, one seat alone with a stopped
clock, says what this machine can do at this moment; then all of them share one drill. Without keys, each
screen's repaints are counted; then keys are typed at one seat after another, and the time to their paint is
measured, as are CPU, memory, paint and the lag of the process. The idle console is measured once more at the
end: on a machine that is busy with other things, compare the ratio to it, or the CPU time from key to paint,
and not the milliseconds.

    python -m bench.table_seats [SPEED…]
"""

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from textual.driver import Driver

from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from sim.table.seats import BY_NAME
from tui.painting.local_time import LocalTime
from tui.playing.drill_language import DrillLanguage
from tui.playing.pacer import FRAME_S
from tui.table.clock import TableClock
from tui.table.facilitator.app import StationApp
from tui.table.facilitator.station import Station
from tui.table.seat.driver import SeatDriver
from tui.table.seat.outlet import Outlet
from tui.table.seat.seat import Client
from tui.table.seat.seats import Seats
from tui.table.seat.shared_table import SharedTable

SPEEDS = (60, 600)
QUIET_S, KEYS_S, IDLE_S = 10.0, 15.0, 6.0
APART_S = 0.1
SIZE = (160, 45)
P95_MS, MOST_MB, MOST_REPAINTS = 150, 400, 5.0
"""Goals, at ×600."""


@dataclass(frozen=True)
class KeyTime:
    """The time from a key to its paint."""

    wall_s: float
    cpu_s: float
    """Time for which this process computed in between, for any screen."""


class Viewer:
    """A client that reads everything, counts repaints, and knows when a character was painted."""

    def __init__(self, outlet: Outlet, driver: SeatDriver) -> None:
        self._outlet, self._driver = outlet, driver
        self._wanted, self._seen = b"", asyncio.Event()
        self.octets = self.repaints = 0
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while piece := await self._outlet.take():
            self.octets += len(piece)
            self.repaints += 1
            if self._wanted and self._wanted in piece:
                self._seen.set()

    async def key(self, character: str) -> KeyTime:
        """The time from that key to its paint."""
        self._wanted = character.encode()
        self._seen.clear()
        began_s, cpu_s = time.perf_counter(), time.process_time()
        self._driver.feed(self._wanted)
        async with asyncio.timeout(10):
            await self._seen.wait()
        return KeyTime(time.perf_counter() - began_s, time.process_time() - cpu_s)


class Screen(StationApp):
    """The facilitator's screen, painted for a client instead of a terminal."""

    def get_driver_class(self) -> type[Driver]:
        return SeatDriver


@dataclass
class Around:
    """An exercise three hours into its outage, with everything around it."""

    exercise: Exercise
    clock: TableClock
    table: SharedTable

    @contextmanager
    def driven(self) -> Iterator[None]:
        """Its clock runs, as the server drives it."""

        async def drive() -> None:
            while True:
                began_s = time.monotonic()
                self.clock.frame()
                await asyncio.sleep(max(0.005, FRAME_S - (time.monotonic() - began_s)))

        driving = asyncio.create_task(drive())
        yield
        driving.cancel()

    @asynccontextmanager
    async def seated(self, seats: Seats) -> AsyncIterator[list[Viewer]]:
        """A client at each of the seats."""
        viewers = []
        for name in seats.names:
            held = await seats.take(name, Client("bench"), *SIZE)
            viewers.append(Viewer(held.outlet, seats._seats[name].driver))
        yield viewers
        await seats.close()

    @asynccontextmanager
    async def screen(self) -> AsyncIterator[Viewer]:
        """The facilitator's screen."""
        app = Screen(self.exercise, lambda text: Station(self.exercise, "Fay", app.add).give(text))
        shown = asyncio.create_task(app.run_async(size=SIZE))
        while not isinstance(app._driver, SeatDriver):  # noqa: ASYNC110 - Textual has no event for it
            await asyncio.sleep(0.01)
        outlet = Outlet(lambda: None)
        app._driver.attach(outlet, *SIZE)
        viewer = Viewer(outlet, app._driver)
        yield viewer
        outlet.close()
        app.exit()
        await shown


def around(speed: int) -> Around:
    """An exercise with every kind of seat taken."""
    scenario, names = load_scenario("gateway-down", {}), tuple(BY_NAME)
    exercise = Exercise.start(scenario, 1, None, names)
    exercise.sit("facilitator", "Fay")
    for name in names:
        exercise.sit(name, name.title())
    exercise.advance(3 * HOUR_MS)
    exercise.do("facilitator", "Fay", f"speed {speed}")
    clock = TableClock(exercise, time.monotonic, print)
    language = DrillLanguage(scenario.rules, scenario.organisation)
    local = LocalTime(scenario.starts_utc_ms, scenario.zone)
    table = SharedTable(exercise, clock, exercise.series, language, local, scenario.briefing, names)
    return Around(exercise, clock, table)


async def typed(viewers: list[Viewer], for_s: float) -> list[KeyTime]:
    """The times of keys at one seat after another."""
    keys: list[KeyTime] = []
    until_s = time.monotonic() + for_s
    while time.monotonic() < until_s:
        # No screen contains Greek letters, so the first one painted comes from the key.
        character = chr(0x3B1 + len(keys) // len(viewers) % 17)
        keys.append(await viewers[len(keys) % len(viewers)].key(character))
        await asyncio.sleep(APART_S)
    return keys


async def idle() -> list[KeyTime]:
    """The times of keys at one seat alone, whose clock is stopped."""
    here = around(60)
    here.exercise.do("facilitator", "Fay", "freeze")
    with here.driven():
        async with here.seated(Seats(here.table, ("lead",), time.monotonic, lambda line: None)) as viewers:
            await asyncio.sleep(1)
            return await typed(viewers, IDLE_S)


def p50_ms(keys: list[KeyTime]) -> float:
    """The median time of the keys, ms."""
    return statistics.median(one.wall_s for one in keys) * 1000


def p95_ms(keys: list[KeyTime]) -> float:
    """The 95th percentile of the times of the keys, ms."""
    return statistics.quantiles([one.wall_s for one in keys], n=20)[18] * 1000


async def measure(speed: int, idle_ms: float) -> str:
    """One row of the table."""
    here = around(speed)
    report = lambda line: None  # noqa: E731
    seats = Seats(here.table, tuple(BY_NAME), time.monotonic, report)
    eighth = Seats(here.table, ("lead",), time.monotonic, report)
    with here.driven():
        async with here.seated(seats) as seven, here.seated(eighth) as one, here.screen() as facilitator:
            viewers = [*seven, *one]
            await asyncio.sleep(2)
            before = [viewer.repaints for viewer in (*viewers, facilitator)]
            await asyncio.sleep(QUIET_S)
            repaints = [
                (viewer.repaints - was - 1) / QUIET_S  # counts the intervals between repaints
                for viewer, was in zip((*viewers, facilitator), before, strict=True)
            ]
            cpu_s, wall_s, sim_ms = time.process_time(), time.monotonic(), here.exercise.now_ms
            octets = sum(viewer.octets for viewer in viewers)
            keys = await typed(viewers, KEYS_S)
            passed_s = time.monotonic() - wall_s
            cpu = (time.process_time() - cpu_s) / passed_s
            paint = (sum(viewer.octets for viewer in viewers) - octets) / passed_s / 1024
            reached = (here.exercise.now_ms - sim_ms) / 1000 / passed_s
    p50, p95 = p50_ms(keys), p95_ms(keys)
    busy = statistics.quantiles([one.cpu_s for one in keys], n=20)[18] * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    most = max(repaints[:-1])
    met = p95 <= P95_MS and memory <= MOST_MB and most <= MOST_REPAINTS
    return (
        f"x{speed:<5} {reached:7.0f} {cpu:9.2f} {p50:9.0f} {p95:9.0f} {p95 / idle_ms:8.1f} {busy:10.0f} "
        f"{here.clock.late_s * 1000:9.0f} {most:8.1f} {repaints[-1]:12.1f} {paint:12.0f} {memory:9.0f}"
        + ("" if speed < SPEEDS[-1] else "  met" if met else "  missed")
    )


def main() -> int:
    """Exit status 0."""
    speeds = [int(one) for one in sys.argv[1:]] or SPEEDS
    print(
        "8 seats and the facilitator's screen, gateway-down, 1,000 users; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(
        f"goals at x600: p95 {P95_MS} ms, {MOST_MB} MiB, "
        f"{MOST_REPAINTS:.0f} repaints/s of a seat without keys"
    )
    first = asyncio.run(idle())
    print(f"idle console: p50 {p50_ms(first):.0f} ms, p95 {p95_ms(first):.0f} ms")
    print(
        "speed   reached  CPU/core  p50 (ms)  p95 (ms)  p95/idle  p95 (CPU)  lag (ms)  seat (/s)  "
        "facilitator  paint (KiB/s)  memory (MiB)"
    )
    for speed in speeds:
        print(asyncio.run(measure(speed, p95_ms(first))), flush=True)
    last = asyncio.run(idle())
    print(f"idle console: p50 {p50_ms(last):.0f} ms, p95 {p95_ms(last):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
