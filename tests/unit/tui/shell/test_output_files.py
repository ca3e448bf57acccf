"""Files that a command writes: whole, or not at all."""

import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from tests.full_disk import room_for
from tui import cli
from tui.shell import exit_status
from tui.shell.bundle_file import Manifest, read_bundle, write_bundle
from tui.shell.command_mistake import CommandMistake
from tui.shell.history_file import plays
from tui.shell.output_files import write_all, write_file
from tui.table.log_on import kept_secret
from tui.table.ssh_door import host_key
from tui.table.ways_back import KeptWays, keep, kept

unix = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix limits and devices")


@unix
def test_a_file_that_does_not_fit_leaves_the_old_one_or_none(tmp_path: Path) -> None:
    new, old = tmp_path / "new.html", tmp_path / "old.html"
    old.write_text("as before")
    for path in (new, old):
        with room_for(100), pytest.raises(CommandMistake, match=f"^--html {path}: file too large$"):
            write_file(path, "x" * 101, "--html ")
    assert [one.name for one in tmp_path.iterdir()] == ["old.html"]
    assert old.read_text() == "as before"


@unix
def test_files_of_a_folder_are_all_written_or_none(tmp_path: Path) -> None:
    papers = {"handout.html": "x", "players/cards.html": "y", "debrief.html": "x" * 101}
    with room_for(100), pytest.raises(CommandMistake, match=r"^-o .*debrief\.html: file too large$"):
        write_all(tmp_path / "made" / "papers", papers, "-o ")
    assert list(tmp_path.iterdir()) == []
    write_all(tmp_path / "papers", {"handout.html": "old"})
    with room_for(100), pytest.raises(CommandMistake):
        write_all(tmp_path / "papers", papers)
    assert [one.name for one in (tmp_path / "papers").iterdir()] == ["handout.html"]
    assert (tmp_path / "papers" / "handout.html").read_text() == "old"
    write_all(tmp_path / "papers", papers)
    assert (tmp_path / "papers" / "players" / "cards.html").read_text() == "y"


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path / "papers", {"a": "x", "b": "y"})
    assert list(tmp_path.iterdir()) == []


@unix
def test_a_device_a_link_and_permissions_stay_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(CommandMistake, match=r"^--csv /dev/full: no space left on device$"):
        write_file(Path("/dev/full"), "x", "--csv ")
    write_file(Path("/dev/null"), "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    kept, link = tmp_path / "kept.txt", tmp_path / "link.txt"
    kept.write_text("old")
    kept.chmod(0o640)
    link.symlink_to(kept)
    write_file(link, "new")
    assert link.is_symlink()
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == ("new", 0o640)


@unix
def test_a_new_file_has_the_permissions_that_the_user_chose(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandMistake, match=r"^-o .*papers: not a directory; name a folder to write to$"):
        write_all(tmp_path / "file" / "papers", {"a": "x"}, "-o ")
    with pytest.raises(CommandMistake, match=r"^--csv .*: no such file or directory$"):
        write_file(tmp_path / "none" / "a.csv", "x", "--csv ")


def test_a_lone_surrogate_becomes_a_question_mark(tmp_path: Path) -> None:
    write_file(tmp_path / "a.txt", "a\ud800b")
    assert (tmp_path / "a.txt").read_bytes() == b"a?b"


@unix
def test_a_bundle_that_does_not_fit_is_not_begun_and_one_that_exists_is_kept(tmp_path: Path) -> None:
    journal, bundle = tmp_path / "a.jsonl", tmp_path / "a.zip"
    journal.write_bytes(os.urandom(2_000))
    about = Manifest("1", "a", "", 0, "")
    with room_for(1_000), pytest.raises(CommandMistake, match=r"a\.zip: file too large$"):
        write_bundle(bundle, journal, tmp_path / "none.yaml", about)
    assert not bundle.exists()
    write_bundle(bundle, journal, tmp_path / "none.yaml", about)
    with pytest.raises(CommandMistake, match=r"a\.zip: file exists$"):
        write_bundle(bundle, journal, tmp_path / "none.yaml", about)
    with room_for(1_000), pytest.raises(CommandMistake, match=r": file too large$"):
        read_bundle(bundle, tmp_path)
    assert zipfile.is_zipfile(bundle)


@unix
def test_a_secret_that_does_not_fit_is_not_half_there(tmp_path: Path) -> None:
    """Half a secret is a foreign file, which would be left alone and reported from then on."""
    with room_for(20):
        with pytest.raises(OSError, match="File too large"):
            kept_secret(tmp_path / "a.key")
        with pytest.raises(Exception, match="File too large"):
            host_key(tmp_path / "host")
    assert list(tmp_path.iterdir()) == []


@unix
def test_the_doors_of_an_exercise_stay_known(tmp_path: Path) -> None:
    journal, before = tmp_path / "a.jsonl", KeptWays(("browser",), 0, 0, "")
    keep(journal, before)
    with room_for(10), pytest.raises(OSError, match="File too large"):
        keep(journal, KeptWays(("ssh",), 0, 0, ""))
    assert kept(journal) == before


@unix
def test_a_history_that_does_not_fit_says_so(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    path.touch()
    with room_for(10), pytest.raises(CommandMistake, match=r"sqlite3: .*; nothing was changed$"):
        plays(path)


@unix
def test_a_fault_of_the_program_on_a_full_disk_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(name: str) -> object:
        raise RuntimeError("unexpected \ud800")

    monkeypatch.setattr(cli, "import_module", fails)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with room_for(10):
        assert cli.main(["drills", "list"]) == exit_status.FAULT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("details could not be written (file too large)")
