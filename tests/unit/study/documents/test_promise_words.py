"""The words for one promise: counts, quantiles with their bounds, and shares near their limit."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sim.drill.plan.promise import PlanPromise
from sim.kernel.duration import MINUTE_MS
from sim.study.check import QUANTILES, Checked
from sim.study.documents.promise_words import (
    first_line,
    probability_text,
    quantile_text,
    share,
    share_beside,
    value_text,
)
from sim.study.looks import look
from sim.study.promises import PromiseResult
from sim.study.statistics.order_statistics import NEVER, UNKNOWN, quantile

TIME = PlanPromise.model_validate({"id": "t", "to": "continuity.active", "within": "30m"})
FIGURE = PlanPromise.model_validate({"id": "f", "figure": "bounced", "at most": 20})


def checked(promise: PlanPromise, values: Sequence[float], limit: float) -> Checked:
    answers = [PromiseResult(True, value, value <= limit) for value in values]
    kept = sum(one.kept for one in answers)
    seen = look(kept, len(values), 0.9, 1, 0.05)
    found = {name: quantile(sorted(values), share, 0.05) for name, share in QUANTILES}
    return Checked(promise, tuple(answers), (seen,), 0.95, found)


@pytest.mark.parametrize("runs_", [6, 50, 100])
def test_the_counts_are_those_of_the_runs(runs_: int) -> None:
    one = checked(FIGURE, [20.0] * 4 + [30.0] * (runs_ - 4), 20)
    assert first_line(one) == f"bounced is at most 20 in 4 of {runs_} runs"
    one = checked(TIME, [20.0 * MINUTE_MS] * 4 + [NEVER] * (runs_ - 4), 30 * MINUTE_MS)
    assert first_line(one) == f"within the promised 30 min in 4 of {runs_} runs"


def test_an_interval_is_never_back_to_front() -> None:
    late = checked(TIME, [60.0 * MINUTE_MS] * 50 + [NEVER] * 50, 30 * MINUTE_MS)
    told = {name: quantile_text(late, found) for name, found in late.quantiles.items()}
    assert told == {"p10": "1 h (1 h to 1 h)", "p50": "1 h (1 h to never)", "p90": "never", "p95": "never"}
    few = checked(FIGURE, [0.0] * 6, 20)
    told = {name: quantile_text(few, found) for name, found in few.quantiles.items()}
    assert told["p90"] == "0 (at least 0, no upper bound from 6 runs)"
    assert told["p10"] == "0 (no lower bound from 6 runs, at most 0)"


def early(minutes: Sequence[float], runs_: int) -> Checked:
    """Runs that reached the moment at these minutes, and runs that ended after 10 min without it."""
    made = checked(TIME, [one * MINUTE_MS for one in minutes] + [UNKNOWN] * runs_, 30 * MINUTE_MS)
    found = sorted(one.value for one in made.answers)
    earliest = sorted([one * MINUTE_MS for one in minutes] + [10.0 * MINUTE_MS] * runs_)
    quantiles = {name: quantile(found, share, 0.05, earliest) for name, share in QUANTILES}
    return replace(made, quantiles=quantiles)


def test_a_quantile_among_runs_that_ended_too_early_is_not_never() -> None:
    """The bounds allow for a moment right after the end of these runs, and for none at all."""
    one = early([20.0] * 60, 40)
    told = {name: quantile_text(one, found) for name, found in one.quantiles.items()}
    assert told == {
        "p10": "20 min (10 min to 20 min)",
        "p50": "20 min (at least 10 min, upper bound unknown)",
        "p90": "unknown (at least 20 min)",
        "p95": "unknown (at least 20 min)",
    }


def test_a_time_that_reads_like_its_limit_is_told_apart_from_it() -> None:
    assert (
        value_text(late := checked(TIME, [30 * MINUTE_MS + 9_000] * 9, 30 * MINUTE_MS), 30 * MINUTE_MS)
        == "30 min"
    )
    assert value_text(late, 30 * MINUTE_MS + 9_000) == "just over 30 min"
    assert value_text(late, 31 * MINUTE_MS) == "31 min"


def test_a_short_time_is_told_in_seconds() -> None:
    short = PlanPromise.model_validate({"id": "t", "to": "continuity.active", "within": "90s"})
    one = checked(short, [90_000.0] * 9, 90_000)
    assert [value_text(one, ms) for ms in (90_000, 75_000, 91_000)] == [
        "1 min 30 s",
        "1 min 15 s",
        "1 min 31 s",
    ]
    odd = PlanPromise.model_validate({"id": "t", "to": "continuity.active", "within": "12m30s"})
    one = checked(odd, [750_000.0] * 9, 750_000)
    assert [value_text(one, ms) for ms in (750_000, 745_000, 800_000)] == [
        "12 min 30 s",
        "just under 12 min 30 s",
        "13 min",
    ]


def test_a_share_that_is_not_certain_never_reads_like_a_certainty() -> None:
    told = [share(one) for one in (0.0, 0.0004, 0.004, 0.5, 0.996, 0.9998, 1.0)]
    assert told == ["0 %", "under 0.1 %", "0.4 %", "50 %", "99.6 %", "over 99.9 %", "100 %"]


@pytest.mark.parametrize(
    ("probability", "limit", "expected"),
    [
        (0.9496, 0.95, "94.96 %"),
        (0.951, 0.95, "95.1 %"),
        (0.95, 0.95, "95 %"),
        (0.8996, 0.9, "89.96 %"),
        (0.9443, 0.944, "94.43 %"),
        (0.83, 0.9, "83 %"),
        (0.9949, 0.995, "99.49 %"),
        (0.99962, 0.9995, "over 99.9 %"),
        (0.0004, 0.5, "under 0.1 %"),
        (1.0, 1.0, "100 %"),
    ],
)
def test_a_share_never_reads_as_if_it_were_on_the_other_side_of_its_limit(
    probability: float, limit: float, expected: str
) -> None:
    assert share_beside(probability, limit) == expected


def test_an_interval_that_just_misses_the_wanted_share_shows_it() -> None:
    """With 95 %, `fails` and `84 % to 90 %` would contradict each other."""
    one = checked(TIME, [20.0 * MINUTE_MS] * 175 + [NEVER] * 25, 30 * MINUTE_MS)
    assert 0.9 < one.last.high < 0.92
    near = replace(one.last, high=0.8996, verdict="fails")
    assert probability_text(replace(one, looks=(near,))) == "88 % (82 % to 89.96 %)"


def test_a_verdict_of_an_earlier_check_is_told_with_its_numbers() -> None:
    one = checked(TIME, [20.0 * MINUTE_MS] * 180 + [NEVER] * 20, 30 * MINUTE_MS)
    assert probability_text(one) == "90 % (85 % to 94 %)"
    first = look(50, 50, 0.9, 1, 0.05)
    both = replace(one, looks=(first, one.last))
    assert both.verdict == "holds"
    told = "90 % (85 % to 94 %); holds since the check after 50 runs: 100 % (93 % to 100 %)"
    assert probability_text(both) == told
