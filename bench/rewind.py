"""`python -m bench.rewind`: the time to show an earlier moment of a drill of 4 days, from a copy and by
replay.

python -m bench.rewind [SCENARIO…]
"""

import random
import statistics
import sys
import time
from collections.abc import Callable

from bench.measure import cpu_of_a_look
from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.earlier import Earlier
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.forks.copies import DrillCopies
from sim.forks.origin import origin_of
from sim.kernel.duration import DAY_MS

SCENARIOS = ("gateway-down", "gateway-down-long-ttl", "exchange-down")
STEP_MS = 15 * 60_000
"""A key goes back as far as this."""
P95_MS = 150
"""Goal."""


def main() -> None:
    """Print median and 95th percentile for keys, for random moments, and for a few replays."""
    for name in sys.argv[1:] or SCENARIOS:
        session = Session(load_scenario(name, {}), 1, None)
        play(session, reference_runbook(session.scenario, parse), 4 * DAY_MS)
        copies = DrillCopies(origin_of(session))
        kept = copies.follow(session.inputs, session.now_ms)
        print(f"{name}: {kept.copies} copies, {kept.kib // 1000} MB")
        draw = random.Random(1)

        def by_copy(at_ms: int, copies: DrillCopies = copies, session: Session = session) -> float:
            inputs = [one for one in session.inputs if one[0] <= at_ms]
            cpu_s: float = copies.play(inputs, at_ms, cpu_of_a_look)
            return cpu_s

        def by_replay(at_ms: int, session: Session = session) -> float:
            began_s = time.process_time()
            Earlier(session, at_ms).run()
            return time.process_time() - began_s

        keys = list(range(session.now_ms, 0, -STEP_MS))
        anywhere = [draw.randrange(session.now_ms) for _ in range(100)]
        _report("by key", by_copy, keys, P95_MS)
        _report("anywhere", by_copy, anywhere, P95_MS)
        _report("by replay", by_replay, anywhere[:10], None)
        copies.close()


def _report(name: str, look: Callable[[int], float], moments: list[int], goal_ms: int | None) -> None:
    wall, cpu = [], []
    for at_ms in moments:
        began_s = time.perf_counter()
        cpu.append(look(at_ms) * 1000)
        wall.append((time.perf_counter() - began_s) * 1000)
    missed = "  missed" if goal_ms is not None and _p95(wall) > goal_ms else ""
    told = (f"{what} p50 {statistics.median(ms):5.0f} p95 {_p95(ms):5.0f} ms" for what, ms in
            (("wall", wall), ("CPU", cpu)))  # fmt: skip
    print(f"  {name:10} {len(moments):4} looks   {'   '.join(told)}{missed}")


def _p95(found: list[float]) -> float:
    return sorted(found)[len(found) * 95 // 100]


if __name__ == "__main__":
    main()
