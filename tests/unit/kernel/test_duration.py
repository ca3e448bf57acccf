import pytest

from sim.kernel.duration import (
    LONGEST_MS,
    MINUTE_MS,
    around_onset,
    drill_time,
    format_duration,
    format_elapsed,
    in_words,
    parse_duration,
    whole_minutes_ms,
)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("250ms", 250),
        ("90s", 90_000),
        ("15m", 900_000),
        ("1h30m", 5_400_000),
        ("1.5h", 5_400_000),
        ("0.001s", 1),
        ("31h", 111_600_000),
        ("2d", 172_800_000),
        ("1w", 604_800_000),
        (" 4h ", 14_400_000),
        ("30m1h", 5_400_000),
    ],
)
def test_a_duration_is_read_in_milliseconds(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "-5m", "1h 30m", "h", "1,5h", "1e3s", "5 m", "5M", "1h-", "١h"])
def test_what_is_no_duration_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="write a number with a unit: 90s, 15m, 1h30m, 2d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36526d", "99999999999d", f"{'9' * 5000}d", f"1.{'9' * 5000}w36525d"])
def test_more_than_a_century_is_refused_in_a_short_line(text: str) -> None:
    """Such a time was beyond the calendar, and ended the console when it was typed."""
    with pytest.raises(ValueError, match="is more than a century; write a shorter time such as 5d") as error:
        parse_duration(text)
    assert len(str(error.value)) < 120
    assert parse_duration("36525d") == LONGEST_MS
    assert parse_duration(f"0.{'3' * 5000}s") == 333


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"),
        (250, "250ms"),
        (90_000, "1m30s"),
        (111_600_000, "31h"),
        (345_600_000, "4d"),
        (-60_000, "-1m"),
    ],
)
def test_a_duration_is_written_as_people_say_it(milliseconds: int, text: str) -> None:
    assert format_duration(milliseconds) == text


def test_elapsed_time_counts_hours_without_end() -> None:
    assert format_elapsed(336_714_000) == "93:31"
    assert format_elapsed(-60_000) == "-00:01"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0", "0 s"),
        ("250ms", "250 ms"),
        ("1.9s", "1 s"),
        ("45s", "45 s"),
        ("12m", "12 min"),
        ("90s", "1 min 30 s"),
        ("1h45m", "1 h 45 min"),
        ("1h45m59s", "1 h 45 min"),
        ("1h30s", "1 h"),
        ("31h", "31 h"),
        ("46h13m", "46 h 13 min"),
        ("47h59m", "47 h 59 min"),
        ("2d", "2 d"),
        ("52h59m", "2 d 4 h"),
        ("2d30m", "2 d"),
        ("14d", "14 d"),
    ],
)
def test_a_reader_sees_at_most_two_units_rounded_down(typed: str, read: str) -> None:
    assert in_words(parse_duration(typed)) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [("45s", "45 s"), ("12m30s", "12 min"), ("1h45m", "1 h 45 min"), ("1m", "1 min"), ("0", "0 s")],
)
def test_units_that_are_too_fine_are_left_out_where_a_larger_one_remains(typed: str, read: str) -> None:
    assert in_words(parse_duration(typed), MINUTE_MS) == read


def test_a_negative_duration_has_one_sign() -> None:
    assert in_words(-6_300_000) == "-1 h 45 min"


@pytest.mark.parametrize(
    ("milliseconds", "minutes", "seconds"),
    [
        (0, "T+00:00", "T+00:00:00"),
        (94_445_999, "T+26:14", "T+26:14:05"),
        (336_714_000, "T+93:31", "T+93:31:54"),
        (-61_000, "T-00:01", "T-00:01:01"),
    ],
)
def test_drill_time_counts_hours_without_end(milliseconds: int, minutes: str, seconds: str) -> None:
    assert drill_time(milliseconds) == minutes
    assert drill_time(milliseconds, seconds=True) == seconds


@pytest.mark.parametrize(
    ("ms", "minutes"), [(0, 0), (29_999, 0), (30_000, 1), (3_599_998, 60), (3_600_002, 60)]
)
def test_a_span_is_rounded_to_the_nearest_minute(ms: int, minutes: int) -> None:
    assert whole_minutes_ms(ms) == minutes * 60_000


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (4_020_000, "01:07 after the onset"),
        (0, "00:00 after the onset"),
        (-20_000, "00:00 after the onset"),
        (-2_460_000, "00:41 before the onset"),
    ],
)
def test_a_time_around_the_onset_says_on_which_side_it_is(ms: int, text: str) -> None:
    assert around_onset(ms) == text
