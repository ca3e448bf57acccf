"""Each decision has a number of its own, and the index lists each of them."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "decisions.md"


def test_the_index_lists_every_decision_once_and_in_order_of_the_page() -> None:
    index, _, body = PAGE.read_text(encoding="utf-8").partition("\n## Form of the project\n")
    listed = re.findall(r"^- \[(\d+\. .+)\]\(#", index, re.MULTILINE)
    decided = re.findall(r"^### (.+)$", body, re.MULTILINE)
    assert listed == decided
    numbers = [int(one.partition(".")[0]) for one in decided]
    assert len(numbers) == len(set(numbers)), "no number twice; one that is left out does no harm"
