"""Shipped files in their ready form say what the parser says, with its positions; all else is parsed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel import document
from sim.kernel.document import BadFile, parse_tree
from sim.kernel.file_mistakes import position_of
from sim.kernel.ready_form import ReadyMapping
from sim.kernel.shipped_folder import shipped_folder

SHIPPED = sorted(shipped_folder().rglob("*.yaml"))
FILE = shipped_folder() / "house" / "rules.yaml"


class Parser:
    """The parser, and how many texts it was given."""

    def __init__(self) -> None:
        self.texts = 0
        self._new = document.new_parser

    def load(self, text: str) -> Any:
        self.texts += 1
        return self._new().load(text)


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Parser:
    one = Parser()
    monkeypatch.setattr(document, "new_parser", lambda: one)
    return one


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ready forms are kept in this test; empty."""
    monkeypatch.setattr("sim.kernel.ready_form.user_cache_path", lambda *_name, **_options: tmp_path / "own")
    return tmp_path / "own" / "ready"


def places(tree: Any, node: Any, loc: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Each value with its place, its type as far as it matters, and both its positions."""
    kind = dict if isinstance(node, dict) else list if isinstance(node, list) else None
    yield loc, position_of(tree, loc), position_of(tree, loc, at_key=True), kind
    if kind is None:
        yield node, isinstance(node, bool), isinstance(node, str), isinstance(node, float)
    for step, inner in node.items() if kind is dict else enumerate(node) if kind is list else ():
        yield from places(tree, inner, (*loc, step))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_has_a_ready_form_with_the_same_content_and_positions(
    path: Path, folder: Path, parser: Parser
) -> None:
    text = path.read_text(encoding="utf-8")
    parsed, ready = parse_tree(text, path), parse_tree(text, path)
    assert parser.texts == 1, "the ready form needs no parser"
    assert isinstance(ready, ReadyMapping)
    assert ready == parsed
    assert list(places(ready, ready)) == list(places(parsed, parsed))
    assert parser.texts == 2, "positions need it once"


def test_a_changed_file_is_parsed(folder: Path, parser: Parser) -> None:
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert parse_tree("a: 2", FILE) == {"a": 2}
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert parser.texts == 2


def test_a_user_s_own_file_is_not_kept(tmp_path: Path, folder: Path, parser: Parser) -> None:
    for _ in range(2):
        assert parse_tree("a: 1", tmp_path / "mine.yaml") == {"a": 1}
    assert parser.texts == 2
    assert not folder.exists()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [damage, cut, empty, writable_by_others, link, pipe, a_folder])
def test_a_kept_file_that_is_damaged_or_may_be_another_s_is_not_used(
    harm: Any, folder: Path, parser: Parser
) -> None:
    parse_tree("a: 1", FILE)
    (kept,) = folder.iterdir()
    harm(kept)
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert parser.texts == 2


def test_a_file_of_another_user_is_not_used(
    folder: Path, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_tree("a: 1", FILE)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert parser.texts == 2


def test_kept_files_are_readable_by_their_user_only(folder: Path) -> None:
    parse_tree("a: 1", FILE)
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_or_written_changes_nothing(
    folder: Path, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.parent.write_text("a file is in the way")
    assert parse_tree("a: 1", FILE) == {"a": 1}
    folder.parent.unlink()
    folder.mkdir(parents=True)
    monkeypatch.setattr(os, "open", no_room)
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert list(folder.iterdir()) == []


def no_room(*_arguments: Any) -> int:
    raise OSError(28, "No space left on device")


def test_what_another_program_is_writing_at_the_moment_is_left_to_it(folder: Path) -> None:
    parse_tree("a: 1", FILE)
    (kept,) = folder.iterdir()
    unfinished = kept.with_suffix(f".{os.getpid()}")
    kept.rename(unfinished)
    assert parse_tree("a: 1", FILE) == {"a": 1}
    assert list(folder.iterdir()) == [unfinished]


def test_content_that_json_would_change_has_no_ready_form(folder: Path, parser: Parser) -> None:
    texts = ("a: 2026-03-02", "1: a", "a: &x [1]\nb: *x", "a: .nan")
    for text in (*texts, *texts):
        parse_tree(text, FILE)
    assert parser.texts == 2 * len(texts)
    assert not folder.exists()


def test_a_mistake_in_a_file_that_inherits_is_told_with_its_position(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("mxdrill: 1\nid: mine\nlike: exchange-down\ntitle: Mine\ndescription: {}\n")
    load_scenario("exchange-down")
    with pytest.raises(BadFile) as raised:
        load_scenario(str(mine))
    assert f"{mine}:5:1" in str(raised.value)
