"""The tutorial names panes and figures of the console as the console shows them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial" / "first-drill.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"\*\*([^*]+)\*\*", TUTORIAL)))
CONSOLE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tui").rglob("*.py")))


@pytest.mark.parametrize("name", NAMED)
def test_a_name_in_bold_is_on_the_console(name: str) -> None:
    assert f'"{name}' in CONSOLE


def test_there_are_names() -> None:
    assert len(NAMED) > 6
