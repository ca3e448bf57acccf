"""`run --journal`, `branch`, `replay` and the tree of `drills list`: a headless drill like any other."""

import json
import re
from pathlib import Path

import pytest

from tui import cli
from tui.shell.arguments import moment_ms
from tui.shell.command_mistake import CommandMistake


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one kept run."""
    folder = tmp_path_factory.mktemp("data")
    settings = ["--set", "users=20", "--set", "outage=2h"]
    journal = folder / "drills" / "one.jsonl"
    words = ["run", "exchange-down", "--runbook", "reference", *settings, "--journal", str(journal)]
    assert cli.main(words) == 0
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a copy of that run."""
    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_names, **_options: tmp_path)
    (tmp_path / "drills").mkdir()
    (tmp_path / "drills" / "one.jsonl").write_bytes((played / "drills" / "one.jsonl").read_bytes())
    return tmp_path / "drills"


def test_a_kept_run_is_verified_and_debriefed_like_a_drill(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", "one"]) == 0
    assert "1 digest matches" in capsys.readouterr().out
    assert cli.main(["debrief", "one"]) == 0
    assert "EXERCISE" in capsys.readouterr().out
    assert json.loads((folder / "one.jsonl").read_bytes().splitlines()[0])["launch"] == {
        "runbook": "exchange-down"
    }


def test_branches_follow_their_parents_in_the_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["branch", "one", "--without", "1"]) == 0
    assert "saved as one-branch-1" in capsys.readouterr().out
    assert cli.main(["branch", "one-branch-1", "--at", "T+01:30"]) == 0
    (folder / "one.jsonl").rename(folder / "renamed.jsonl")
    capsys.readouterr()
    assert cli.main(["drills", "list"]) == 0
    names = [line.split("  ")[0].rstrip() or line[:30] for line in capsys.readouterr().out.splitlines()]
    assert names[:2] == ["renamed", "└ one-branch-1"]
    assert cli.main(["branch", "renamed", "--at", "T+01:00"]) == 0
    capsys.readouterr()
    assert cli.main(["drills", "list"]) == 0
    lines = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines if "branch" in line and line[:1] != " "] in (
        ["├ ", "└ "],
        ["├ ", "│ ", "└ "],
    )
    assert cli.main(["drills", "list", "--json"]) == 0
    rows = {row["drill"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["one-branch-1"]["parent"] == "renamed"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", rows["renamed"]["played_on"])
    assert 0 < rows["renamed"]["met"] <= rows["renamed"]["judged"]
    assert (rows["one-branch-2"]["parent"], rows["one-branch-2"]["branched_at"]) == (
        "one-branch-1",
        "T+01:30",
    )


def test_a_branch_of_a_file_elsewhere_is_named_by_a_path_that_can_be_used(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.jsonl").write_bytes((folder / "one.jsonl").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert cli.main(["branch", "here.jsonl", "--without", "1"]) == 0
    name = capsys.readouterr().out.splitlines()[-1].removeprefix("saved as ")
    assert cli.main(["verify", name]) == 0


def test_without_a_change_the_commands_are_listed_by_number(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["branch", "one"]) == 0
    assert "   1    T+01:20:57  alerts ack" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["one.jsonl"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--instead", "alerts ack"], "give the command that it replaces"),
        (["--at", "noon"], "not a moment"),
        (["--at", "2h", "--instead", "make it work"], "unknown command"),
        (["--without", "999"], "no command has the number 999"),
    ],
)
def test_a_wrong_change_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert cli.main(["branch", "one", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_a_replay_shows_what_trainees_saw_from_a_moment_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["replay", "one", "--from", "T+01:12", "--speed", "1000000"]) == 0
    seen = capsys.readouterr().out
    assert cli.main(["replay", "one", "--truth"]) == 0
    truth = capsys.readouterr().out
    assert "T+01:12:00" not in seen  # the fault begins then
    assert "T+01:12:00" in truth
    assert all(line in truth for line in seen.splitlines())
    assert cli.main(["replay", "one", "--from", "T+400:00"]) == 2
    assert "--from T+400:00: the drill has only reached " in capsys.readouterr().err


def test_a_moment_is_read_as_it_is_shown_and_as_it_is_typed() -> None:
    assert moment_ms("--at", "T+26:14:05") == moment_ms("--at", "26h14m5s") == 94_445_000
    assert moment_ms("--at", "26:14") == 94_440_000
    with pytest.raises(CommandMistake, match="--at 26:74: not a moment"):
        moment_ms("--at", "26:74")
