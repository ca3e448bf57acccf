"""A drill that was played once and kept: it must come to the same digests for ever, on every Python."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from sim.drill.session.journal_reading import MODEL, BadJournal, chained_line, read_journal
from sim.drill.session.salvage import salvage
from sim.drill.session.session import Session
from sim.forks.origin import read_origin
from tests.golden.make import FIGURES, JOURNAL, KEPT_LINES, LETTERS, figures, keep_older, made, of_model


def test_the_stored_journal_replays_to_its_digests() -> None:
    """Fourteen marks in it carry a digest each; the replay compares them all."""
    entries = read_journal(JOURNAL)
    assert sum("digest" in entry for entry in entries) >= 14
    assert {entry["is"] for entry in entries} == {"header", "command", "letter", "mark", "settled"}
    session = Session.replay(JOURNAL)
    assert figures(session) == json.loads(FIGURES.read_text(encoding="utf-8"))
    assert entries[-1]["digest"] == session.digest()


@pytest.mark.parametrize("load", [Session.replay, Session.resume, salvage, read_origin])
@pytest.mark.parametrize("model", range(1, MODEL))
def test_a_drill_of_an_older_model_is_refused_in_a_line_that_says_why(
    model: int, load: Callable[[Path], object], tmp_path: Path
) -> None:
    """One of each is stored; when MODEL is raised, `make` keeps one of the model before."""
    kept = tmp_path / of_model(model).name
    kept.write_bytes(of_model(model).read_bytes())
    line = rf"played by an older mxdrill \(model {model}\); model {MODEL} of this version"
    with pytest.raises(BadJournal, match=line) as refused:
        load(kept)
    assert "\n" not in str(refused.value)
    assert kept.read_bytes() == of_model(model).read_bytes()


@pytest.mark.parametrize("model", range(1, MODEL))
def test_a_damaged_drill_of_an_older_model_cannot_be_salvaged_by_this_one(model: int, tmp_path: Path) -> None:
    kept = tmp_path / of_model(model).name
    first, second, *rest = of_model(model).read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join((first, second.replace(b'"t":', b'"t": '), *rest)))
    before = kept.read_bytes()
    with pytest.raises(BadJournal, match=rf"^{kept}:1: played by an older mxdrill \(model {model}\)"):
        salvage(kept)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {kept.name: before}


def test_one_of_an_older_model_is_kept_when_it_is_made_anew(tmp_path: Path) -> None:
    keep_older(JOURNAL, tmp_path)
    assert list(tmp_path.iterdir()) == []
    keep_older(of_model(1), tmp_path)
    assert read_journal(tmp_path / "model-1.jsonl") == read_journal(of_model(1))[:KEPT_LINES]


def test_the_stored_journal_of_the_first_form_is_read_in_todays() -> None:
    """It was written before headers had a model, and messages a way."""
    raw = [json.loads(line) for line in of_model(1).read_bytes().splitlines()]
    assert "model" not in raw[0]
    assert not any("way" in entry.get("letter", {}) for entry in raw)
    header, *entries = read_journal(of_model(1))
    assert (header["format"], header["model"]) == (1, 1)
    letters = [entry["letter"] for entry in entries if entry["is"] == "letter"]
    assert [letter["way"] for letter in letters] == ["gateway"] * len(letters) != []


def test_a_drill_kept_in_the_first_form_replays_and_goes_on_in_todays(tmp_path: Path) -> None:
    path, chain, lines = tmp_path / "old.jsonl", "", []
    for entry in read_journal(JOURNAL):
        letter = {key: value for key, value in entry.get("letter", {}).items() if key != "way"}
        older = {
            **entry,
            **({"format": 1} if "format" in entry else {}),
            **({"letter": letter} if letter else {}),
        }
        line, chain = chained_line(older, chain)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    assert figures(Session.replay(path)) == json.loads(FIGURES.read_text(encoding="utf-8"))
    path.write_bytes(b"".join(lines[:4]))
    session = Session.resume(path)
    session.receive(replace(LETTERS[0], way="backup"))
    session.close()
    ways = [entry["letter"]["way"] for entry in read_journal(path) if entry["is"] == "letter"]
    assert ways == ["backup"]
    assert Session.replay(path).digest() == session.digest()


def test_playing_it_again_writes_the_same_journal(tmp_path: Path) -> None:
    """Byte for byte, with the scenario as it was then: the journal holds it."""
    session = made(tmp_path / "again.jsonl", Session.replay(JOURNAL, 0).scenario)
    assert (tmp_path / "again.jsonl").read_bytes() == JOURNAL.read_bytes()
    assert figures(session) == json.loads(FIGURES.read_text(encoding="utf-8"))


def test_resuming_at_any_entry_gives_the_same_end(tmp_path: Path) -> None:
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
