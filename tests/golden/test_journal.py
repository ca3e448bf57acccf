"""A drill that was played once and kept: it must come to the same digests for ever, on every Python."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from sim.drill.session.journal import read_journal
from sim.drill.session.session import Session
from tests.golden.make import FIGURES, JOURNAL, WITHOUT_FILES, figures, made


@pytest.mark.parametrize("journal", [JOURNAL, WITHOUT_FILES], ids=lambda path: path.stem)
def test_the_kept_journal_replays_to_its_digests(journal: Path) -> None:
    """Fourteen marks in it carry a digest each; the replay compares them all."""
    entries = read_journal(journal)
    assert sum("digest" in entry for entry in entries) >= 14
    assert {entry["is"] for entry in entries} == {"header", "command", "letter", "mark", "settled"}
    session = Session.replay(journal)
    assert figures(session) == json.loads(FIGURES.read_text(encoding="utf-8"))
    assert entries[-1]["digest"] == session.digest()


def test_playing_it_again_writes_the_same_journal(tmp_path: Path) -> None:
    """Byte for byte, with the scenario as it was then: the journal holds it."""
    session = made(tmp_path / "again.jsonl", Session.replay(JOURNAL, 0).scenario)
    assert (tmp_path / "again.jsonl").read_bytes() == JOURNAL.read_bytes()
    assert figures(session) == json.loads(FIGURES.read_text(encoding="utf-8"))


def test_resumed_at_every_entry_it_comes_to_the_same_end(tmp_path: Path) -> None:
    """As if the process had been killed after each line."""
    lines = JOURNAL.read_bytes().splitlines(keepends=True)
    entries = read_journal(JOURNAL)
    path = tmp_path / "killed.jsonl"
    for cut in range(1, len(lines), 6):
        path.write_bytes(b"".join(lines[:cut]))
        session = Session.resume(path)
        assert session.now_ms == (entries[cut - 1].get("t", 0))
        session.close()
        assert Session.replay(path).digest() == session.digest()


def test_its_moments_never_go_back() -> None:
    times = [entry["t"] for entry in read_journal(JOURNAL)[1:]]
    assert all(a <= b for a, b in pairwise(times))
