from pathlib import Path

import pytest

from tui.cli import main


def test_a_pack_is_written_to_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "pack"
    words = ["table", "pack", "exchange-down", "-o", str(out), "--plays", "0", "--set", "users=20"]
    assert main([*words, "--set", "outage=2h", "--stop-word", "NO DUFF"]) == 0
    assert "11 files" in capsys.readouterr().out
    assert (out / "pack.zip").is_file()
    assert "NO DUFF" in (out / "players" / "situation-manual.html").read_text(encoding="utf-8")


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    for words, what in (
        (["-o", str(file)], "is a file; name a folder"),
        (["-o", str(tmp_path / "x"), "--stop-word", " "], "give 1 to 40 characters"),
        (["-o", str(tmp_path / "x"), "--set", "userz=1"], "no such parameter"),
    ):
        assert main(["table", "pack", "exchange-down", *words]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert what in line
