"""Figures of checks on the pages are those of the stored checks (`tests/golden/checks`)."""

import re
from pathlib import Path
from typing import Any

import pytest

from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words
from sim.study.documents.promise_words import share
from tests.golden.make_checks import RUNS, stored

DOCS = Path(__file__).parents[2] / "docs"
DURATION = r"\d+ (?:min|h|d|s)(?: \d+ (?:min|h|s))?"


def section(name: str) -> str:
    """The part of an outage's page about the check of its plan."""
    page = (DOCS / "scenarios" / f"{name}.md").read_text(encoding="utf-8")
    return page.partition(f"`mxdrill check {name}` runs")[2].partition("\n## ")[0]


def rows(name: str) -> list[list[str]]:
    """Cells of its table: promise, verdict, probability, causes."""
    lines = [line for line in section(name).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def words(seconds: float) -> str:
    return in_words(round(seconds * SECOND_MS), MINUTE_MS)


def quoted(one: dict[str, Any]) -> dict[str, str]:
    """The forms in which a page may quote the result for a promise, each with its only right value."""
    times = one["observed_s"]
    return {
        r"(\d+(?:\.\d)? %)": share(one["probability"]),
        rf"half (?:of the runs )?need more than ({DURATION})": words(times["p50"] or 0),
        rf"90 % of the runs need up to ({DURATION})": words(times["p90"] or 0),
        r"wanted (\d+ %)": one["wanted"].replace("%", " %"),
    }


def wrong(cell: str, one: dict[str, Any]) -> list[str]:
    """Parts of a cell on the probability that are not the promise's own figures."""
    found = []
    for part in re.split(r"; |, ", cell):
        fitting = [(form, value) for form, value in quoted(one).items() if re.fullmatch(form, part)]
        if not any(re.fullmatch(form, part)[1] == value for form, value in fitting):  # type: ignore[index]
            found.append(f"{part!r}; right: {[value for _form, value in fitting]}")
    return found


@pytest.mark.parametrize("name", RUNS)
def test_the_table_of_a_page_has_the_verdicts_and_figures_of_the_check(name: str) -> None:
    document, table = stored(name), rows(name)
    for cells, one in zip(table, document["assumptions"], strict=True):
        promise, verdict, probability, causes = cells
        assert verdict.strip("*") == one["verdict"], promise
        assert not wrong(probability, one), promise
        within = re.search(r"within (an hour|\d+ (?:min|h))", promise)
        assert within is not None, promise
        assert within[1].replace("an hour", "1 h").replace("90 min", "1 h 30 min") == words(one["target_s"])
        shares = {share(part["of_time"]) for part in one["criticality"]}
        shares |= {share(part["share"]) for part in one["drivers"]}
        assert set(re.findall(r"\d+(?:\.\d)? %", causes)) <= shares, promise


@pytest.mark.parametrize("name", RUNS)
def test_a_page_states_the_runs_of_its_check(name: str) -> None:
    document, text = stored(name), " ".join(section(name).split())
    if RUNS[name] == 800:
        assert f"The first {document['runs']} runs decide all promises (seed {document['seed']}," in text
        assert document["verdict"] != "undecided"
    else:
        assert f"with `--runs {document['runs']}` and seed {document['seed']}" in text


def test_the_first_line_that_the_instructions_quote_is_printed() -> None:
    page = (DOCS / "howto" / "check-a-plan.md").read_text(encoding="utf-8")
    told = r"within the promised ([^`]+) in (\d+) of (\d+) runs"
    example = re.search(rf"mxdrill check (\S+) ``` .{{,99}} `{told}`", " ".join(page.split()))
    assert example is not None
    first = stored(example[1])["assumptions"][0]
    assert [example[2], int(example[3]), int(example[4])] == [
        words(first["target_s"]),
        first["kept"],
        first["runs"],
    ]


def test_the_studies_of_coverage_that_the_instructions_quote_are_those_of_the_test() -> None:
    page = " ".join((DOCS / "howto" / "check-a-plan.md").read_text(encoding="utf-8").split())
    found = re.search(
        r"(\d+) studies of (\d+) runs each, (\d+) studies gave a verdict, and in (\d+) studies an", page
    )
    assert found is not None
    made = stored("coverage")
    names = ("studies", "runs", "verdicts", "missed")
    assert [int(one) for one in found.groups()] == [made[name] for name in names]


def test_a_figure_that_is_not_that_of_the_check_is_found() -> None:
    one = stored("gateway-down")["assumptions"][0]
    right = share(one["probability"])
    assert not wrong(f"{right}; half of the runs need more than {words(one['observed_s']['p50'])}", one)
    assert wrong("7 %", one | {"probability": 0.06})
    assert wrong(f"{right}; half of the runs need more than 3 min", one)
    assert wrong(f"{right}; some need longer", one)
