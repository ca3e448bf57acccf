"""The lines before the damage of a journal are kept, and nothing else."""

import json
from pathlib import Path

import pytest

from sim.drill.session.journal import JournalBusy
from sim.drill.session.journal_reading import BadJournal, Damaged, chained_line, read_journal
from sim.drill.session.salvage import salvage
from sim.drill.session.session import DigestDiffers, Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import ONSET_MS, play

GIVEN = tuple((ONSET_MS + n * MINUTE_MS, f"note {n}") for n in range(1, 6))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    play("2h", GIVEN, ONSET_MS + HOUR_MS, path=path).close()
    return path


def hurt(path: Path, number: int, line: bytes | None) -> bytes:
    """The journal with line `number` (from 1) replaced, or removed; returns the lines before it."""
    lines = path.read_bytes().splitlines(keepends=True)
    before, lines[number - 1 : number] = b"".join(lines[: number - 1]), [] if line is None else [line]
    path.write_bytes(b"".join(lines))
    return before


@pytest.mark.parametrize("line", [None, b"noise\n", b'{"chain":"0","is":"end","t":1}\n'])
def test_the_longest_right_beginning_is_kept_byte_for_byte_and_goes_on(
    journal: Path, line: bytes | None
) -> None:
    before = hurt(journal, 4, line)
    found = journal.read_bytes()
    with pytest.raises(Damaged, match=r"one\.jsonl:4: altered or damaged"):
        Session.resume(journal)
    kept = salvage(journal)
    assert (kept.lines, kept.reached_ms, kept.over) == (3, GIVEN[1][0], False)
    assert (journal.read_bytes(), kept.damaged.read_bytes()) == (before, found)
    session = Session.resume(journal)
    session.advance(ONSET_MS + HOUR_MS)
    assert session.digest() == play("2h", GIVEN[:2], ONSET_MS + HOUR_MS).digest()
    session.close()


def test_what_is_not_damaged_stays_untouched(journal: Path) -> None:
    whole = journal.read_bytes()
    with pytest.raises(BadJournal, match="not damaged"):
        salvage(journal)
    assert (journal.read_bytes(), list(journal.parent.iterdir())) == (whole, [journal])


@pytest.mark.parametrize(
    ("line", "told"), [(b'{"noise"\n', "none of it can be saved"), (b"noise\n", "not a journal of a drill")]
)
def test_without_a_right_header_nothing_is_kept(journal: Path, line: bytes, told: str) -> None:
    hurt(journal, 1, line)
    with pytest.raises(BadJournal, match=told):
        salvage(journal)


def test_lines_whose_replay_differs_are_not_kept(journal: Path) -> None:
    """A chain can be forged; a history that never happened is shown to no one."""
    entries, chain, lines = read_journal(journal), "", []
    for entry in [*entries[:3], {"is": "mark", "t": GIVEN[2][0], "digest": "0" * 64}, {"is": "end", "t": 0}]:
        line, chain = chained_line(entry, chain)
        lines.append(line)
    journal.write_bytes(b"".join([*lines[:4], lines[4].replace(b"end", b"ned")]))
    before = journal.read_bytes()
    with pytest.raises(DigestDiffers):
        salvage(journal)
    assert (journal.read_bytes(), list(journal.parent.iterdir())) == (before, [journal])


def test_a_drill_that_is_being_played_is_left_alone(tmp_path: Path) -> None:
    session = play("2h", GIVEN, ONSET_MS + HOUR_MS, path=tmp_path / "one.jsonl")
    with pytest.raises(JournalBusy):
        salvage(tmp_path / "one.jsonl")
    session.close()
    assert json.loads((tmp_path / "one.jsonl").read_bytes().splitlines()[0])["is"] == "header"
