from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.table.msel.times import (
    AfterStart,
    AtClock,
    BadTime,
    MselTime,
    OnDate,
    is_ambiguous,
    is_month_first,
    read_elapsed,
    read_time,
)
from tests.hostile import tries

D = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T+1h30", AfterStart(90 * MINUTE_MS)),
        ("T+1h30m", AfterStart(90 * MINUTE_MS)),
        ("t + 01:30", AfterStart(90 * MINUTE_MS)),
        ("+1:30", AfterStart(90 * MINUTE_MS)),
        ("T+45", AfterStart(45 * MINUTE_MS)),
        ("STARTEX + 15 min", AfterStart(15 * MINUTE_MS)),
        ("STARTEX", AfterStart(0)),
        ("09:12", AtClock(9, 12)),
        ("9:12 AM", AtClock(9, 12)),
        ("12:05 am", AtClock(0, 5)),
        ("3 pm", AtClock(15, 0)),
        ("0912", AtClock(9, 12)),
        ("0912 hrs", AtClock(9, 12)),
        ("09.12", AtClock(9, 12)),
        ("9h12", AtClock(9, 12)),
        ("09:12:00", AtClock(9, 12)),
        ("Tue 09:12", AtClock(9, 12, weekday="Tue")),
        ("Day 2 09:12", AtClock(9, 12, day=2)),
        ("D+2 0912", AtClock(9, 12, day=2)),
        ("Day 3", AtClock(0, 0, day=3)),
        ("2026-03-02 09:12", OnDate(D, 9, 12)),
        ("2026-03-02T09:12", OnDate(D, 9, 12)),
        ("2026-03-02", OnDate(D)),
        ("02/03/2026", OnDate(D)),
        ("25/03/26 9:12", OnDate(date(2026, 3, 25), 9, 12)),
        ("03/25/2026 9:12 PM", OnDate(date(2026, 3, 25), 21, 12)),
        ("02.03.2026 09:12", OnDate(D, 9, 12)),
        ("2 Mar 2026", OnDate(D)),
        ("March 2, 2026", OnDate(D)),
    ],
)
def test_forms_of_times(text: str, expected: MselTime) -> None:
    assert read_time(text) == expected


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90", 90 * MINUTE_MS),
        ("1:30", 90 * MINUTE_MS),
        ("1:30:00", 90 * MINUTE_MS),
        ("26:14", 26 * HOUR_MS + 14 * MINUTE_MS),
        ("1d 2h", DAY_MS + 2 * HOUR_MS),
        ("2 hours 5 minutes", 125 * MINUTE_MS),
        ("T+1h30", 90 * MINUTE_MS),
    ],
)
def test_forms_of_elapsed_times(text: str, ms: int) -> None:
    assert read_elapsed(text).ms == ms


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "09:75", "13 pm", "2026-02-30", "T+", "T+99d", "7", "31/31/2026", "٣:٠٠"]
)
def test_what_is_no_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadTime) as found:
        read_time(text)
    assert "\n" not in str(found.value)
    assert "write" in str(found.value)


@pytest.mark.fuzz
@tries(50)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_time, read_elapsed):
        try:
            assert read(text) is not None
        except BadTime:
            continue


def test_a_column_tells_whether_months_come_first() -> None:
    assert is_month_first(["3/2/2026", "3/25/2026"])
    assert not is_month_first(["25/3/2026", "3/2/2026"])
    assert not is_month_first(["3/2/2026"])
    assert is_ambiguous("3/2/2026")
    assert not is_ambiguous("3/3/2026")
    assert read_time("3/2/2026", month_first=True) == OnDate(D)
