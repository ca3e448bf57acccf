"""Starting and continuing a table: mistakes leave no journal behind, and a continued clock stands."""

import sys
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tui.cli import main

WORDS = ["table", "exchange-down", "--set", "users=20", "--plain"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--doors", "web"], "--doors web: not a door; choose from browser, ssh, lines"),
        (["--doors", "browser", "--lan", "192.0.2.77"], "192.0.2.77:"),
        (["--doors", "browser", "--port", "70000"], "--port 70000: give a port from 0 to 65535"),
        (["--doors", "lines", "--facilitator", "x" * 41], "a name has 1 to 40 printable characters"),
        (["--doors", "lines", "--resume", "table"], "give only one of them"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_a_start_that_fails_leaves_no_file(
    more: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*WORDS, "--journal", str(tmp_path / "table.jsonl"), *more]) == 2
    assert told in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


def test_the_clock_of_a_continued_exercise_stands_until_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "table.jsonl"
    exercise = Exercise.start(small(), 1, journal, ("dns",))
    exercise.sit("facilitator", "Fay")
    exercise.advance(ONSET_MS)
    exercise.close()
    typed = tmp_path / "typed.txt"
    typed.write_text("quit\n")
    with typed.open() as lines:
        monkeypatch.setattr(sys, "stdin", lines)
        assert main(["table", "--resume", str(journal), "--doors", "lines", "--plain"]) == 0
    assert "the clock is stopped; `go` starts it" in capsys.readouterr().out
    session = Session.replay(journal)
    assert session.drill.table.frozen
    assert session.now_ms == ONSET_MS
    assert "has been resumed" in session.events()[-1].text


def test_another_file_is_not_an_exercise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "passwd"
    other.write_text("root:x:0:0:root:/root:/bin/bash\n")
    assert main(["table", "--resume", str(other)]) == 2
    assert "not a journal of a drill or an exercise" in capsys.readouterr().err
