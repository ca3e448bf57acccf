"""One program run as a user runs it: its CPU time, its wall time, and the most memory it held."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MXDRILL = str(Path(sys.executable).with_name("mxdrill"))
KIB_PER_UNIT = 1 / 1024 if sys.platform == "darwin" else 1  # ru_maxrss: bytes there, KiB elsewhere


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the runs of one program, but for the memory, which is the most of any."""

    cpu_s: float
    wall_s: float
    memory_mib: float


def cost(arguments: list[str], runs: int) -> Cost:
    """What `mxdrill ARGUMENTS` costs; raises RuntimeError with its last words if it fails."""
    cpu, wall, memory = [], [], []
    for _ in range(runs):
        begun = time.perf_counter()
        child = subprocess.Popen(
            [MXDRILL, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        said = child.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall.append(time.perf_counter() - begun)
        if child.returncode != 0:
            last = said.strip().splitlines()[-1:] or ["it said nothing"]
            raise RuntimeError(f"mxdrill {' '.join(arguments)}: exit status {child.returncode}: {last[0]}")
        cpu.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss * KIB_PER_UNIT / 1024)
    return Cost(statistics.median(cpu), statistics.median(wall), max(memory))
