import pytest

from sim.kernel.duration import format_duration, format_elapsed, parse_duration


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
