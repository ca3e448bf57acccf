"""The page of actions that are played both ways names tests that exist, two for each."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scenarios" / "both-ways.md"
DRILLS = ROOT / "tests" / "drills"
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def rows() -> list[str]:
    """Rows of the tables, heads left out."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| action |")]


@pytest.mark.parametrize("row", rows())
def test_each_row_names_two_tests_that_exist(row: str) -> None:
    _, _what, right, wrong, _ = row.split("|")
    found = [NAMED.fullmatch(cell.strip()) for cell in (right, wrong)]
    for one in found:
        assert one is not None, row
        source = (DRILLS / one[1]).read_text(encoding="utf-8")
        assert re.search(rf"^def {one[2]}\(", source, re.MULTILINE), f"{one[1]} has no {one[2]}"
    assert len({right.strip(), wrong.strip()}) == 2, "the right way is not the wrong way"


def test_the_three_outages_and_what_is_common_have_their_tables() -> None:
    heads = re.findall(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(heads) == 4
    assert len(rows()) >= 50
