"""The cost of a program, or of a part of this one: CPU time, wall time and peak memory."""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.drill.session.earlier import read_moment
from sim.drill.session.session import Session

MXDRILL = str(Path(sys.executable).with_name("mxdrill"))
KIB_PER_UNIT = 1 / 1024 if sys.platform == "darwin" else 1  # ru_maxrss: bytes there, KiB elsewhere


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the runs of one program; for the memory, the maximum."""

    cpu_s: float
    wall_s: float
    memory_mib: float


def cost(arguments: Sequence[str], runs: int) -> Cost:
    """The cost of `mxdrill ARGUMENTS`; raises RuntimeError with its last output if it fails."""
    measured = [once([MXDRILL, *arguments])[0] for _ in range(runs)]
    return Cost(
        statistics.median(one.cpu_s for one in measured),
        statistics.median(one.wall_s for one in measured),
        max(one.memory_mib for one in measured),
    )


def once(program: Sequence[str]) -> tuple[Cost, str]:
    """One run of `program`: its cost and its output; raises RuntimeError if it fails.

    Like an installed program, it stores its bytecode, even if the environment forbids Python to write any.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    child = subprocess.Popen(
        program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=kept
    )
    assert child.stdout is not None
    said = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - begun
    if child.returncode != 0:
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise RuntimeError(f"{' '.join(program)}: exit status {child.returncode}: {last[0]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss * KIB_PER_UNIT / 1024), said


def cpu_s(pieces: Sequence[Callable[[], object]], runs: int) -> list[float]:
    """Median CPU seconds of each part in this process, measured in turn so that all meet the same
    conditions."""
    taken: list[list[float]] = [[] for _ in pieces]
    for _ in range(runs):
        for piece, times in zip(pieces, taken, strict=True):
            gc.collect()
            began_s = time.process_time()
            piece()
            times.append(time.process_time() - began_s)
    return [statistics.median(times) for times in taken]


def cpu_of_a_look(session: Session) -> float:
    """CPU time of this process once it has read the moment: for a copy of a drill, which begins at 0."""
    read_moment(session)
    return time.process_time()
