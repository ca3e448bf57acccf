"""A check with numbers that are not published at their other ends, on the same seeds."""

import json
from pathlib import Path

import pytest

from sim.study.assumed_ends import assumed_people, other_values, pessimistic
from sim.study.check import check
from sim.study.one_run import Study
from sim.study.workers import Serial
from tests.plans import loaded, written
from tui.cli import main

PLAN = """\
people: [{ role: lead }]
steps:
  - { id: work, owner: lead, takes: 5m..15m, manual: Something, confidence: measured }
  - { id: called, owner: messaging-admin, takes: 1m, manual: Something else, confidence: measured }
varies: { starts: [Sat 03:00] }
assumptions:
  - { id: own, to: work.done, within: 16m }
  - { id: at-night, to: called.done, within: 36m }
"""


def test_the_organisations_assumed_times_are_at_their_late_end(tmp_path: Path) -> None:
    found = check(Study(loaded(tmp_path, PLAN, until="2h", users=10), 1), Serial(), 12)
    pairs = dict(pessimistic(found, Serial()))
    assert (pairs["own"].before, pairs["own"].after) == (1.0, 1.0), "it rests on nothing that is assumed"
    assert pairs["at-night"].before > 0.5
    assert pairs["at-night"].after == 0.0, "one in ten on call starts later than 36 minutes after the call"


ANSWERS = """\
people: [{ role: lead, answers: 0m..20m }, { role: other, answers: "samples(calls.csv, took_min)" }]
steps:
  - { id: fixed, owner: lead, takes: 1m, manual: Something }
  - { id: work, at: outage.start + 3h, owner: lead, takes: 1m..3m, manual: Something, confidence: measured }
  - { id: known, owner: other, takes: 1m..3m, manual: Something else, confidence: measured }
assumptions:
  - { id: fixed, to: fixed.done, within: 18m }
  - { id: later, to: fixed.done, within: 19m }
  - { id: work, from: outage.start + 3h, to: work.done, within: 18m }
  - { id: known, to: known.done, within: 7m }
"""


def test_answers_of_the_plans_people_are_assumed_unless_they_are_samples(tmp_path: Path) -> None:
    """P90 of the answers is 18 minutes, whatever their step is; samples stay as they were measured."""
    (tmp_path / "calls.csv").write_text("took_min\n1\n9\n")
    found = check(Study(loaded(tmp_path, ANSWERS, until="5h", users=10), 1), Serial(), 40)
    pairs = dict(pessimistic(found, Serial()))
    assert pairs["fixed"].before > 0.5
    assert pairs["fixed"].after == pairs["work"].after == 0.0
    assert pairs["later"].after == 1.0
    assert (pairs["known"].better, pairs["known"].worse) == (0, 0)
    assert assumed_people(found.study.loaded.plan) == ("lead",)


MAIL = """\
steps: [{ id: look, do: probe mx all, takes: 1m }]
assumptions:
  - { id: looked, to: look.done, within: 6h }
  - { id: bounced, figure: returned-by-senders, at most: 10 }
"""


def test_each_other_value_is_tried_and_those_that_move_nothing_are_left_alone(tmp_path: Path) -> None:
    plan = loaded(tmp_path, MAIL, scenario="gateway-down", until="8h")
    found = check(Study(plan, 1), Serial(), 1)
    others = {one.name: dict(one.pairs) for one in other_values(found, Serial())}
    assert len(others) > 10
    short = others["many short-lived"]
    assert (short["bounced"].before, short["bounced"].after) == (1.0, 0.0)
    assert (short["looked"].before, short["looked"].after) == (1.0, 1.0)
    assert others["useful life: 2 times the shares"] == {}


def test_the_document_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(written(tmp_path, PLAN, until="2h", users=10))
    main(["check", path, "--runs", "1", "--jobs", "1", "--assumed", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert "approvals.answer_minutes" in document["assumed"]["organisation"]
    assert [one["name"] for one in document["pessimistic"]] == ["own", "at-night"]
    assert "schedules: sparse" in [one["name"] for one in document["other_values"]]
