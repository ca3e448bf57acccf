"""Modules and folders that the documentation names are where it says."""

import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGES = ("sim", "tui", "scenarios", "tests", "dev", "bench", "docs")
NAMED = re.compile(r"`((?:" + "|".join(PACKAGES) + r")/[\w./*-]*|[\w./*-]+\.py)(?:::\w+)?`")


@cache
def files() -> list[str]:
    """Every file of the packages and every folder above one, from the root."""
    found = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if "__pycache__" not in path.parts
    ]
    return [path.relative_to(ROOT).as_posix() for path in found]


SYMBOL = re.compile(r"`([A-Za-z_]\w*(?:\.[a-z_]\w*)?)`")
"""A class, a method, a function or a constant, as the page on the engine names them."""


def test_classes_and_functions_that_the_engines_page_names_exist() -> None:
    page = (
        (ROOT / "docs" / "explanation" / "engine.md")
        .read_text(encoding="utf-8")
        .partition("## What it costs")[0]
    )
    code = {
        word
        for path in (ROOT / "sim").rglob("*.py")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    named = {part for name in SYMBOL.findall(page) for part in name.split(".")}
    defined = {name for name in named if name[0].isupper() or "_" in name}
    assert {name for name in defined - code if not name.startswith("test_")} == set()
    assert len(defined) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_folder_that_is_named_exists(page: Path) -> None:
    known = files()
    lost = [
        name
        for name in NAMED.findall(page.read_text(encoding="utf-8"))
        if not any(fnmatch(f"/{path}", f"*/{name.rstrip('/')}") for path in known)
    ]
    assert lost == []
