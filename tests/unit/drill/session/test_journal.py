"""The journal: torn, altered, full disks and two players; nothing acknowledged is ever lost."""

import gc
import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.drill.session.journal import DiskFull, Journal, JournalBusy, NoNewJournal, UnreadableEntry
from sim.drill.session.journal_reading import (
    LONGEST_HEADER_BYTES,
    LONGEST_LINE_BYTES,
    BadJournal,
    chained_line,
    read_journal,
)
from sim.drill.session.session import DigestDiffers, Session
from sim.kernel.duration import HOUR_MS
from sim.kernel.file_bounds import LARGEST_FILE_BYTES
from tests.plays import LETTER, ONSET_MS, play, small, told

ENTRIES = [{"is": "mark", "t": n, "word": "é\u2028\ud800" * n} for n in range(2)]


class SmallDisk(io.FileIO):
    """A file on a disk that has room for `room` bytes; then it writes what still fits, and fails."""

    room = 1 << 30
    fails_whole = False

    def write(self, data: Any) -> int:
        left = self.room - self.tell()
        if len(data) <= left:
            return super().write(data)
        if self.fails_whole:
            raise OSError(28, "No space left on device")
        return super().write(data[: max(left, 0)])


def on_small_disk(path: Path, room: int, *, fails_whole: bool) -> Journal:
    with Journal.create(path, {"seed": 1}):
        pass
    file = SmallDisk(path, "r+b")
    file.room, file.fails_whole = room, fails_whole
    chain = json.loads(path.read_bytes())["chain"]
    return Journal(path, file, chain, path.stat().st_size)


@pytest.mark.parametrize("fails_whole", [True, False])
def test_a_disk_that_is_full_at_any_byte_loses_nothing_acknowledged(
    tmp_path: Path, fails_whole: bool
) -> None:
    whole = tmp_path / "whole.jsonl"
    with Journal.create(whole, {"seed": 1}) as journal:
        for entry in ENTRIES:
            journal.append(entry)
    header = len(whole.read_bytes().splitlines(keepends=True)[0])
    for room in range(header, whole.stat().st_size + 1):
        path = tmp_path / "small.jsonl"
        acknowledged = 0
        with on_small_disk(path, room, fails_whole=fails_whole) as journal:
            for entry in ENTRIES:
                try:
                    journal.append(entry)
                except DiskFull as full:
                    text = str(full)
                    assert text.startswith("small.jsonl: no space left on device; ")
                    break
                acknowledged += 1
            assert read_journal(path)[1:] == ENTRIES[:acknowledged]
            assert isinstance(journal._file, SmallDisk)
            journal._file.room = 1 << 30
            for entry in ENTRIES[acknowledged:]:
                journal.append(entry)
        assert path.read_bytes() == whole.read_bytes()
        path.unlink()
    assert acknowledged == len(ENTRIES)


def test_a_disk_that_fails_to_flush_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.jsonl"
    journal = Journal.create(path, {"seed": 1})
    before = path.read_bytes()

    def fails(_number: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        with pytest.raises(DiskFull, match="input/output error"):
            journal.append(ENTRIES[1])
    assert path.read_bytes() == before
    journal.append(ENTRIES[0])
    journal.close()
    assert read_journal(path)[1:] == [ENTRIES[0]]


def test_a_full_disk_at_the_start_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(DiskFull):
        Session.start(small(), 1, tmp_path / "one.jsonl")
    assert list(tmp_path.iterdir()) == []


def written(path: Path) -> list[bytes]:
    """A played drill's journal, line by line; small enough to be cut at every byte."""
    session = play(
        "30m", [(ONSET_MS, "note one"), (ONSET_MS + 5, "queue retry inbound")], ONSET_MS + 9, 10, path=path
    )
    session.close()
    return path.read_bytes().splitlines(keepends=True)


def test_a_torn_last_line_is_dropped_wherever_it_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    lines = written(path)
    kept = read_journal(path)[:-1]
    for length in range(len(lines[-1])):
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][:length])
        assert read_journal(path) == kept
    session = Session.resume(path)
    assert [text for _at, text in session.commands] == ["note one", "queue retry inbound"]
    session.mark()
    session.close()
    assert read_journal(path)[: len(kept)] == kept


def test_an_altered_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    lines = written(path)
    for number, line in enumerate(lines, 1):
        for old, new in ((b'"t":', b'"t":1'), (b"a", b"b")):
            changed = [*lines]
            changed[number - 1] = line.replace(old, new, 1)
            if changed == lines:
                continue
            path.write_bytes(b"".join(changed))
            with pytest.raises(BadJournal) as caught:
                read_journal(path)
            assert str(caught.value).startswith(f"{path}:{number}: altered or damaged; ")
            assert "\n" not in str(caught.value)


def test_a_line_that_is_missing_or_moved_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    lines = written(path)
    for changed in (
        [lines[0], *lines[2:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
        [*lines[:2], *lines[1:]],
    ):
        path.write_bytes(b"".join(changed))
        with pytest.raises(BadJournal, match="altered or damaged"):
            read_journal(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"{}\n",
        b"null\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"chain":"x","is":"mark"}\n',
    ],
    ids=["empty", "newline", "object", "null", "list", "binary", "deep", "foreign"],
)
def test_what_is_no_journal_gets_one_line(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(raw)
    for read in (read_journal, Session.replay, Session.resume):
        with pytest.raises(BadJournal) as caught:
            read(path)
        assert len(str(caught.value).splitlines()) == 1
        assert str(path) in str(caught.value)
    with pytest.raises(BadJournal, match="no such file"):
        read_journal(tmp_path / "absent.jsonl")


def test_two_cannot_play_one_drill(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    session = Session.start(small(), 1, path)
    with pytest.raises(JournalBusy, match="another mxdrill is playing this drill"):
        Session.resume(path)
    assert Session.replay(path).now_ms == 0
    session.close()
    Session.resume(path).close()
    with pytest.raises(NoNewJournal, match="or continue that drill: mxdrill resume"):
        Session.start(small(), 1, path)


def test_a_journal_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoNewJournal, match=r"file/one\.jsonl: .*; choose another --journal") as caught:
        Session.start(small(), 1, tmp_path / "file" / "one.jsonl")
    assert len(caught.value.lines) == 1


def test_a_scenario_as_long_as_twelve_of_the_largest_files_can_be_kept(tmp_path: Path) -> None:
    briefing = "\u2019" * (12 * LARGEST_FILE_BYTES // len("\u2019".encode()))
    session = Session.start(small().model_copy(update={"briefing": briefing}), 1, tmp_path / "one.jsonl")
    session.close()
    assert Session.replay(tmp_path / "one.jsonl").digest() == session.digest()


def test_a_header_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    with pytest.raises(NoNewJournal, match=r"do not fit in a journal \(8 MiB\)$"):
        Session.start(small().model_copy(update={"briefing": "a" * LONGEST_HEADER_BYTES}), 1, path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("launch", "mistake"),
    [({"speed": 0}, "launch is not in the form"), ({"plan": {"at": [10**12]}}, "`plan.at` number too large")],
)
def test_a_header_in_a_form_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, launch: dict[str, Any], mistake: str
) -> None:
    path = tmp_path / "one.jsonl"
    with pytest.raises(NoNewJournal, match=f"could not be read again: {mistake}"):
        Session.start(small(), 1, path, launch=launch)
    assert not path.exists()


def test_an_input_that_could_not_be_read_again_is_not_carried_out(tmp_path: Path) -> None:
    """A pasted name of megabytes, a letter to more people than fit, and a time out of the calendar."""
    path = tmp_path / "one.jsonl"
    session = Session.start(small(), 1, path)
    crowd = replace(LETTER, recipients=("x" * 250 + "@meridian.example",) * 10_000)
    for mistake, act in (
        ("longer than a journal line", lambda: session.bookmark("x" * LONGEST_LINE_BYTES)),
        ("longer than a journal line", lambda: session.receive_all([LETTER, crowd])),
        ("not in the form", lambda: session.settle(1 << 63)),
    ):
        with pytest.raises(UnreadableEntry, match=f"^one.jsonl: this input was not carried out: {mistake}"):
            act()
    assert (session.bookmarks, session.inputs, session.settled) == ([], (), set())
    session.bookmark("short")
    session.close()
    assert [entry["is"] for entry in read_journal(path)][1] == "bookmark"
    assert told(Session.replay(path)) == told(session)


def test_nothing_happens_before_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command, a letter, a mark and a settlement on a full disk: refused as such, and the drill goes on."""
    path = tmp_path / "one.jsonl"
    session = play("2h", [], ONSET_MS + HOUR_MS, path=path)
    before = told(session)

    def fails(_number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        for act in (
            lambda: session.dispatch("queue retry inbound"),
            lambda: session.receive(LETTER),
            lambda: session.settle(0),
            session.mark,
        ):
            with pytest.raises(DiskFull):
                act()
    assert told(session) == before
    assert session.settled == frozenset()
    session.dispatch("queue retry inbound")
    session.advance(4 * HOUR_MS)
    session.close()
    assert told(Session.replay(path)) == told(session)


def test_a_command_of_megabytes_does_not_make_a_drill_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    session = Session.start(small(), 1, path)
    session.dispatch("note " + "x" * (2 << 20))
    session.dispatch("note \ud83d" + "\U0001f4e7" * 1990)
    session.close()
    assert told(Session.replay(path)) == told(session)
    assert [event.kind for event in session.events()].count("refused") == 2


def test_a_digest_that_differs_is_told(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    session = Session.start(small(), 1, path)
    session.advance(ONSET_MS)
    assert session._journal is not None
    session._journal.append({"is": "mark", "t": ONSET_MS, "digest": "0" * 64})
    session.close()
    with pytest.raises(DigestDiffers, match="Mon 09:12"):
        Session.replay(path)
    with pytest.raises(DigestDiffers):
        Session.resume(path)
    Session.replay(path, ONSET_MS - 1)


@pytest.mark.parametrize(
    "entry",
    [
        {"is": "command", "t": 5},
        {"is": "command", "t": "x", "text": "note a"},
        {"is": "letter", "t": 5, "letter": {}},
        {"is": "mark"},
        {
            "is": "command",
            "t": 5,
            "text": "note a",
            "to": {"role": "lead", "starts_ms": 1 << 64, "takes_ms": 1},
        },
        {"is": "command", "t": 5, "text": "note a", "to": {"role": "lead", "starts_ms": 1}},
    ],
)
def test_an_entry_that_makes_no_sense_is_named(tmp_path: Path, entry: dict[str, Any]) -> None:
    path = tmp_path / "one.jsonl"
    Session.start(small(), 1, path).close()
    header = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(header + chained_line(entry, json.loads(header)["chain"])[0])
    with pytest.raises(BadJournal) as caught:
        Session.replay(path)
    assert str(caught.value) == f"{path}:2: not an entry that a drill writes; the file is damaged"
    assert len(str(caught.value).splitlines()) == 1


def test_a_replay_collects_no_garbage_and_collects_again_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collections would take a tenth of its time; also after a journal that cannot be replayed to its end."""
    path, advance, collecting = tmp_path / "drill.jsonl", Session.advance, []
    play("2h", [(ONSET_MS, "status check gateway")], 2 * HOUR_MS, path=path).close()

    def noting(session: Session, to_ms: int) -> None:
        collecting.append(gc.isenabled())
        advance(session, to_ms)

    monkeypatch.setattr(Session, "advance", noting)
    Session.replay(path)
    assert set(collecting) == {False}
    assert gc.isenabled()
    monkeypatch.setattr("sim.drill.drill.Drill.digest", lambda _drill: "")
    with pytest.raises(DigestDiffers):
        Session.replay(path)
    assert gc.isenabled()


def test_a_newer_format_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(chained_line({"is": "header", "format": 99, "seed": 1}, "")[0])
    with pytest.raises(BadJournal, match="format 99 is newer than this mxdrill; update it"):
        read_journal(path)
