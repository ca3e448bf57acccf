"""What the command makes of what goes wrong."""

from pathlib import Path

import pytest

from tui import cli
from tui.commands import drills
from tui.shell import exit_status


def test_a_fault_of_the_program_is_one_line_and_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(args: object) -> int:
        raise RuntimeError("nobody\nthought of this")

    monkeypatch.setattr(drills, "run", fails)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli.main(["drills"]) == exit_status.FAULT
    told = capsys.readouterr().err
    (kept,) = tmp_path.iterdir()
    assert told == (
        f"mxdrill: internal error (RuntimeError: nobody thought of this); details are in {kept}\n"
    )
    assert "Traceback" in kept.read_text()


def test_ctrl_c_has_a_status_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(drills, "run", interrupted)
    assert cli.main(["drills"]) == exit_status.INTERRUPTED


def test_ctrl_c_while_a_command_is_loaded_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading `table pack` takes a second."""

    def interrupted(name: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert cli.main(["table", "pack"]) == exit_status.INTERRUPTED


def test_ctrl_c_that_a_library_reports_as_a_fault_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy does, while it loads."""

    def interrupted(name: str) -> object:
        try:
            raise KeyboardInterrupt
        except BaseException as why:
            raise ImportError("check the installation") from why

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert cli.main(["run", "exchange-down"]) == exit_status.INTERRUPTED


def test_ctrl_c_that_a_library_only_names_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """pydantic does, while it builds a model."""

    def interrupted(name: str) -> object:
        raise TypeError(
            "Error building `model` serializer:\n  SchemaError: Field `value`:\n  KeyboardInterrupt: "
        )

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert cli.main(["run", "exchange-down"]) == exit_status.INTERRUPTED


@pytest.mark.parametrize(
    ("words", "usage", "told"),
    [
        (["run", "exchange-down", "--jsn"], "usage: mxdrill run ", "--jsn; did you mean --json?"),
        (["probe", "retry", "postfix", "--frr", "1h"], "usage: mxdrill probe retry ", "--frr 1h"),
        (["scenarios", "list", "--jsn"], "usage: mxdrill scenarios ", "unrecognized arguments: --jsn"),
        (["--jsn"], "usage: mxdrill [-h]", "unrecognized arguments: --jsn"),
        (["help"], "usage: mxdrill [-h]", "; see `mxdrill --help`\n"),
        (["probe"], "usage: mxdrill probe ", "WHAT; see `mxdrill probe --help`\n"),
    ],
)
def test_an_unknown_option_is_told_with_the_usage_of_its_command(
    words: list[str], usage: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(usage)
    assert told in err


def test_rows_that_a_table_leaves_out_are_in_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["probe", "retry", "postfix"]) == 0
    assert "85 more; --json has them all\n" in capsys.readouterr().out
