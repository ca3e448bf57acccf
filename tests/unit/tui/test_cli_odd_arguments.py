"""Arguments that no person would type: each is refused in one line, or works."""

import os
from pathlib import Path

import pytest

from tui import cli

ODD = ("a\udc80b", "\udcff", "\ud800", "\x00", "a\nb", "\u202e", "9" * 400, "", "-", "--", "a/" * 3000)
QUICK = (
    *("bundle", "verify", "replay", "debrief", "resume", "drills", "platforms", "resolvers", "runbook"),
    *("history", "scenarios", "probe dns", "table import", "table compare", "table msel"),
)
"""Commands that refuse such arguments before they run anything."""


def statuses(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        status = cli.main(words)
    except SystemExit as refused:
        status = int(refused.code or 0)
    return status, capsys.readouterr().err.encode("utf-8", "replace").decode()


@pytest.fixture(autouse=True)
def _stdout_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no number, and stays open."""
    monkeypatch.setattr(cli, "silence", lambda stream: None)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_names, **_options: tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", QUICK)
def test_an_odd_argument_is_never_a_fault(
    name: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, parser = cli._parser(only=name)
    first = [one for one in parser._actions if not one.option_strings]
    for odd in ODD:
        before = [next(iter(one.choices)) for one in first[:1] if one.choices]
        for words in ([*name.split(), *before, odd], [*name.split(), odd]):
            status, told = statuses(words, capsys)
            assert status in {0, 1, 2}, (words, told)
            assert "Traceback" not in told


@pytest.mark.parametrize("option", ["--speed", "--seed", "--set", "--run", "--mode"])
def test_two_dashes_are_no_value(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """argparse takes them for an empty list."""
    status, told = statuses(["play", f"{option}=--"], capsys)
    assert status == 2
    assert "expected one argument" in told or "invalid choice" in told


@pytest.mark.parametrize("place", ["\ud800x", "\x00", "no/such/folder", "", "/"])
@pytest.mark.parametrize("option", ["--series", "--journal"])
def test_a_place_that_no_file_can_have_is_one_line(
    option: str, place: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "exchange-down", "--set", "users=10", "--until", "1h", f"{option}={place}"]
    status, told = statuses(words, capsys)
    assert (status, told.count("\n")) == (2, 1) or (option, place) == ("--journal", "no/such/folder")
    assert not [name for name in os.listdir(nowhere) if name.startswith(".mxdrill")]


@pytest.mark.parametrize("file", ["", "/", "."])
def test_a_folder_is_no_list_of_injects(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = f"mxdrill: {file or '.'}: is a directory; name a file\n"
    assert statuses(["table", "import", file], capsys) == (2, told)
