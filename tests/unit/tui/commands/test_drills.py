"""`mxdrill drills`: one bad file breaks nothing, and only what is a drill's is deleted."""

import json
import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.live.disk.mail_folder import MARKER, claim, launch_of_a_lab, mail_folder
from sim.live.lab import open_lab
from sim.report.paper.after_action import form_path
from tui import cli
from tui.table.log_on import ForeignKey, kept_secret


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which drills are kept."""
    monkeypatch.setattr("tui.shell.drill_files.user_data_path", lambda *_names, **_options: tmp_path)
    return tmp_path / "drills"


def kept_drill(path: Path, *, lab: bool = False, table: bool = False) -> Path:
    """A drill that was begun and left; with a lab it has a mail folder."""
    launch = {**(launch_of_a_lab() if lab else {}), **({"table": ["dns"]} if table else {})}
    session = Session.start(load_scenario("exchange-down", {"users": "50"}), 1, path, launch)
    if lab:
        claim(mail_folder(path), session.launch["lab"])
        (mail_folder(path) / "spool").mkdir()
        (mail_folder(path) / "spool" / "00000001.eml").write_text("mine")
    session.close()
    return path


def test_a_drill_is_deleted_with_its_mail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = kept_drill(folder / "a.jsonl", lab=True)
    assert cli.main(["drills", "delete", "a"]) == 0
    assert capsys.readouterr().out == "deleted a\n"
    assert not journal.exists()
    assert not mail_folder(journal).exists()


def test_the_tokens_of_an_exercise_are_deleted_with_it(folder: Path) -> None:
    journal = kept_drill(folder / "a.jsonl")
    other = kept_drill(folder / "b.jsonl", table=True)
    for path in (journal, other):
        kept_secret(path.with_suffix(".key"))
        assert cli.main(["drills", "delete", path.stem]) == 0
    assert not other.with_suffix(".key").exists()
    assert journal.with_suffix(".key").exists()  # not of a table: of someone else


@pytest.mark.parametrize("lab", [False, True])
def test_a_folder_of_the_same_name_that_is_not_the_drills_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], lab: bool
) -> None:
    journal = kept_drill(folder / "a.jsonl", lab=lab)
    mail = mail_folder(journal)
    mail.mkdir(exist_ok=True)
    (mail / MARKER).write_text("another\n")
    (mail / "spool").mkdir(exist_ok=True)
    (mail / "spool" / "thesis").write_text("mine")
    assert cli.main(["drills", "delete", "a"]) == 0
    assert f"kept {mail}: it does not belong to this drill" in capsys.readouterr().out
    assert not journal.exists()
    assert (mail / "spool" / "thesis").read_text() == "mine"


def test_a_folder_without_a_marker_is_kept(folder: Path) -> None:
    journal = kept_drill(folder / "a.jsonl")
    mail = mail_folder(journal)
    mail.mkdir()
    (mail / "thesis").write_text("mine")
    assert cli.main(["drills", "delete", "a"]) == 0
    assert (mail / "thesis").read_text() == "mine"


def test_a_link_in_place_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    journal = kept_drill(folder / "a.jsonl", lab=True)
    elsewhere = tmp_path / "elsewhere"
    mail_folder(journal).rename(elsewhere)
    mail_folder(journal).symlink_to(elsewhere)
    assert cli.main(["drills", "delete", "a"]) == 0
    assert (elsewhere / "spool" / "00000001.eml").read_text() == "mine"


def test_files_that_a_person_put_into_the_mail_folder_are_kept(folder: Path) -> None:
    journal = kept_drill(folder / "a.jsonl", lab=True)
    (mail_folder(journal) / "notes.txt").write_text("mine")
    assert cli.main(["drills", "delete", "a"]) == 0
    assert sorted(path.name for path in mail_folder(journal).iterdir()) == [MARKER, "notes.txt"]


def test_drills_whose_names_differ_after_a_point_have_mail_of_their_own(tmp_path: Path) -> None:
    one, other = tmp_path / "a-1.5", tmp_path / "a-1.6"
    kept_drill(one, lab=True)
    kept_drill(other, lab=True)
    assert cli.main(["drills", "delete", str(one)]) == 0
    assert not mail_folder(one).exists()
    assert (mail_folder(other) / "spool" / "00000001.eml").read_text() == "mine"


def test_a_file_that_is_no_journal_is_not_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("", "dear diary\n", '{"is":"header"}\n'):
        file = tmp_path / "diary.jsonl"
        file.write_text(text)
        assert cli.main(["drills", "delete", str(file)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert file.read_text() == text


def test_a_damaged_journal_whose_first_line_is_whole_can_be_deleted(folder: Path) -> None:
    journal = kept_drill(folder / "a.jsonl")
    with journal.open("a") as out:
        out.write("damage\n")
    assert cli.main(["drills", "delete", "a"]) == 0
    assert not journal.exists()


def test_forms_of_drills_whose_names_differ_after_a_point_are_their_own(tmp_path: Path) -> None:
    """The form of a-1.5 and that of a-1.6 were one file, which went with the first of them."""
    one, other = kept_drill(tmp_path / "a-1.5"), tmp_path / "a-1.6"
    form_path(one).write_text("mxdrill: 1\n")
    form_path(other).write_text("mxdrill: 1\n")
    assert cli.main(["drills", "delete", str(one)]) == 0
    assert [form_path(path).exists() for path in (one, other)] == [False, True]


def test_a_private_key_of_the_same_name_is_neither_used_nor_deleted(folder: Path) -> None:
    """A table took 32 octets for its secret, and wrote over anything else."""
    journal = kept_drill(folder / "a.jsonl", table=True)
    key = journal.with_suffix(".key")
    for text in (b"-----BEGIN PRIVATE KEY-----\n", bytes(32)):
        key.write_bytes(text)
        with pytest.raises(ForeignKey, match=r"a.key: not the secret of an exercise; move it away"):
            kept_secret(key)
        assert key.read_bytes() == text
    journal.with_suffix(".doors").write_text("mine")
    assert cli.main(["drills", "delete", "a"]) == 0
    assert key.read_bytes() == bytes(32)
    assert journal.with_suffix(".doors").read_text() == "mine"


def test_the_tokens_of_an_exercise_are_kept_while_a_part_of_it_is_kept(folder: Path) -> None:
    """Deleting a branch made the links of the exercise invalid."""
    journal = kept_drill(folder / "a.jsonl", table=True)
    kept_drill(folder / "a-branch-1.jsonl", table=True)
    secret = kept_secret(journal.with_suffix(".key"))
    assert cli.main(["drills", "delete", "a-branch-1"]) == 0
    assert kept_secret(journal.with_suffix(".key")) == secret
    assert cli.main(["drills", "delete", "a"]) == 0
    assert not journal.with_suffix(".key").exists()


def test_an_empty_name_is_not_the_beginning_of_the_only_drill(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`drills delete "$UNSET"` deleted it."""
    journal = kept_drill(folder / "a.jsonl")
    assert cli.main(["drills", "delete", ""]) == 2
    assert "the name of the drill is empty" in capsys.readouterr().err
    assert journal.exists()


def test_the_beginning_of_a_name_is_not_enough_to_delete(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = kept_drill(folder / "abc.jsonl")
    assert cli.main(["drills", "delete", "a"]) == 2
    assert "a: write the whole name, such as abc" in capsys.readouterr().err
    assert journal.exists()


def test_a_drill_that_is_over_is_not_to_be_resumed_after_its_salvage(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = folder / "a.jsonl"
    session = Session.start(load_scenario("exchange-down", {"users": "50"}), 1, journal)
    session.finish()
    session.close()
    assert cli.main(["drills", "salvage", "a"]) == 2
    told = capsys.readouterr().err
    assert told == f"{journal}: not damaged; to read the debrief: mxdrill debrief {journal}\n"
    with journal.open("ab") as file:
        file.write(b"noise\n")
    assert cli.main(["drills", "salvage", "a"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "the drill is over; to read the debrief: mxdrill debrief a"


NAMES = (
    "a",
    "\u6f22\u5b57\u306e\u540d\u524d",
    "\u0645\u06cc\u200c\u0646\u0627",
    "e\u0301",
    "\U0001f4e7\U0001f4e7",
    "exchange-down-20261201-095538-6638-branch-1-branch-2",
    "long" * 30,
)


def test_the_columns_of_the_list_begin_in_the_same_cell_for_every_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = kept_drill(folder / "a.jsonl")
    for name in NAMES:
        (folder / f"{name}.jsonl").write_bytes(journal.read_bytes())
    assert cli.main(["drills", "list"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert NAMES[-1] in rows
    starts = {cell_len(before) for before, seed, _after in (row.partition("seed 1") for row in rows) if seed}
    assert len(rows) == len(NAMES) + 1
    assert len(starts) == 1


def test_a_name_of_two_lines_is_one_row_and_one_line_of_refusal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = kept_drill(folder / "a.jsonl")
    odd = folder / "b\n2026-01-01  T+01:00  seed 1  over\x1b[2J\u202e.jsonl"
    odd.write_bytes(journal.read_bytes())
    assert cli.main(["drills", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("\n") == 2
    assert not {"\x1b", "\u202e"} & set(shown)
    for words in (["verify", str(odd)], ["run", str(odd.with_suffix(".yaml"))]):
        assert cli.main(words) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert not {"\x1b", "\u202e"} & set(told)
    new = [
        "run",
        "exchange-down",
        "--until",
        "1h",
        "--set",
        "users=10",
        "--journal",
        str(folder / "c\x1b.jsonl"),
    ]
    assert cli.main(new) == 2
    assert "contains a control or invisible character; choose another --journal" in capsys.readouterr().err


def test_one_bad_journal_does_not_break_the_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_drill(folder / "good.jsonl")
    (folder / "nowhere.jsonl").symlink_to(folder / "gone")
    (folder / "folder.jsonl").mkdir()
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "device.jsonl").symlink_to("/dev/zero")
    (folder / "torn.jsonl").write_bytes(b"\xff\x00{")
    with (folder / "huge.jsonl").open("wb") as huge:
        huge.truncate(20 << 30)  # sparse: takes no space
    assert cli.main(["drills", "list", "--json"]) == 0
    rows = {row["drill"]: row["state"] for row in json.loads(capsys.readouterr().out)}
    assert rows.pop("good") == "can be resumed"
    assert rows == dict.fromkeys(("nowhere", "folder", "pipe", "device", "torn", "huge"), "damaged")


@pytest.mark.parametrize(("by_hand", "state"), [(None, "over"), (True, "over"), (False, "can be resumed")])
def test_a_drill_that_has_ended_by_itself_or_by_hand_is_over(
    folder: Path, capsys: pytest.CaptureFixture[str], by_hand: bool | None, state: str
) -> None:
    """The list said that a drill could be resumed whose console showed the end."""
    settings = {"users": "10", "outage": "10m"}
    session = Session.start(load_scenario("exchange-down", settings), 1, folder / "a.jsonl")
    session.advance(session.drill.latest_ms + 1 if by_hand is None else session.scenario.outage_start_ms)
    if by_hand:
        session.finish()
    session.close()
    assert session.ended is (state == "over")
    assert cli.main(["drills", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == state


async def test_mail_and_journal_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = tmp_path / "deep" / "a.jsonl"
        session = Session.start(load_scenario("exchange-down", {"users": "50"}), 1, path, launch_of_a_lab())
        lab = open_lab(session, say=lambda _line: None)
        lab.spool.put_all([(b"Subject: secret\r\n\r\n",)])
        await lab.mail_server.box.store(b"Subject: secret\r\n\r\n", 1)
        await lab.stop()
        session.close()
    finally:
        os.umask(before)
    assert_owner_only(tmp_path)


def assert_owner_only(folder: Path) -> None:
    modes = {p.relative_to(folder): p.stat().st_mode & 0o077 for p in folder.rglob("*")}
    assert len(modes) > 12
    assert not any(modes.values()), modes
