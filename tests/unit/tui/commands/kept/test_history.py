"""`mxdrill history`: a drill is added, listed, compared with another, and deleted."""

import json
from pathlib import Path

import pytest

from tests.plays import ONSET_MS, play
from tui import cli


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_names, **_options: tmp_path)
    (tmp_path / "drills").mkdir()
    for name, given in (("quiet", ()), ("quick", ((ONSET_MS + 540_000, "alerts ack"),))):
        play("2h", given, ONSET_MS + 3 * 3_600_000, path=tmp_path / "drills" / f"{name}.jsonl").close()
    return tmp_path


def test_two_drills_are_added_and_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["history", "add", "quiet", "--player", "Ada", "--date", "2026-03-01"]) == 0
    assert cli.main(["history", "add", "quick", "--player", "Ada", "--date", "2026-03-08"]) == 0
    capsys.readouterr()
    assert cli.main(["history", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["drill"], one["played_on"]) for one in listed] == [
        ("quiet", "2026-03-01"),
        ("quick", "2026-03-08"),
    ]
    assert cli.main(["history", "compare", "1", "2"]) == 0
    compared = capsys.readouterr().out
    assert [line.split() for line in compared.splitlines() if line.startswith("alert-acknowledged")] == [
        ["alert-acknowledged", "failed", "met"]
    ]
    assert " open" not in compared
    assert cli.main(["history", "trend", "--player", "Ada"]) == 0
    assert "alert-acknowledged            ✗  ✓" in capsys.readouterr().out
    assert cli.main(["history", "delete", "--player", "Ada"]) == 0
    assert capsys.readouterr().out == "deleted 2\n"
    assert cli.main(["history"]) == 0
    assert "the history is empty" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compare", "1", "9"], "give two numbers"),
        (["delete"], "give numbers of the list, or --player"),
        (["delete", "x"], "not a number of the list"),
        (["add", "quiet", "--date", "soon"], "not a date"),
    ],
)
def test_a_wrong_request_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert cli.main(["history", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
