"""Tests read files by `tests.parsed`: the same trees, with the same positions, as the parser gives."""

from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from sim.kernel import document
from sim.kernel.shipped_folder import shipped_folder
from tests.parsed import ParsedOnce

SHIPPED = sorted(shipped_folder().rglob("*.yaml"))


def places(tree: Any) -> Iterator[Any]:
    """Each value with its type, and the positions of everything inside it, in order."""
    yield type(tree)
    if isinstance(tree, CommentedMap):
        yield tree.lc.line, tree.lc.col, tree.lc.data
        for key, value in tree.items():
            yield key
            yield from places(value)
    elif isinstance(tree, CommentedSeq):
        yield tree.lc.line, tree.lc.col, tree.lc.data
        for value in tree:
            yield from places(value)
    else:
        yield tree


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_comes_out_as_the_parser_reads_it(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    expected = list(places(YAML(typ="rt", pure=True).load(text)))
    assert len(expected) > 5
    assert document.new_parser is ParsedOnce
    for _ in range(2):
        assert list(places(ParsedOnce().load(text))) == expected


def test_one_who_changes_a_tree_changes_it_for_nobody_else() -> None:
    reader = ParsedOnce()
    first = reader.load("a: {b: [1, 2]}")
    first["a"]["b"].append(3)
    assert reader.load("a: {b: [1, 2]}") == {"a": {"b": [1, 2]}}


def test_a_mistake_is_told_each_time_and_what_is_too_deep_to_copy_is_parsed() -> None:
    reader = ParsedOnce()
    for _ in range(2):
        with pytest.raises(YAMLError):
            reader.load("a: [")
    deep = "[" * 120 + "]" * 120
    assert list(places(reader.load(deep))) == list(places(YAML(typ="rt", pure=True).load(deep)))
