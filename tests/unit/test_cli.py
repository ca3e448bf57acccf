"""What the command makes of what goes wrong."""

from pathlib import Path

import pytest

from tui import cli, exits
from tui.commands import drills


def test_a_fault_of_the_program_is_one_line_and_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(args: object) -> int:
        raise RuntimeError("nobody\nthought of this")

    monkeypatch.setattr(drills, "run", fails)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli.main(["drills"]) == exits.FAULT
    told = capsys.readouterr().err
    (kept,) = tmp_path.iterdir()
    assert told == (
        "mxdrill: a fault of the program itself (RuntimeError: nobody thought of this); "
        f"details are in {kept}\n"
    )
    assert "Traceback" in kept.read_text()


def test_ctrl_c_has_a_status_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(drills, "run", interrupted)
    assert cli.main(["drills"]) == exits.INTERRUPTED
