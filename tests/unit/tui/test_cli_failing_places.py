"""Files and disks that cannot be used: one line and status 2, never a traceback."""

import re
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder


def mxdrill(*words: str, stdout: "int | IO[str]") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_play_without_a_terminal_does_not_write_over_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text("mine")
    done = mxdrill("play", "--set", "users=10", "--journal", str(path), stdout=subprocess.PIPE)
    assert done.returncode == 2
    assert (
        done.stderr
        == f"{path}: exists; choose another --journal, or continue that drill: mxdrill resume {path}\n"
    )
    assert path.read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = mxdrill("run", "exchange-down", "--set", "users=10", "--until", "2h", "--json", stdout=full)
    assert (done.returncode, done.stderr) == (2, "mxdrill: no space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("words", [(), ("--help",), ("--version",), ("check", "--help")])
def test_help_that_cannot_be_written_is_one_line(words: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = mxdrill(*words, stdout=full)
    assert (done.returncode, done.stderr) == (2, "mxdrill: no space left on device\n")


def test_what_is_wrong_with_a_fault_is_told_where_it_stands(tmp_path: Path) -> None:
    """Not at the parameter that changes it, which only follows."""
    text = (shipped_folder() / "outages" / "exchange-down.yaml").read_text()
    without, found = re.subn(r"  - id: exchange-stops .*\n    at:", "  - at:", text)
    assert found == 1
    path = tmp_path / "one.yaml"
    path.write_text(without)
    with pytest.raises(BadFile) as caught:
        load_scenario(str(path))
    line = without[: without.index("  - at: T+1h12m")].count("\n") + 1
    assert caught.value.lines == [f"{path}:{line}:5: `timeline.0.id` is missing; add it"]
