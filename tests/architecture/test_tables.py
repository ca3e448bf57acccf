"""A table of the documentation can be read: no row of it is so long that its columns are lost."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDEST = 300
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_row_is_at_most_300_characters(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("|") and len(line) > WIDEST] == []


def test_pages_are_looked_at() -> None:
    assert len(PAGES) > 20
