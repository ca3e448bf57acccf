"""The map of the tree says where things are: each package has a sentence, and the files it names exist."""

import ast
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
MOST_MODULES = 17
SCREEN = 74
"""Lines of the tree that one looks at without losing its beginning."""


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "dev"))
    monkeypatch.delitem(sys.modules, "architecture", raising=False)
    return import_module("architecture")


def test_a_package_holds_one_sentence_and_nothing_else(generator: Any) -> None:
    wrong = []
    for folder in generator.folders():
        body = ast.parse((folder / "__init__.py").read_text(encoding="utf-8")).body
        said = generator.sentence(folder)
        if len(body) != 1 or not re.fullmatch(r"\S.{10,104}[.…]", said):
            wrong.append((str(folder.relative_to(ROOT)), said))
    assert wrong == []
    assert len(generator.folders()) > 40


def test_a_folder_has_at_most_17_modules(generator: Any) -> None:
    sizes = {folder: len(generator.modules(folder)) for folder in generator.folders()}
    assert {folder.name: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_the_files_that_the_page_names_exist() -> None:
    head = PAGE.read_text(encoding="utf-8").partition("\n```\n")[0]
    named = re.findall(r"`((?:sim|tui|scenarios)/[^`]*)`", head)
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert len(named) > 10
    assert head.partition("**Where is…**")[2].count("\n- ") <= 14


def test_the_tree_fits_a_screen() -> None:
    tree = PAGE.read_text(encoding="utf-8").split("\n```\n")[1]
    assert len(tree.splitlines()) <= SCREEN
