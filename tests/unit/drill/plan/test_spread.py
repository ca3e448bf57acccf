"""Durations of plans: their forms, their quantiles in closed form, and mistakes in one line."""

from math import erf, log, sqrt
from pathlib import Path

import pytest

from sim.drill.plan.spread import BadSpread, Spread, parse_spread
from sim.kernel.draws import mix_one
from sim.kernel.duration import HOUR_MS, MINUTE_MS


def share_below(spread: Spread, limit_ms: int) -> float:
    """The distribution function, read from the table."""
    low, high = 0, (1 << 64) - 1
    while high - low > 1 << 20:
        middle = (low + high) // 2
        low, high = (middle, high) if spread.at(middle) <= limit_ms else (low, middle)
    return low / 2**64


@pytest.mark.parametrize("minutes", [10, 20, 35, 50])
def test_a_symmetric_pert_is_a_beta_of_three_and_three(minutes: int) -> None:
    x = minutes / 60
    expected = x**3 * (10 - 15 * x + 6 * x**2)
    assert share_below(parse_spread("pert(0, 30m, 60m)"), minutes * MINUTE_MS) == pytest.approx(
        expected, abs=2e-3
    )


@pytest.mark.parametrize("minutes", [5, 20, 45])
def test_a_pert_with_its_mode_at_the_left_edge_is_a_beta_of_one_and_five(minutes: int) -> None:
    expected = 1 - (1 - minutes / 60) ** 5
    found = share_below(parse_spread("pert(0, 0, 60m)"), minutes * MINUTE_MS)
    assert found == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("hours", [2, 6, 30, 100])
def test_a_lognormal_has_its_median_and_its_ninth_decile(hours: int) -> None:
    sigma = log(30 / 6) / 1.2815515655446004
    expected = (1 + erf(log(hours / 6) / sigma / sqrt(2))) / 2
    found = share_below(parse_spread("lognormal(median=6h, p90=30h)"), hours * HOUR_MS)
    assert found == pytest.approx(expected, abs=1e-3)


def test_uniform_fixed_and_planned_times() -> None:
    spread = parse_spread("5m..15m")
    draws = [spread.at(mix_one(n, "x")) for n in range(2_000)]
    assert min(draws) >= 5 * MINUTE_MS
    assert max(draws) <= 15 * MINUTE_MS
    assert sum(draws) / len(draws) == pytest.approx(10 * MINUTE_MS, rel=0.02)
    assert not parse_spread("15m").drawn
    planned = {text: parse_spread(text).planned_ms // MINUTE_MS for text in ("5m..15m", "pert(5m, 12m, 45m)")}
    assert planned == {"5m..15m": 10, "pert(5m, 12m, 45m)": 12}


def test_samples_are_never_left(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("who,takes_min\na,3\nb,12\nc,4.5\n", encoding="utf-8")
    spread = parse_spread("samples(calls.csv, takes_min)", tmp_path)
    assert {spread.at(mix_one(n, "x")) for n in range(200)} == {180_000, 270_000, 720_000}
    (tmp_path / "wide.csv").write_text("takes_min\n3,,\n12, \n", encoding="utf-8")
    assert parse_spread("samples(wide.csv, takes_min)", tmp_path).planned_ms == 720_000
    (tmp_path / "one.csv").write_text("takes\n3m\n", encoding="utf-8")
    with pytest.raises(BadSpread, match="fewer than two"):
        parse_spread("samples(one.csv, takes)", tmp_path)
    with pytest.raises(BadSpread, match="no column 'took'; there is who, takes_min"):
        parse_spread("samples(calls.csv, took)", tmp_path)
    with pytest.raises(BadSpread, match="cannot be read"):
        parse_spread("samples(none.csv, took)", tmp_path)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("pert(12m, 5m, 45m)", "out of order"),
        ("pert(5m, 45m)", "minimum, most likely, maximum"),
        ("15m..5m", "write 5m..15m"),
        ("-5m", "is negative"),
        ("lognormal(median=6h, p90=1h)", "out of order"),
        ("lognormal(6h, 30h)", "lognormal.median=6h"),
        ("soon", "is not a duration"),
        ("lognormal(median=1s, p90=1h)", "hundred medians"),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, what: str) -> None:
    with pytest.raises(BadSpread, match=what) as caught:
        parse_spread(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("who,took\nmeyer,5m,surplus\nbakker,6m\n", "no column 'takes_s'; there is who, took$"),
        (f"takes_s\n{'9' * 400}\n1\n", "longer than seventeen years"),
        ("takes_s\n999999999999999\n1\n", "longer than seventeen years"),
        ("takes_s\n1\n\u0665\n", "is not a duration"),
        (f"takes_s\n{'1' * 140_000}\n1\n", "cannot be read"),
        ("", "has no row below its header"),
        ("takes_s\n", "has no row below its header"),
        ("who;takes_s\na;3\nb;4\n", "there is who;takes_s; separate columns by commas"),
        (
            "takes_s\n5\n7,5\n",
            "row 2 below the header of calls.csv has more cells than the header; write dec",
        ),
    ],
)
def test_a_table_that_is_not_one_is_told_in_one_line(tmp_path: Path, table: str, what: str) -> None:
    (tmp_path / "calls.csv").write_text(table, encoding="utf-8")
    with pytest.raises(BadSpread, match=what) as caught:
        parse_spread("samples(calls.csv, takes_s)", tmp_path)
    assert len(str(caught.value)) < 300
