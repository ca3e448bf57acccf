"""`mxdrill table compare`: text and a page of two saved exercises."""

from pathlib import Path

import pytest

from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tui.cli import main


def test_two_saved_exercises_become_text_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for number, path in enumerate(paths, 1):
        exercise = Exercise.start(small(), 1, path, ("messaging",))
        exercise.sit("messaging", "Mona")
        exercise.advance(ONSET_MS + number * HOUR_MS)
        exercise.close()
    out = tmp_path / "teams.html"
    words = ["table", "compare", *map(str, paths), "--teams", "red,blue", "-o", str(out)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "red" in said
    assert "Mona" not in said
    assert "blue" in out.read_text(encoding="utf-8")
    assert main(["table", "compare", str(paths[0])]) == 2
    assert "name 2 to 8 saved exercises" in capsys.readouterr().err
