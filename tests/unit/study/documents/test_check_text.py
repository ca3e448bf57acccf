"""The text of a check: what drives a promise never reads as parts of a whole that they are not."""

from pathlib import Path

import pytest

from sim.study.check import at_look
from sim.study.documents.check_json import check_document
from sim.study.documents.check_text import check_text
from sim.study.one_run import Study
from tests.plans import loaded, runs

PLAN = """\
people: [{ role: lead }, { role: other }]
steps:
  - { id: a, owner: lead, takes: 5m..45m, manual: one }
  - { id: b, after: [a], owner: other, takes: 5m..45m, manual: two }
assumptions: [{ id: p, to: b.done, within: 40m }]
"""


def test_a_single_driver_is_told_without_further_words(tmp_path: Path) -> None:
    text, document = told(tmp_path, PLAN.replace("5m..45m, manual: two", "5m, manual: two"))
    (driver,) = document["drivers"]
    assert driver["share"] + document["other"] == pytest.approx(1, abs=0.01)
    assert "overlap" not in text
    assert document["overlap"] is False


def test_shares_of_durations_that_go_together_are_told_to_overlap(tmp_path: Path) -> None:
    text, document = told(tmp_path, "together: 80%\n" + PLAN)
    assert sum(one["share"] for one in document["drivers"]) > 1.2
    assert document["overlap"] is True
    (line,) = [line for line in text.splitlines() if "driven by" in line]
    assert line.endswith("(shares overlap: they do not add up to 100 %)")
    assert 0 <= document["other"] < 0.1
    assert document["assumed"] > 0.9, "together, not 180 %"
    assert document["assumed"] <= 1


def told(folder: Path, rest: str) -> tuple[str, dict]:  # type: ignore[type-arg]
    """The text, and the first promise of the document."""
    plan = loaded(folder, rest)
    found = at_look(Study(plan, 1), runs(plan, 60), (60,), 1, 0.05)
    return check_text(found), check_document(found, 0.0, 0.0)["assumptions"][0]
