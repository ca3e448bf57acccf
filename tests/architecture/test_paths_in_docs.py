"""Modules and folders that the documentation names are where it says."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGES = ("sim", "tui", "scenarios", "tests", "dev", "bench", "docs")
NAMED = re.compile(r"`((?:" + "|".join(PACKAGES) + r")/[\w./*-]*|[\w./*-]+\.py)(?:::\w+)?`")


def files() -> list[str]:
    """Every file of the packages and every folder above one, from the root."""
    found = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if "__pycache__" not in path.parts
    ]
    return [path.relative_to(ROOT).as_posix() for path in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_folder_that_is_named_exists(page: Path) -> None:
    known = files()
    lost = [
        name
        for name in NAMED.findall(page.read_text(encoding="utf-8"))
        if not any(fnmatch(f"/{path}", f"*/{name.rstrip('/')}") for path in known)
    ]
    assert lost == []
