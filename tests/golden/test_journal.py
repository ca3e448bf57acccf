"""A drill that was played once and kept: it must come to the same digests for ever, on every Python."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from sim.drill.session.journal_reading import BadJournal, read_journal
from sim.drill.session.session import Session
from tests.golden.make import FIGURES, JOURNAL, OF_MODEL_1, figures, made


def test_the_kept_journal_replays_to_its_digests() -> None:
    """Fourteen marks in it carry a digest each; the replay compares them all."""
    entries = read_journal(JOURNAL)
    assert sum("digest" in entry for entry in entries) >= 14
    assert {entry["is"] for entry in entries} == {"header", "command", "letter", "mark", "settled"}
    session = Session.replay(JOURNAL)
    assert figures(session) == json.loads(FIGURES.read_text(encoding="utf-8"))
    assert entries[-1]["digest"] == session.digest()


@pytest.mark.parametrize("load", [Session.replay, Session.resume])
def test_a_drill_of_an_older_model_is_refused_in_a_line_that_says_why(
    load: Callable[[Path], Session], tmp_path: Path
) -> None:
    kept = tmp_path / OF_MODEL_1.name
    kept.write_bytes(OF_MODEL_1.read_bytes())
    with pytest.raises(
        BadJournal, match=r"played by an older mxdrill \(model 1\); model 3 of this one"
    ) as refused:
        load(kept)
    assert "\n" not in str(refused.value)
    assert kept.read_bytes() == OF_MODEL_1.read_bytes()


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
