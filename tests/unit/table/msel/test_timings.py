"""Times of expected actions: quantiles of plays, the same for the same seed."""

from sim.drill.session.load import load_scenario
from sim.study.workers import Serial
from sim.table.msel.of_scenario import rows_of
from sim.table.msel.timings import NO_TIMINGS, expected_milestones, reference_plan, timings


def test_expected_actions_have_the_quantiles_of_plays() -> None:
    scenario = load_scenario("exchange-down", {"users": "20", "outage": "3h"})
    plan = reference_plan(scenario)
    assert plan is not None
    assert [one.id for one in plan.plan.assumptions] == expected_milestones(scenario)
    found = timings(scenario, Serial(), 5)
    assert found == timings(scenario, Serial(), 5)
    told = found.came["users.told"]
    assert told.p10_ms is not None
    assert told.p50_ms is not None
    assert told.p90_ms is not None
    assert scenario.outage_start_ms < told.p10_ms < told.p50_ms < told.p90_ms
    assert (told.came, told.plays) == (5, 5)
    never = found.came.get("mx.changed")
    assert never is None, "the reference leaves the MX alone"
    row = next(one for one in rows_of(scenario, found) if one.milestone == "users.told" and one.expected)
    shown = [f"P{n} Mon {_clock(ms)}" for n, ms in ((10, told.p10_ms), (50, told.p50_ms), (90, told.p90_ms))]
    assert row.expected.endswith(f"{' · '.join(shown)} (5 of 5 runs of the reference with human delays)")
    assert row.time == f"2026-03-02 {_clock(told.p50_ms)}"
    assert (row.to, row.objective, row.if_not_by) == ("comms", "users-told", "alert.first + 30m")


def _clock(ms: int) -> str:
    minutes = 8 * 60 + ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"


def test_without_plays_there_are_no_times_that_people_decide() -> None:
    scenario = load_scenario("exchange-down", {"users": "20"})
    assert timings(scenario, Serial(), 0) is NO_TIMINGS
    rows = rows_of(scenario)
    assert [row.number for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    row = next(one for one in rows if one.milestone == "users.told" and one.expected)
    assert (row.time, "P50" in row.expected) == ("", False)
