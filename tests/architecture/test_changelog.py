"""The changelog keeps its form: Added, Changed, Fixed for the next release, and short lines everywhere."""

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
MOST_WORDS = 25


def entries() -> list[str]:
    """Each bullet of the changelog as one line."""
    text = CHANGELOG.read_text(encoding="utf-8")
    return [" ".join(one.split()) for one in re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)]


def test_the_next_release_has_the_three_groups_in_order() -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    unreleased = text.partition("\n## [Unreleased]\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (.+)$", unreleased, re.MULTILINE) == ["Added", "Changed", "Fixed"]


def test_an_entry_is_at_most_25_words() -> None:
    assert [entry for entry in entries() if len(entry.split()) > MOST_WORDS] == []
    assert len(entries()) > 20
