"""`debrief -o`, `--form`, `bundle` and `verify` of a bundle."""

import json
import zipfile
from pathlib import Path

import pytest

from sim.drill.session.session import Session
from tests.plays import ONSET_MS, play
from tui import cli
from tui.shell import bundle_file, command_worth


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "one.jsonl"
    play("2h", ((ONSET_MS + 600_000, "alerts ack"),), 40 * 3_600_000, path=path).close()
    return path


@pytest.fixture
def journal(kept: Path, tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    path.write_bytes(kept.read_bytes())
    return path


def test_the_files_are_written_and_the_form_comes_into_them(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["debrief", str(journal), "--form"]) == 0
    form = tmp_path / "one.aar.yaml"
    form.write_text(form.read_text().replace("strengths: []", 'strengths: ["calm on the phone"]'))
    assert cli.main(["debrief", str(journal), "-o", str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"debrief.html", "handout.html", "debrief.md", "debrief.json", "evidence.json"} <= names
    assert "calm on the phone" in (tmp_path / "out" / "debrief.html").read_text()
    assert "calm on the phone" not in (tmp_path / "out" / "handout.html").read_text()
    said = capsys.readouterr().out
    assert "debrief.html is for the facilitator; handout.html is for the players" in said
    assert f"fill it in, then: mxdrill debrief {journal} -o FOLDER" in said
    assert cli.main(["debrief", str(journal), "--form"]) == 2  # what was filled in stays
    assert "exists" in capsys.readouterr().err


def test_ctrl_c_in_the_study_leaves_a_debrief_without_it_that_says_so(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_session: Session, _begun: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_worth, "on_all_cores", interrupted)
    assert cli.main(["debrief", str(journal), "-o", str(tmp_path / "out"), "--regret"]) == 0
    told = "the calculation was stopped (Ctrl+C)"
    assert told in capsys.readouterr().err
    for name in ("debrief.html", "handout.html"):
        assert told in (tmp_path / "out" / name).read_text()
    assert "the calculation was stopped (Ctrl+C)" in (tmp_path / "out" / "debrief.md").read_text()
    kept = json.loads((tmp_path / "out" / "debrief.json").read_text())
    assert (kept["regrets"], kept["regret_stopped"]) == (None, True)
    assert cli.main(["debrief", str(journal), "--regret"]) == 0
    assert told in capsys.readouterr().out


def test_json_is_that_of_run(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["debrief", str(journal), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scenario"] == "exchange-down"


def test_players_get_one_file_and_its_options_need_a_folder(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["debrief", str(journal), "-o", str(tmp_path / "out"), "--audience", "players"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["handout.html"]
    assert cli.main(["debrief", str(journal), "--anonymous"]) == 2
    assert "add -o FOLDER" in capsys.readouterr().err


def test_a_bundle_is_verified_elsewhere_and_is_the_same_each_time(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "a.zip", tmp_path / "b.zip"
    assert cli.main(["bundle", str(journal), "-o", str(one)]) == 0
    assert cli.main(["bundle", str(journal), "-o", str(two)]) == 0
    assert one.read_bytes() == two.read_bytes()
    journal.unlink()
    capsys.readouterr()
    assert cli.main(["verify", str(one)]) == 0
    assert capsys.readouterr().out.startswith("one: ")
    assert cli.main(["bundle", str(two)]) == 2  # not a journal


@pytest.mark.parametrize("part", ["journal.jsonl", "manifest.json"])
def test_an_altered_bundle_is_refused(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    bundle, altered = tmp_path / "a.zip", tmp_path / "altered.zip"
    assert cli.main(["bundle", str(journal), "-o", str(bundle)]) == 0
    digest = json.loads(zipfile.ZipFile(bundle).read("manifest.json"))["digest"]
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(altered, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = content.replace(b"alerts ack", b"alerts act").replace(digest.encode(), b"0" * 64)
            new.writestr(name, content)
    capsys.readouterr()
    assert cli.main(["verify", str(altered)]) == (2 if part == "journal.jsonl" else 1)


def test_a_file_that_is_no_bundle_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06 nothing")
    assert cli.main(["verify", str(tmp_path / "x.zip")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bundle_is_unpacked_piece_by_piece(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of 400 kB held a journal of 400 MB, and took 840 MB of memory."""
    assert cli.main(["bundle", str(journal), "-o", str(tmp_path / "one.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "one.zip") as whole, zipfile.ZipFile(tmp_path / "bomb.zip", "w") as bomb:
        bomb.writestr("manifest.json", whole.read("manifest.json"))
        bomb.writestr("journal.jsonl", b"{" + b" " * (8 << 20), zipfile.ZIP_DEFLATED)
    most, read = 0, zipfile.ZipExtFile.read

    def measured(self: zipfile.ZipExtFile, size: int = -1) -> bytes:
        nonlocal most
        most = max(most, len(found := read(self, size)))
        return found

    monkeypatch.setattr(zipfile.ZipExtFile, "read", measured)
    capsys.readouterr()
    assert cli.main(["verify", str(tmp_path / "bomb.zip")]) == 2
    assert "its journal is not the one that was bundled" in capsys.readouterr().err
    assert 0 < most <= 1 << 20
    monkeypatch.setitem(bundle_file._LARGEST_BYTES, "journal.jsonl", 4 << 20)
    assert cli.main(["verify", str(tmp_path / "bomb.zip")]) == 2
    assert "journal.jsonl in it is too large" in capsys.readouterr().err
