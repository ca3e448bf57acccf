"""The text of a check: what drives a promise never reads as parts of a whole that they are not."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from sim.study.check import at_look
from sim.study.documents.check_json import check_document
from sim.study.documents.check_text import check_text, no_main_cause, why_lines
from sim.study.documents.extra_json import paired_document
from sim.study.documents.extra_text import readiness_text
from sim.study.documents.files import rows
from sim.study.documents.page import page
from sim.study.documents.promise_words import (
    first_line,
    quantile_text,
)
from sim.study.one_run import Study
from sim.study.paired import paired
from sim.study.promises import PromiseResult
from sim.study.readiness import PreparationWorth
from sim.study.statistics.drivers import Driver
from sim.study.why import Why, critical_steps, why
from tests.plans import loaded, organisation_with, runs

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


def test_runs_that_do_not_count_are_told_with_their_reason(tmp_path: Path) -> None:
    """Most runs may be left out without an author's knowledge, because a step in `from` was not done."""
    text, document = told(
        tmp_path,
        PLAN.replace("manual: one", "manual: one, fails: 50%").replace("to: b", "from: a.done, to: b"),
    )
    (line,) = [line for line in text.splitlines() if "applies to" in line]
    counted, _, why = line.strip().partition("; not counted: ")
    applies, of = (int(word) for word in counted.split() if word.isdigit())
    assert 0 < applies < of
    assert why == f"{of - applies} runs did not reach a.done"
    assert document["not_counted"] == [
        {"why": "from", "because": "did not reach a.done", "runs": of - applies}
    ]


def test_reasons_that_are_not_shown_are_counted(tmp_path: Path) -> None:
    plan = loaded(tmp_path, PLAN)
    found = at_look(Study(plan, 1), runs(plan, 10), (10,), 1, 0.05)
    reasons = replace(why(found, found.promises[0]), never=(("a", 9), ("b", 7), ("c", 5), ("d", 3), ("e", 1)))
    lines = [line.strip() for line in why_lines(found.promises[0], reasons, found) if "never in" in line]
    assert lines[2:] == [
        "never in 5 runs: c",
        "never in 4 runs: other reasons; `--json` lists all of them",
    ]


FALLBACK = """\
people: [{ role: lead }]
steps:
  - { id: go-out, owner: lead, takes: 5m, manual: one, fails: 20%, on failure: { do: go-direct } }
  - { id: go-direct, owner: lead, takes: 50m..70m, manual: two }
assumptions: [{ id: p, to: go-out.done, within: 10m }]
"""


def test_a_failure_is_the_driver_and_not_the_time_of_what_follows_it(tmp_path: Path) -> None:
    plan = loaded(tmp_path, FALLBACK)
    found = at_look(Study(plan, 1), runs(plan, 200), (200,), 1, 0.05)
    first, *others = check_document(found, 0.0, 0.0)["assumptions"][0]["drivers"]
    assert first["name"] == "go-out fails"
    assert first["share"] > 0.9
    assert first["sign"] == 1
    assert all(one["share"] < 0.1 for one in others)


UNRELATED = """\
people: [{ role: lead }, { role: other }, { role: third }]
steps:
  - { id: long, owner: lead, takes: 20m..60m, manual: one }
  - { id: check, owner: third, takes: 1m, manual: two, fails: 20% }
  - { id: end, after: [long, check], owner: lead, takes: 1m, manual: three }
CHANCE
assumptions: [{ id: p, to: end.done, within: 40m }]
"""


def test_only_failures_that_can_matter_are_drivers(tmp_path: Path) -> None:
    """A step that is never the last one before the end may still keep it from coming; an unrelated one may
    not, although some of thirty would differ by chance.
    """
    row = "  - {{ id: by-chance-{0}, owner: other, takes: 1m, manual: four, fails: 50% }}\n"
    text = UNRELATED.replace("CHANCE\n", "".join(row.format(n) for n in range(30)))
    _, document = told(tmp_path, text)
    names = [one["name"] for one in document["drivers"]]
    assert names[0] == "check fails"
    assert "by-chance" not in " ".join(names)


ASKED = """\
people: [{ role: security-approver, answers: 5m..25m, reached: 70%, again: 10m }]
steps:
  - { id: look, at: outage.start, takes: 1m, do: probe mx all }
  - { id: ask, at: outage.start + 30m, takes: 1m, do: approve mx because=no estimate }
assumptions: [{ id: p, from: ask.done, to: mx.approved, within: 40m }]
"""


def test_a_call_that_is_answered_at_once_counts_as_no_time_lost(tmp_path: Path) -> None:
    """Of the variance of calls (10 min after each of 30 % in vain) and answers, 65 % comes from the calls."""
    quick = {"answer_minutes": [10, 10], "refuses_percent": 0}
    scenario = organisation_with(tmp_path, "gateway-down", approvals=quick)
    plan = loaded(tmp_path, ASKED, scenario, until="6h")
    found = at_look(Study(plan, 1), runs(plan, 60), (60,), 1, 0.05)
    shares = {
        one["name"]: one["share"] for one in check_document(found, 0.0, 0.0)["assumptions"][0]["drivers"]
    }
    assert shares["ask.approver calls in vain"] == pytest.approx(0.65, abs=0.2)


def told(folder: Path, rest: str, until: str = "2h") -> tuple[str, dict]:  # type: ignore[type-arg]
    """The text, and the first promise of the document."""
    plan = loaded(folder, rest, until=until)
    found = at_look(Study(plan, 1), runs(plan, 60), (60,), 1, 0.05)
    return check_text(found), check_document(found, 0.0, 0.0)["assumptions"][0]


def test_causes_of_which_none_is_the_main_one_are_called_so() -> None:
    small = Why((Driver("a", 0.2, 1), Driver("b", 0.1, 1)), 0.7, 0.0, (), (), (), (), (), 1, 2)
    assert no_main_cause(small) == "several causes, each at most 20 %"
    assert no_main_cause(replace(small, other=0.1)) == ""
    assert no_main_cause(replace(small, drivers=())) == ""


def test_a_late_run_is_not_shown_under_a_promise_that_is_always_kept(tmp_path: Path) -> None:
    text, _ = told(tmp_path, PLAN)
    assert "one run in ten is later than run" in text
    text, _ = told(tmp_path, PLAN.replace("within: 40m", "within: 3h, with: 99%"))
    assert "UNDECIDED" in text
    assert "one run in ten is later than run" not in text
    assert "to open" not in text


def test_too_few_runs_say_how_many_are_needed(tmp_path: Path) -> None:
    plan = loaded(tmp_path, PLAN.replace("within: 40m", "within: 2h"))
    found = at_look(Study(plan, 1), runs(plan, 30), (30,), 1, 0.05)
    assert "UNDECIDED" in check_text(found)
    assert "30 runs cannot show that it holds; at least 36 are needed" in check_text(found)
    found = at_look(Study(plan, 1), list(found.runs) + runs(plan, 6, seed=2), (36,), 1, 0.05)
    assert "HOLDS" in check_text(found)


def test_readiness_says_when_no_set_could_be_shown_to_be_enough() -> None:
    few = PreparationWorth("p", 20, {frozenset(): 0.5, frozenset({"a"}): 1.0}, {"a": 0.5}, (), 42)
    assert (
        list(readiness_text([few]))[1].strip() == "20 runs cannot show that it holds; at least 42 are needed"
    )
    enough = replace(few, runs=60)
    assert list(readiness_text([enough]))[1].strip() == "60 runs do not show that any set of them is enough"


NOT_ALWAYS_LAST = """\
people: [{ role: lead }, { role: other }]
steps:
  - { id: look, owner: lead, takes: 2m, do: status check probe }
  - { id: wide, owner: other, takes: 1m..60m, manual: one }
  - { id: end, after: [look, wide], owner: other, takes: 1m, manual: two }
assumptions: [{ id: p, to: end.done, within: 40m }]
"""
NOT_ALWAYS_REACHED = """\
people: [{ role: lead }, { role: other }]
places: [{ id: registrar, second_factor: email }]
varies: { outage: 1h..5h }
steps:
  - { id: look, owner: lead, takes: 2m, do: status check probe }
  - { id: end, after: [look], owner: other, needs: [registrar], takes: 1m, manual: two }
assumptions: [{ id: p, to: end.done, within: 2h }]
"""


@pytest.mark.parametrize(
    ("text", "driver"), [(NOT_ALWAYS_LAST, "wide.takes"), (NOT_ALWAYS_REACHED, "outage")]
)
def test_a_wait_that_is_the_same_in_every_run_drives_nothing(text: str, driver: str, tmp_path: Path) -> None:
    """Whether it is on the chain of a run, or the moment is never reached: it has no part in the result."""
    plan = loaded(tmp_path, text, until="3h")
    found = at_look(Study(plan, 1), runs(plan, 60), (60,), 1, 0.05)
    document = check_document(found, 0.0, 0.0)["assumptions"][0]
    assert "look takes effect" in {one["name"] for one in document["criticality"]}
    names = [one["name"] for one in document["drivers"]]
    assert names[0] == driver
    assert "look takes effect" not in names


def test_runs_that_ended_too_early_are_told(tmp_path: Path) -> None:
    """A step of 5 to 45 minutes, and runs of half an hour: nothing is known of an hour."""
    plan = loaded(tmp_path, PLAN.replace("to: b.done, within: 40m", "to: b.done, within: 90m"), until="30m")
    found = at_look(Study(plan, 1), runs(plan, 40), (40,), 1, 0.05)
    (one,) = found.promises
    assert one.verdict == "undecided", "all steps take at most 90 min"
    early = 40 - one.last.kept
    assert early > 20
    assert f"; {early} of these runs ended too early to tell" in first_line(one)
    document = check_document(found, 0.0, 0.0)["assumptions"][0]
    assert document["unknown"] == early
    assert one.last.high == 1.0
    assert not document["never"]
    assert sum(reason["runs"] for reason in document["too_early"]) == early
    assert document["not_reached"] == {"p90": "unknown", "p95": "unknown"} | (
        {} if document["observed_s"]["p50"] else {"p50": "unknown"}
    )
    assert quantile_text(one, one.quantiles["p90"]).startswith("unknown (at least ")
    text, shown = check_text(found), page(found)
    assert "never" not in text + shown.partition("</style>")[2].replace("Never", "never")
    assert "ended too early in " in text
    assert f"unknown in {early} of 40 runs" in shown
    cells = list(csv.DictReader(io.StringIO(rows(found))))
    assert [row["p_why_not"] for row in cells].count("too early") == early
    assert {row["p_s"] for row in cells if row["p_why_not"]} == {""}


STAYS = """\
steps:
  - { id: start, at: outage.start, takes: 5m..10m, do: continuity start group=all for=1h via=console }
assumptions: [{ id: p, to: continuity.active, within: 45m, stays: 3h }]
"""


def test_a_step_is_not_critical_in_a_run_in_which_its_state_did_not_last(tmp_path: Path) -> None:
    both = STAYS.replace("assumptions: [", "assumptions: [{ id: q, to: continuity.active, within: 1m }, ")
    for text, share_ in ((STAYS, 0.0), (both, 1.0)):
        plan = loaded(tmp_path, text, until="4h")
        found = at_look(Study(plan, 1), runs(plan, 5), (5,), 1, 0.05)
        assert critical_steps(found) == {"start": share_}


def test_a_state_that_did_not_last_is_told_and_has_no_chain(tmp_path: Path) -> None:
    text, document = told(tmp_path, STAYS, until="4h")
    assert "within the promised 45 min, and then for 3 h, in 0 of 60 runs" in text
    assert document["never"] == [{"because": "continuity.active did not last 3 h", "runs": 60}]
    assert document["chain"] == {"median": [], "bad": []}
    assert document["criticality"] == []
    assert "is later than run" not in text
    assert "to open run " in text


LATER = """\
people: [{ role: lead }, { role: other }]
steps:
  - { id: a, at: outage.start + 1h, owner: lead, takes: 5m..45m, manual: one }
  - { id: b, after: [a], owner: other, takes: 5m..6m, manual: two }
assumptions: [{ id: p, from: outage.start + 1h, to: b.done, within: 40m }]
"""


@pytest.mark.parametrize("moment", ["outage.start + 1h", "T+2h12m"])
def test_what_comes_before_the_time_is_counted_is_no_part_of_it(moment: str, tmp_path: Path) -> None:
    """The onset is at T+1h12m; the durations after it drive the promise."""
    _, document = told(tmp_path, LATER.replace("from: outage.start + 1h", f"from: {moment}"), until="4h")
    assert [one["name"] for one in document["drivers"]][:1] == ["a.takes"]
    for run in document["chain"].values():
        assert [link["name"] for link in run] == ["a", "b"]
    total = sum(link["s"] for link in document["chain"]["median"])
    assert total == pytest.approx(document["observed_s"]["p50"], abs=1)


def test_a_p_value_is_never_zero() -> None:
    pairs = [PromiseResult(True, 0, False)] * 40, [PromiseResult(True, 0, True)] * 40
    assert paired_document("p", paired(*pairs))["p"] == pytest.approx(2 * 0.5**40, rel=1e-4)
