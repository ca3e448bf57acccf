"""Plans whose answer is known by plain sampling: the runs agree with it within their own interval.

The samples come from numpy's own beta and log-normal generators, which share nothing with the plan's tables.
"""

from pathlib import Path

import numpy as np
import pytest

from sim.study.binomial import interval
from tests.plans import loaded, minutes, runs

PROMISE = "assumptions: [{ id: p, to: last.done, within: 40m }]\n"
RUNS, SAMPLES = 60, 200_000
RNG = np.random.default_rng(3)


def pert(low: float, likely: float, high: float) -> np.ndarray:
    place = (likely - low) / (high - low)
    return low + (high - low) * RNG.beta(1 + 4 * place, 5 - 4 * place, SAMPLES)


def agrees(took: list[float], sample: np.ndarray) -> None:
    """At each of three limits, the share of runs is compatible with the sample's."""
    for limit in np.quantile(sample, [0.2, 0.5, 0.85]):
        low, high = interval(sum(one <= limit for one in took), len(took), 0.001)
        assert low <= (sample <= limit).mean() <= high, limit


def test_a_chain_of_steps_of_one_owner_adds_up(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps:
  - { id: a, owner: lead, takes: "pert(5m, 12m, 45m)", manual: one }
  - { id: b, after: [a], owner: lead, takes: "lognormal(median=6m, p90=20m)", manual: two }
  - { id: last, after: [b], owner: lead, takes: 2m..8m, manual: three }
"""
        + PROMISE,
    )
    sigma = np.log(20 / 6) / 1.2815515655446004
    sample = pert(5, 12, 45) + 6 * np.exp(sigma * RNG.standard_normal(SAMPLES)) + RNG.uniform(2, 8, SAMPLES)
    agrees([minutes(run, "last") for run in runs(plan, RUNS)], sample)


def test_two_owners_work_side_by_side_and_one_owner_does_not(tmp_path: Path) -> None:
    text = """\
people: [{{ role: one }}, {{ role: two }}]
steps:
  - {{ id: a, owner: one, takes: "pert(5m, 12m, 45m)", manual: a }}
  - {{ id: b, owner: {second}, takes: "pert(5m, 20m, 30m)", manual: b }}
  - {{ id: last, after: [a, b], owner: one, takes: 1m, manual: join }}
"""
    a, b = pert(5, 12, 45), pert(5, 20, 30)
    apart = loaded(tmp_path, text.format(second="two") + PROMISE)
    agrees([minutes(run, "last") for run in runs(apart, RUNS)], np.maximum(a, b) + 1)
    alone = loaded(tmp_path, text.format(second="one") + PROMISE)
    agrees([minutes(run, "last") for run in runs(alone, RUNS)], a + b + 1)


def test_a_step_that_fails_is_replaced_by_its_fallback(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }, { role: registrar }]
steps:
  - { id: a, owner: lead, takes: 5m..15m, manual: one, fails: 30%, on failure: { after: 20m, do: b } }
  - { id: b, owner: registrar, takes: 10m..30m, manual: call }
  - { id: last, after: [a], owner: lead, takes: 1m, manual: end }
"""
        + PROMISE,
    )
    fails = RNG.random(SAMPLES) < 0.3
    sample = RNG.uniform(5, 15, SAMPLES) + fails * (20 + RNG.uniform(10, 30, SAMPLES)) + 1
    found = runs(plan, RUNS)
    agrees([minutes(run, "last") for run in found], sample)
    assert {run.steps["b"].state for run in found} == {"waiting", "done"}
    assert {run.steps["a"].instead for run in found} == {"", "b"}


def test_a_step_is_tried_again_as_often_as_the_plan_says(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps:
  - { id: last, owner: lead, takes: 10m, manual: one, fails: 50%, on failure: { after: 5m, again: 2 } }
"""
        + PROMISE,
    )
    found = [run.steps["last"] for run in runs(plan, RUNS)]
    assert {one.tries for one in found} == {1, 2, 3}
    never = sum(one.done_ms is None for one in found)
    low, high = interval(never, RUNS, 0.001)
    assert low <= 0.125 <= high
    assert all(one.state == "failed" for one in found if one.done_ms is None)


def test_who_is_called_at_night_answers_as_drawn_and_may_not_be_reached(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
varies: { starts: [Sat 03:00] }
people:
  - { role: dns, hours: "Mon-Fri 08:00-18:00", out of hours: "pert(5m, 15m, 60m)", reached: 80%, again: 10m }
steps:
  - { id: last, owner: dns, takes: 5m, manual: one }
"""
        + PROMISE,
    )
    vain = RNG.geometric(0.8, SAMPLES) - 1
    agrees([minutes(run, "last") for run in runs(plan, RUNS)], pert(5, 15, 60) + 10 * vain + 5)


def test_a_person_without_a_call_out_begins_with_the_next_working_hours(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
varies: { starts: [Wed 17:30] }
people: [{ role: dns, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
steps:
  - { id: first, owner: dns, takes: 5m, manual: one }
  - { id: last, at: outage.start + 3h, owner: dns, takes: 5m, manual: two }
"""
        + PROMISE,
        until="1d",
    )
    (run,) = runs(plan, 1)
    assert run.steps["first"].done_ms is not None
    assert minutes(run, "first") == pytest.approx(5, abs=0.01)
    assert minutes(run, "last") == pytest.approx((6.5 + 8) * 60 + 5, abs=0.01)
    assert run.steps["last"].held_by == "answers"


def test_inbound_mail_moves_as_resolvers_forget_the_old_record(tmp_path: Path) -> None:
    """No person is waited for: 95 % of the mail has moved soon after the old TTL is over, not before."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: dns }]
steps:
  - { id: ask, at: T+1m, owner: incident-lead, takes: 1m, do: approve mx emergency=yes because=theory }
  - { id: no-policy, at: T+1m, owner: dns, takes: 1m, do: mta-sts policy backup }
  - { id: no-policy-id, after: [no-policy], owner: dns, takes: 1m, do: mta-sts id }
  - { id: last, at: outage.start, owner: dns, takes: 1m, do: mx set backup }
assumptions: [{ id: p, from: mx.changed, to: inbound.moved, within: 1h15m }]
""",
        scenario="gateway-down",
        until="8h",
    )
    for run in runs(plan, 3):
        assert run.steps["last"].state == "done", run.steps["last"].reason
        took_min = (run.milestones["inbound.moved"] - run.milestones["mx.changed"]) / 60_000
        assert 45 <= took_min <= 135, "the old TTL of an hour, and 75 min more"
