"""Memory of processes that share pages, as reported by Linux."""

import os
from collections.abc import Iterable
from pathlib import Path


def together_kib(pids: Iterable[int]) -> int:
    """Memory of this process and of `pids` in KiB, with shared pages counted once; 0 if the system does
    not report it.
    """
    return sum(_share_kib(pid) for pid in (os.getpid(), *pids))


def _share_kib(pid: int) -> int:
    """A process's own pages, and its proportional part of shared pages (Pss)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
