"""Plans whose answer is known by plain sampling: the runs agree with it within their own interval.

The samples come from numpy's own beta and log-normal generators, which share nothing with the plan's tables.
"""

from pathlib import Path

import numpy as np
import pytest

from sim.drill.session.plan_run import PlanRun
from sim.study.one_run import Study, run_of
from sim.study.statistics.binomial import interval
from tests.plans import loaded, minutes, organisation_with, runs

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


def test_people_who_are_rarely_or_never_reached_do_not_start_by_themselves(tmp_path: Path) -> None:
    """With a call each minute, and one in a hundred answered: half of them within 69 minutes."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: rare, reached: 1%, again: 1m }, { role: gone, reached: 0%, again: 1m }]
steps:
  - { id: last, owner: rare, takes: 1m, manual: one }
  - { id: never, owner: gone, takes: 1m, manual: two }
"""
        + PROMISE,
        until="12h",
    )
    found = runs(plan, RUNS)
    agrees([minutes(run, "last") for run in found], RNG.geometric(0.01, SAMPLES) + 0.0)
    assert all(run.steps["never"].done_ms is None for run in found)


def test_a_drill_is_not_over_before_the_people_who_come_on_monday(tmp_path: Path) -> None:
    """An outage at any minute of the week, over after an hour; its drill would end six hours later."""
    plan = loaded(
        tmp_path,
        """\
varies: { starts: any, outage: 1h }
people: [{ role: day, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
steps:
  - { id: last, owner: day, takes: 20m, manual: one }
assumptions: [{ id: p, to: last.done, within: 12h }]
""",
        until="3d",
    )
    at = RNG.integers(0, 7 * 1440, SAMPLES)
    day, minute = at // 1440, at % 1440
    opens = np.select(
        [(day < 5) & (minute < 480), day < 4], [day * 1440 + 480, day * 1440 + 1920], 7 * 1440 + 480
    )
    wait = np.where((day < 5) & (minute >= 480) & (minute < 1080), 0, opens - at)
    agrees([minutes(run, "last") for run in runs(plan, 150)], wait + 20.5)


def test_a_role_of_the_organisation_without_on_call_is_not_called_at_night(tmp_path: Path) -> None:
    """An answer time in working hours says nothing about the night; a new role has no other time."""
    people = (
        "people: [{ role: helpdesk, answers: 2m }, { role: dns, hours: 'Mon-Fri 08:00-18:00', answers: 2m }]"
    )
    steps = "".join(
        f"  - {{ id: {role}, owner: {role}, takes: 5m, manual: one }}\n" for role in ("helpdesk", "dns")
    )
    last = "  - { id: last, after: [helpdesk], owner: helpdesk, takes: 5m, manual: two }\n"
    plan = loaded(
        tmp_path, f"varies: {{ starts: [Mon 04:00] }}\n{people}\nsteps:\n{steps}{last}" + PROMISE, until="6h"
    )
    (run,) = runs(plan, 1)
    assert minutes(run, "dns") == pytest.approx(7, abs=0.01)
    assert minutes(run, "helpdesk") == pytest.approx(3 * 60 + 5, abs=0.01), "from Monday 07:00"


def test_a_call_at_its_planned_time_is_answered(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        "people: [{ role: dns, answers: 'pert(1m, 4m, 20m)', reached: 30%, again: 10m }]\n"
        "steps: [{ id: last, owner: dns, takes: 5m, manual: one }]\n" + PROMISE,
    )
    planned = Study(plan, 1, planned=frozenset({"last.answers", "last.calls in vain"}))
    assert {round(minutes(run_of(planned, number), "last"), 2) for number in range(1, 6)} == {9.0}


APPROVED = """\
steps:
  - {{ id: look, at: outage.start + 10m, takes: 1m, do: probe mx all }}
  - {{ id: ask, after: [look], takes: 1m, do: approve mx }}
assumptions: [{{ id: p, from: ask.done, to: mx.approved, within: 40m }}]
people: [{{ role: security-approver, {times} }}]
"""


def asked(folder: Path, count: int, times: str, before: str = "") -> list[PlanRun]:
    """Runs whose request takes the approver 10 min, once they have started on it."""
    quick = {"answer_minutes": [10, 10], "refuses_percent": 0}
    scenario = organisation_with(folder, "gateway-down", approvals=quick)
    return runs(loaded(folder, before + APPROVED.format(times=times), scenario, until="14h"), count)


def test_an_approver_starts_on_a_request_as_the_plan_says(tmp_path: Path) -> None:
    found = asked(tmp_path, 24, "answers: 'pert(5m, 15m, 60m)', reached: 80%, again: 10m")
    vain = RNG.geometric(0.8, SAMPLES) - 1
    took = [run.milestones["mx.approved"] - (run.steps["ask"].done_ms or 0) for run in found]
    agrees([one / 60_000 for one in took], pert(5, 15, 60) + 10 * vain + 10)


def test_an_approver_who_is_not_called_at_night_answers_in_the_morning(tmp_path: Path) -> None:
    """From Tuesday at 21:00 to Wednesday at 08:10: the approver's hours begin at 08:00."""
    evening = "varies: { starts: [Tue 21:00] }\n"
    (run,) = asked(tmp_path, 1, "hours: 'Mon-Fri 08:00-18:00', out of hours: none", evening)
    assert run.milestones["mx.approved"] - run.onset_ms == (11 * 60 + 10) * 60_000


ONE_STEP = "steps: [{ id: last, owner: incident-lead, takes: 1m, manual: one }]\n"
HOURS_PERMILLE = [4, 3, 3, 3, 4, 6, 14, 34, 74, 112, 120, 110, 72, 94, 104, 96, 74, 36, 14, 8, 6, 4, 3, 2]
"""The organisation's working day: 40 messages a user from outside, on a Monday a tenth more."""


def written(users: int, minutes_after: np.ndarray) -> np.ndarray:
    """Mean number of messages from outside within so many minutes of Monday 09:12.

    The rate is a straight line between the middles of two hours, held for each quarter of an hour.
    """
    quarters = np.arange(24 * 4) * 15 + 7.5
    hours = np.interp(quarters, np.arange(24) * 60 + 30, HOURS_PERMILLE) / 1000
    sums = np.concatenate([[0.0], np.cumsum(users * 40 * 1.1 * hours / 4)])
    edges = np.arange(24 * 4 + 1) * 15 - (9 * 60 + 12)
    return np.interp(minutes_after, edges, sums) - np.interp(0.0, edges, sums)


def test_a_monitor_that_samples_alerts_at_the_first_sample_above_its_threshold(tmp_path: Path) -> None:
    """A sample every quarter of an hour; the 101st failed message; then an SMS of 10 s to 2 min."""
    scenario = organisation_with(tmp_path, "exchange-down", gateway={"service_monitor": {"threshold": 100}})
    promise = "assumptions: [{ id: p, to: alert.queue, within: 20m }]\n"
    plan = loaded(tmp_path, ONE_STEP + promise, scenario, until="1h", users=200)
    found = [run.milestones["alert.queue"] - run.onset_ms for run in runs(plan, RUNS)]
    grid = np.arange(0.0, 60.0, 0.1)
    over_min = np.interp(RNG.gamma(101, 1, SAMPLES), written(200, grid), grid)
    first_min = RNG.uniform(0, 15, SAMPLES)
    alert_min = first_min + np.ceil((over_min - first_min) / 15) * 15
    agrees([one / 60_000 for one in found], alert_min + RNG.uniform(1 / 6, 2, SAMPLES))


def test_a_backlog_drains_at_the_rate_of_the_server(tmp_path: Path) -> None:
    """One message a second over one connection, all released at the recovery, whatever the outage was."""
    server = {"connections": 1, "per_message": "1s", "back_pressure": None, "works_for": None}
    scenario = organisation_with(tmp_path, "exchange-down", gateway={"release": "all"}, server=server)
    promise = "assumptions: [{ id: p, from: outage.end, to: queue.drained, within: 20m }]\n"
    rest = "varies: { outage: 1h..6h }\n" + ONE_STEP + promise
    plan = loaded(tmp_path, rest, scenario, until="12h", users=100)
    found = runs(plan, 40)
    took = [(run.milestones["queue.drained"] - run.end_ms) / 60_000 for run in found]
    lasted = np.array([(run.end_ms - run.onset_ms) / 60_000 for run in found])
    waiting = written(100, lasted)
    assert max(took) > 2 * min(took)
    assert np.all(np.abs(np.array(took) * 60 - waiting) < 4 * np.sqrt(waiting) + 15)
    assert sum(took) * 60 == pytest.approx(float(waiting.sum()), rel=4 / float(waiting.sum()) ** 0.5 + 0.005)
    agrees(took, RNG.poisson(written(100, RNG.uniform(60, 360, SAMPLES))) / 60)


@pytest.mark.parametrize(("ttl_min", "moved_min"), [(60, 101.6), (120, 156.0)])
def test_inbound_mail_moves_as_honest_resolvers_forget_the_old_record(
    tmp_path: Path, ttl_min: int, moved_min: float
) -> None:
    """Against the closed form: senders that try once, each with a busy cache of its own that keeps the TTL.

    For the registrar's 10 minutes caches still get the old record; then the share of them that has it falls
    in a straight line to 0 within a TTL. Mail has moved once 5 % of half an hour's messages, seen 15 minutes
    later, were still written to the old host: x^2 / (2 TTL) = 5 % of 30 min, where x is the length of the
    stretch at whose start the old record is still held. So 10 + TTL - x + 30 + 15 min. About 500 messages
    are written in that time, and 25 are a fifth more or less: a tenth of x.
    """
    x_min = (2 * ttl_min * 0.05 * 30) ** 0.5
    assert moved_min == pytest.approx(10 + ttl_min - x_min + 30 + 15, abs=0.1)
    scenario = organisation_with(
        tmp_path,
        "gateway-down",
        zone={"population": "bind", "ttl": f"{ttl_min}m", "mta_sts": {"mode": "none"}},
        correspondents={
            "zipf_exponent": 0,
            "count": 5000,
            "mix": [{"platform": "application", "share_percent": 100}],
        },
    )
    plan = loaded(
        tmp_path,
        """\
people: [{ role: dns }]
steps:
  - { id: ask, at: T+1m, owner: incident-lead, takes: 1m, do: approve mx emergency=yes because=theory }
  - { id: last, at: outage.start, owner: dns, takes: 1m, do: mx set backup }
assumptions: [{ id: p, from: mx.changed, to: inbound.moved, within: 1h15m }]
""",
        scenario,
        until="4h",
        users=200,
    )
    found = runs(plan, 5)
    took = [(run.milestones["inbound.moved"] - run.milestones["mx.changed"]) / 60_000 for run in found]
    assert took == pytest.approx([moved_min] * 5, abs=4 * x_min / 10)
    assert np.mean(took) == pytest.approx(moved_min, abs=4 * x_min / 10 / 5**0.5)
