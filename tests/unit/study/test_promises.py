"""What one run says about a promise: kept, too late, never, undone too early, or not needed."""

from typing import Any

import pytest

from sim.drill.plan.promise import PlanPromise
from sim.drill.scenario.objective import with_figures
from sim.drill.session.plan_run import PlanRun, StepRun
from sim.study.promises import PromiseResult, answer
from sim.study.statistics.order_statistics import NEVER, UNKNOWN

MIN = 60_000
HOUR = 60 * MIN


def promise(**keys: Any) -> PlanPromise:
    return PlanPromise.model_validate({"id": "p", **keys}, context=with_figures(["bounced"]))


def run(
    figures: dict[str, int | None] | None = None,
    until: float = 1_440,
    complete: bool = False,
    **moments_min: float,
) -> PlanRun:
    """A run until that minute, whose milestones came at those minutes; `_` stands for the dot and `__` for
    the hyphen.
    """
    names = {name.replace("__", "-").replace("_", "."): int(at * MIN) for name, at in moments_min.items()}
    step = StepRun("call", "done", done_ms=50 * MIN)
    left = StepRun("left", "left out", done_ms=50 * MIN)
    steps = {"call": step, "left": left}
    return PlanRun(1, 1, names, steps, {}, round(until * MIN), 0, 0, "", figures or {}, complete=complete)


WITHIN = {"to": "continuity.active", "within": "30m"}


@pytest.mark.parametrize(
    ("keys", "moments", "expected"),
    [
        (WITHIN, {"outage_start": 10, "continuity_active": 40}, PromiseResult(True, 30 * MIN, True)),
        (WITHIN, {"outage_start": 10, "continuity_active": 41}, PromiseResult(True, 31 * MIN, False)),
        (WITHIN, {"outage_start": 10}, PromiseResult(True, NEVER, False)),
        (WITHIN, {}, PromiseResult(False, NEVER, False, "from")),
        ({"to": "call.done", "within": "1h"}, {"outage_start": 10}, PromiseResult(True, 40 * MIN, True)),
        ({"to": "left.done", "within": "1h"}, {"outage_start": 10}, PromiseResult(True, NEVER, False)),
        (
            {"to": "continuity.active + 5m", "within": "1h"},
            {"outage_start": 0, "continuity_active": 20},
            PromiseResult(True, 25 * MIN, True),
        ),
    ],
)
def test_a_time_is_counted_from_its_moment(
    keys: dict[str, Any], moments: dict[str, Any], expected: PromiseResult
) -> None:
    assert answer(promise(**keys), run(**moments)) == expected


def test_steps_that_take_exactly_as_long_as_promised_are_in_time() -> None:
    """Each step after an event begins a millisecond after it; a second more is late."""
    ms = 1 / MIN
    in_time = answer(promise(**WITHIN), run(outage_start=10, continuity_active=40 + 999 * ms))
    assert in_time == PromiseResult(True, 30 * MIN, True)
    late = answer(promise(**WITHIN), run(outage_start=10, continuity_active=40 + 1_000 * ms))
    assert late == PromiseResult(True, 30 * MIN + 1_000, False)


@pytest.mark.parametrize(
    ("until", "unknown"), [(39, True), (40, True), (40 + 998 / MIN, True), (40 + 999 / MIN, False)]
)
def test_a_run_that_ended_before_the_limit_does_not_show_that_it_was_missed(
    until: float, unknown: bool
) -> None:
    """The last second counts whole, so the run has to show all of it."""
    given = answer(promise(**WITHIN), run(outage_start=10, until=until))
    early = PromiseResult(
        True, UNKNOWN, False, unknown=True, earliest=max(until - 10, 0) * MIN // 1_000 * 1_000
    )
    assert given == (early if unknown else PromiseResult(True, NEVER, False))


def test_a_step_that_was_left_out_is_known_not_to_come_however_early_the_run_ended() -> None:
    one = promise(to="left.done", within="1h")
    assert answer(one, run(outage_start=10, until=20)) == PromiseResult(True, NEVER, False)


@pytest.mark.parametrize(
    ("active", "until", "complete", "kept", "unknown"),
    [
        (40, 160, False, True, False),
        (40, 159, False, False, True),
        (40, 159, True, True, False),
        (41, 159, False, False, False),
    ],
)
def test_a_run_that_stopped_early_does_not_show_that_a_state_lasted(
    active: int, until: int, complete: bool, kept: bool, unknown: bool
) -> None:
    """Unless the drill itself was over: nothing came after that."""
    one = promise(**WITHIN, stays="2h")
    given = answer(one, run(outage_start=10, continuity_active=active, until=until, complete=complete))
    assert (given.kept, given.unknown) == (kept, unknown)
    if until == 159 and not complete:
        assert (given.value, given.at_least) == (UNKNOWN, (active - 10) * MIN), "it may have lasted"


@pytest.mark.parametrize(("ended", "kept"), [(159, False), (160, True)])
def test_a_state_must_last_as_long_as_it_has_to_stay(ended: int, kept: bool) -> None:
    one = promise(**WITHIN, stays="2h")
    given = answer(one, run(outage_start=10, continuity_active=40, continuity_ended=ended))
    assert given.kept is kept
    assert given.applies


@pytest.mark.parametrize(
    ("active", "ended", "over", "kept"),
    [(40, 100, 90, True), (40, 100, 110, False), (40, 90, 90, True), (35, 100, 30, False)],
)
def test_a_state_must_last_until_the_drills_usual_end_at_most(
    active: int, ended: int, over: int, kept: bool
) -> None:
    """Also in a run that goes on for other promises; a state that begins after that end must last in full."""
    one = promise(**WITHIN, stays="2h")
    given = run(outage_start=10, continuity_active=active, continuity_ended=ended)
    given.over_ms = over * MIN
    assert (answer(one, given).kept, answer(one, given).unknown) == (kept, False)


@pytest.mark.parametrize("active", [20, 35, 300])
def test_runs_in_which_it_was_not_needed_are_left_out_whatever_came_of_it(active: int) -> None:
    one = promise(**WITHIN, unless=["outage.end"])
    assert not answer(one, run(outage_start=10, outage_end=40, continuity_active=active)).applies
    assert answer(one, run(outage_start=10, outage_end=41, continuity_active=active)).applies


def test_the_last_second_counts_for_what_cancels_a_promise_as_well() -> None:
    one, ms = promise(**WITHIN, unless=["outage.end"]), 1 / MIN
    assert not answer(one, run(outage_start=10, outage_end=40 + 999 * ms)).applies
    assert answer(one, run(outage_start=10, outage_end=40 + 1_000 * ms)).applies


@pytest.mark.parametrize(
    ("until", "complete", "kept", "unknown"),
    [(39, False, False, True), (39, True, True, False), (41, False, True, False)],
)
def test_a_run_that_ended_before_the_limit_does_not_show_that_the_promise_was_needed(
    until: int, complete: bool, kept: bool, unknown: bool
) -> None:
    """A milestone in `unless` could still have come, unless the drill itself was over."""
    one = promise(**WITHIN, unless=["outage.end"])
    given = answer(one, run(outage_start=10, continuity_active=20, until=until, complete=complete))
    assert (given.applies, given.kept, given.unknown) == (True, kept, unknown)


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        ({"at most": 3}, 3, PromiseResult(True, 3.0, True)),
        ({"at most": 3}, 4, PromiseResult(True, 4.0, False)),
        ({"at least": 3}, 2, PromiseResult(True, 2.0, False)),
        ({"at least": 3}, None, PromiseResult(False, NEVER, False, "figure")),
    ],
)
def test_a_figure_is_compared_with_its_limit(
    limit: dict[str, int], value: int | None, expected: PromiseResult
) -> None:
    assert answer(promise(figure="bounced", **limit), run({"bounced": value})) == expected


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({}, "either `to` and `within`, or `figure`"),
        ({"to": "continuity.active"}, "belong together"),
        ({"figure": "bounced"}, "either `at most` or `at least`"),
        ({**WITHIN, "at most": 3}, "limits of a `figure`"),
        ({"figure": "bounced", "at most": 3, "stays": "1h"}, "`stays` belongs to `to`"),
        ({"figure": "bouncd", "at most": 3}, "did you mean bounced"),
        ({**WITHIN, "from": "Tue 09:30"}, "local time"),
        ({**WITHIN, "to": "alert.open"}, "recurs; write alert.first"),
        ({**WITHIN, "with": "0.9"}, "not a percentage"),
        ({**WITHIN, "with": "101%"}, "above 100%"),
    ],
)
def test_a_promise_that_cannot_be_judged_is_refused(keys: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        promise(**keys)
