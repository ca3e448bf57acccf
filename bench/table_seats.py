"""`python -m bench.table_seats`: every seat of one exercise in one process, while its clock runs fast.

Each kind of seat (seven) has a client that reads all of its paint. Keys are typed at one seat after another,
and the time to their paint is measured; so are CPU, memory, paint and the lag of the process.

    python -m bench.table_seats [SPEED…]
"""

import asyncio
import resource
import statistics
import sys
import time

from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from sim.table.seats import BY_NAME
from tui.painting.local_time import LocalTime
from tui.playing.drill_language import DrillLanguage
from tui.playing.pacer import FRAME_S
from tui.table.clock import TableClock
from tui.table.seat.desk import SharedTable
from tui.table.seat.seats import Attached, Client, Seats

SPEEDS = (60, 600)
MEASURED_S = 15.0
APART_S = 0.1
P95_MS, MOST_MB = 150, 400
"""Goals, at ×600."""


class Viewer:
    """A client that reads everything, and knows when a character was painted."""

    def __init__(self, held: Attached) -> None:
        self._held = held
        self._wanted, self._seen = b"", asyncio.Event()
        self.octets = 0
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while piece := await self._held.outlet.take():
            self.octets += len(piece)
            if self._wanted and self._wanted in piece:
                self._seen.set()

    async def key(self, character: str) -> float:
        """Seconds from that key to its paint."""
        self._wanted = character.encode()
        self._seen.clear()
        began_s = time.perf_counter()
        self._held.feed(self._wanted)
        async with asyncio.timeout(10):
            await self._seen.wait()
        return time.perf_counter() - began_s


async def measure(speed: int) -> str:
    """One row of the table."""
    scenario, names = load_scenario("gateway-down", {}), tuple(BY_NAME)
    exercise = Exercise.start(scenario, 1, None, names)
    exercise.sit("facilitator", "Fay")
    exercise.advance(3 * HOUR_MS)
    exercise.do("facilitator", "Fay", f"speed {speed}")
    clock = TableClock(exercise, time.monotonic, print)
    language = DrillLanguage(scenario.rules, scenario.organisation)
    local = LocalTime(scenario.starts_utc_ms, scenario.zone)
    table = SharedTable(exercise, clock, exercise.series, language, local, scenario.briefing, names)
    seats = Seats(table, names, time.monotonic, lambda line: None)

    async def drive() -> None:
        while True:
            began_s = time.monotonic()
            clock.frame()
            await asyncio.sleep(max(0.005, FRAME_S - (time.monotonic() - began_s)))

    driving = asyncio.create_task(drive())
    viewers = []
    for name in names:
        exercise.sit(name, name.title())
        viewers.append(Viewer(await seats.take(name, Client("bench"), 160, 45)))
    await asyncio.sleep(2)
    cpu_s, wall_s, sim_ms = time.process_time(), time.monotonic(), exercise.now_ms
    octets = sum(one.octets for one in viewers)
    keys: list[float] = []
    while time.monotonic() - wall_s < MEASURED_S:
        # Greek letters are on no screen, so that their first paint is that of the key.
        character = chr(0x3B1 + len(keys) // len(viewers) % 17)
        keys.append(await viewers[len(keys) % len(viewers)].key(character))
        await asyncio.sleep(APART_S)
    passed_s = time.monotonic() - wall_s
    cpu = (time.process_time() - cpu_s) / passed_s
    paint = (sum(one.octets for one in viewers) - octets) / passed_s / 1024
    reached = (exercise.now_ms - sim_ms) / 1000 / passed_s
    driving.cancel()
    await seats.close()
    p50, p95 = (statistics.quantiles(keys, n=20)[place] * 1000 for place in (9, 18))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    met = "" if speed < 600 else "  met" if p95 <= P95_MS and memory <= MOST_MB else "  missed"
    return (
        f"x{speed:<5} {reached:7.0f} {cpu:9.2f} {p50:9.0f} {p95:9.0f} {clock.late_s * 1000:9.0f} "
        f"{paint:12.0f} {memory:9.0f}{met}"
    )


def main() -> int:
    """Exit status 0."""
    print(f"{len(BY_NAME)} seats of gateway-down, 1,000 users, goals p95 {P95_MS} ms, {MOST_MB} MiB at x600")
    print("speed   reached  CPU/core  p50 (ms)  p95 (ms)  lag (ms)  paint (KiB/s)  memory (MiB)")
    for speed in [int(one) for one in sys.argv[1:]] or SPEEDS:
        print(asyncio.run(measure(speed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
