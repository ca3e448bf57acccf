"""The extra `table` is needed by its doors only, and its absence is one line."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.table.exercise import Exercise
from tests.plays import small
from tui.table.clock import TableClock
from tui.table.door_protocol import Around
from tui.table.doors import MissingExtra, WantedDoors, doors_of
from tui.table.ways_back import kept

ROOT = Path(__file__).resolve().parents[4]
EXTRA = ("aiohttp", "asyncssh", "segno", "xlsxwriter", "python_calamine")


def test_no_command_loads_the_extra_before_it_needs_it() -> None:
    code = (
        "import sys, tui.cli, tui.commands.table, tui.commands.play, tui.commands.run, tui.table.doors\n"
        f"print(sorted(set({EXTRA!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("door", "package"), [("browser", "aiohttp"), ("ssh", "asyncssh")])
def test_a_missing_package_is_one_line_that_says_what_to_install(
    door: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith((f"tui.table.{door}_", f"{package}."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    journal = tmp_path / "table.jsonl"
    exercise = Exercise.start(small(), 1, journal, ("dns",))
    around = Around(exercise, TableClock(exercise, time.monotonic, print), print, journal)
    with pytest.raises(MissingExtra, match=rf"needs the package {package}; install mxdrill\[table\]"):
        doors_of(around, WantedDoors((door,)))
    assert len(doors_of(around, WantedDoors(("lines",)))) == 1
    before = kept(journal)
    assert before is not None
    assert before.doors == ("lines",), "a resumed table opens the same doors and no others"
    exercise.close()
