"""Plans that would hold the program up are refused in one line, at once, wherever a plan is read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.cli import main

pytestmark = pytest.mark.timeout(20)

HEAD = "mxdrill: 2\nid: tried\nscenario: exchange-down\npeople: [{ role: lead }]\n"
TAIL = "assumptions: [{ id: p, to: s0.done, within: 1h }]\n"


def steps(count: int) -> str:
    rows = (f"  - {{ id: s{n}, owner: lead, takes: 1m, manual: Declare }}\n" for n in range(count))
    return "steps:\n" + "".join(rows)


def bomb() -> str:
    """Nine steps in a list, nine of these lists in the next one, and so on: 9^8 steps."""
    first = "many:\n  - &a0 [" + ", ".join("{ id: s, do: alerts ack }" for _ in range(9)) + "]\n"
    lists = (f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 8))
    return first + "".join(lists) + "steps: *a7\n"


WRITTEN = {
    "20 MB": (HEAD + f"# {'x' * (20 << 20)}\n" + steps(1) + TAIL, "larger than 256 KiB"),
    "100,000 steps": (HEAD + steps(100_000) + TAIL, "larger than 256 KiB"),
    "3,000 steps": (HEAD + steps(3_000) + TAIL, "has more than 10,000 entries"),
    "6,000 lines": (HEAD + "\n" * 6_000 + steps(1) + TAIL, "lines; the limit is 5,000"),
    "alias bomb": (HEAD + bomb() + TAIL, "has more than 10,000 entries, aliases counted"),
    "deep brackets": (HEAD + f"steps: {'[' * 5_000}{']' * 5_000}\n" + TAIL, "levels of nested brackets"),
    "deep keys": (HEAD + "steps:\n" + "? " * 5_000 + "a\n" + TAIL, "maximum recursion depth"),
    "huge number": (HEAD + f"together: {'9' * 5_000}\n" + steps(1) + TAIL, "not YAML: Exceeds the limit"),
}


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def device(path: Path) -> Path:
    path.symlink_to("/dev/zero")
    return path


def twenty_gigabytes(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(20 << 30)  # sparse: takes no space
    return path


def refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of a refusal."""
    assert main(argv) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert len(line) < 400
    return line


@pytest.mark.parametrize("name", WRITTEN)
def test_a_plan_out_of_bounds_is_refused_in_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, reason = WRITTEN[name]
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    line = refused(["check", str(path), "--runs", "1", "--jobs", "1"], capsys)
    assert line.startswith(f"{path}:")
    assert reason in line


@pytest.mark.parametrize("make", [pipe, device, twenty_gigabytes])
def test_a_path_that_is_not_a_plan_is_refused_by_every_command(
    make: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(make(tmp_path / "plan.yaml"))
    good = tmp_path / "good.yaml"
    good.write_text(HEAD + "set: { users: 20 }\n" + steps(1) + TAIL, encoding="utf-8")
    for argv in (
        ["check", path],
        ["check", str(good), "--against", path],
        ["scenarios", "lint", path],
        ["runbook", "compare", path, "any-drill"],
        ["play", "--run", f"{path}#1"],
        ["debrief", "--run", f"{path}#1"],
    ):
        line = refused(argv, capsys)
        assert path in line, argv
        assert "not a file" in line or "larger than 256 KiB" in line, argv


@pytest.mark.parametrize("make", [pipe, device, twenty_gigabytes])
def test_a_table_of_samples_that_is_not_a_file_is_refused(
    make: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "calls.csv")
    path = tmp_path / "plan.yaml"
    text = HEAD + steps(1) + TAIL
    path.write_text(text.replace("takes: 1m", 'takes: "samples(calls.csv, takes_s)"'), encoding="utf-8")
    assert "calls.csv cannot be read" in refused(["check", str(path)], capsys)
