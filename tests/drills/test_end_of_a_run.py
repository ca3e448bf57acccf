"""A run of a plan ends just after the last moment that can change an answer, and not sooner."""

from pathlib import Path

import pytest

from sim.drill.plan.promise import PlanPromise
from sim.drill.session.load_plan import load_plan
from sim.drill.session.plan_run import PlanRun
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.study.promises import PromiseResult, answer
from tests.plans import loaded, minutes, runs, written

STEPS = """\
people: [{ role: lead }]
varies: { outage: 2h..3h }
steps:
  - { id: a, owner: lead, takes: 1m..5m, manual: one }
  - { id: b, owner: lead, at: outage.start + 1h, takes: 5m, manual: two }
  - { id: c, owner: lead, at: outage.start + 90m, takes: 5m, manual: three, unless: [outage.start] }
"""


def run(folder: Path, promise: str, more: str = "") -> tuple[PlanRun, PromiseResult]:
    plan = loaded(folder, f"{STEPS}{more}assumptions: [{{ id: p, {promise} }}]\n", until="20h")
    (run,) = runs(plan, 1)
    one: PlanPromise = plan.plan.assumptions[0]
    return run, answer(one, run)


def after_onset(run: PlanRun) -> int:
    return run.until_ms - run.onset_ms


def test_a_run_shows_all_of_the_second_in_which_it_stops(tmp_path: Path) -> None:
    """A step of an hour ends a millisecond after an hour, and so keeps a promise of an hour."""
    steps = STEPS.replace("1m..5m", "1h")
    plan = loaded(tmp_path, f"{steps}assumptions: [{{ id: p, to: a.done, within: 1h }}]\n", until="1h")
    (one,) = runs(plan, 1)
    given = answer(plan.plan.assumptions[0], one)
    assert (given.kept, given.unknown, given.value) == (True, False, HOUR_MS)


def test_a_late_step_that_no_promise_needs_does_not_change_the_end(tmp_path: Path) -> None:
    before, _answer = run(tmp_path, "to: a.done, within: 1h")
    more = "  - { id: x, owner: lead, at: outage.start + 30m, takes: 1m, manual: four }\n"
    after, _answer = run(tmp_path, "to: a.done, within: 1h", more)
    assert after.until_ms == before.until_ms < before.onset_ms + 6 * MINUTE_MS
    assert (after.milestones, after.digest) == (before.milestones, before.digest)


def test_a_promise_with_unless_is_watched_until_its_limit(tmp_path: Path) -> None:
    """Whether the run counts depends on the outage, and not on how soon the promise was kept."""
    short, left_out = run(tmp_path, "to: a.done, within: 4h, unless: [outage.end]")
    assert (left_out.applies, left_out.why_not) == (False, "unless")
    assert 2 * HOUR_MS <= after_onset(short) < 4 * HOUR_MS
    long, counts = run(tmp_path, "to: a.done, within: 1h, unless: [outage.end]")
    assert (counts.applies, counts.kept) == (True, True)
    assert after_onset(long) == HOUR_MS + SECOND_MS


def test_a_moment_that_came_before_its_beginning_waits_for_it(tmp_path: Path) -> None:
    _run, one = run(tmp_path, "from: b.done, to: a.done, within: 1h")
    assert (one.applies, one.kept, one.value) == (True, True, 0)


def test_a_step_that_was_left_out_is_not_waited_for(tmp_path: Path) -> None:
    never, one = run(tmp_path, "to: c.done, within: 2h")
    assert (one.applies, one.kept, one.unknown) == (True, False, False)
    assert after_onset(never) == 2 * HOUR_MS + SECOND_MS
    unasked, other = run(tmp_path, "from: c.done, to: a.done, within: 2h")
    assert (other.applies, other.why_not) == (False, "from")
    assert 90 * MINUTE_MS <= after_onset(unasked) < 2 * HOUR_MS


STAYS = """\
people: [{ role: lead }]
varies: { outage: 1h..2h, starts: [Tue 09:00] }
steps:
  - { id: start, owner: lead, at: outage.start, takes: 10m, do: continuity start for=8h }
  - { id: b, owner: lead, after: [start], takes: 5m, manual: two }
assumptions:
  - { id: p, to: continuity.active, within: 1h, stays: 10h }
"""


def test_a_promise_does_not_change_how_long_the_state_of_another_has_to_last(tmp_path: Path) -> None:
    """The drill's usual end comes 3 h after the drain; the continuity event lapses after 8 h."""
    plans = [
        loaded(tmp_path, STAYS + more, "m365-offline", until="20h")
        for more in ("", "  - { id: q, to: b.done, within: 5h }\n")
    ]
    (alone,), (other,) = (runs(plan, 1) for plan in plans)
    assert alone.over_ms == other.over_ms <= alone.until_ms < other.until_ms
    given = [answer(plan.plan.assumptions[0], one) for plan, one in zip(plans, (alone, other), strict=True)]
    assert given[0] == given[1]
    assert given[0].kept


def test_a_figure_is_measured_at_the_drills_usual_end_whatever_else_is_promised(tmp_path: Path) -> None:
    more = "  - { id: q, to: b.done, within: 5h }\n  - { id: f, figure: bounced, at most: 0 }\n"
    (one,) = runs(loaded(tmp_path, STAYS + more, "m365-offline", until="20h"), 1)
    assert one.complete
    assert one.over_ms <= one.until_ms <= one.over_ms + 1


WEEKEND = """\
people: [{ role: lead, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
varies: { starts: [Sat 03:00] }
set: { users: 20, outage: 2h }
steps:
  - { id: a, owner: lead, at: outage.start, takes: 20m, manual: one }
  - { id: b, owner: lead, after: [a], takes: 5m, manual: two }
assumptions: [{ id: p, from: a.done, to: b.done, within: 10m }]
"""


def test_a_promise_that_begins_after_the_drills_usual_end_still_counts(tmp_path: Path) -> None:
    """The outage is over on Saturday, and the lead is back on Monday."""
    path = written(tmp_path, WEEKEND, "m365-offline", until="4d")
    path.write_text(path.read_text(encoding="utf-8").replace("set: { users: 20 }\n", ""), encoding="utf-8")
    plan = load_plan(str(path))
    (one,) = runs(plan, 1)
    assert minutes(one, "a") == pytest.approx((2 * 24 + 5) * 60 + 20, abs=0.01)
    given = answer(plan.plan.assumptions[0], one)
    assert (given.applies, given.kept, given.value) == (True, True, 5 * MINUTE_MS)
