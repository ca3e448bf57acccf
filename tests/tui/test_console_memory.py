"""The console keeps freed memory: pages that the system has to clear again are counted, not seconds."""

import ctypes
import subprocess
import sys

import pytest

from tui.playing import console_memory
from tui.playing.console_memory import KEPT, ReadyMemory, keep_freed_memory, use_small_pages

COLUMNS = """
import numpy, resource, sys
from tui.playing.console_memory import keep_freed_memory

def used():
    rows = numpy.ones(250_000)
    return [rows + number for number in range(6)]

if sys.argv[1] == "kept":
    assert keep_freed_memory()
used()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    used()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = 10 * 7 * 250_000 * 8 // 4096


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", COLUMNS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_columns_of_a_large_drill_get_their_memory_from_the_system_only_once() -> None:
    """At 10,000 users a reading of the queue took 35 ms, not 5: each column was fresh memory."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
        assert faults("kept") < PAGES // 10 < faults("default")
    else:
        assert not keep_freed_memory()


def test_the_console_uses_no_huge_pages() -> None:
    """`queue retry inbound` of 1.2 million messages took 260 ms, not 75: 200 ms went into huge pages."""
    code = """
from pathlib import Path
from tui.playing.console_memory import use_small_pages

print(use_small_pages())
print(Path("/proc/self/status").read_text())
"""
    if sys.platform == "linux":
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("True")
        assert "THP_enabled:\t0" in done.stdout
    else:
        assert not use_small_pages()


READY = """
import asyncio, numpy, resource, sys
from tui.playing.console_memory import ReadyMemory, keep_freed_memory, use_small_pages

keep_freed_memory()
use_small_pages()

async def renewed(memory):
    memory.renew()
    while not memory._under_way.done():
        await asyncio.sleep(0.01)

if sys.argv[1] == "ready":
    asyncio.run(renewed(ReadyMemory(10_000)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
columns = [numpy.ones(1_200_000) for _ in range(9)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these settings")
def test_a_change_of_the_whole_queue_gets_memory_that_is_ready() -> None:
    def pages(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", READY, how], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert pages("not ready") > 20_000
    assert pages("ready") < 500


def test_a_small_organisation_needs_no_memory_ready() -> None:
    assert ReadyMemory(600).blocks() == []
    assert sum(block.nbytes for block in ReadyMemory(1_000_000).blocks()) <= KEPT // 2


def test_no_memory_is_made_ready_if_the_c_library_does_not_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be cleared again every second, and returned to the system each time."""
    monkeypatch.setattr(console_memory, "keep_freed_memory", lambda: False)
    assert ReadyMemory(10_000).blocks() == []


AT_ITS_LIMIT = """
import asyncio, numpy, resource
from pathlib import Path
from tui.playing.console_memory import ReadyMemory

async def renewed(memory):
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + (64 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    memory.renew()
    print(memory.blocks())

asyncio.run(renewed(ReadyMemory(10_000)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these settings")
def test_a_console_at_its_memory_limit_goes_on_without_memory_made_ready() -> None:
    done = subprocess.run([sys.executable, "-c", AT_ITS_LIMIT], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
