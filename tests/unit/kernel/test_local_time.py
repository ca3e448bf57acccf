from datetime import datetime

import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.local_time import local_to_utc_ms, parse_start, utc_ms_to_local

local = datetime.fromisoformat


def test_winter_in_london_is_utc() -> None:
    starts_utc_ms, zone = parse_start("2026-03-02T08:00 Europe/London")
    assert zone == "Europe/London"
    assert starts_utc_ms == 1_772_438_400_000
    assert f"{utc_ms_to_local(starts_utc_ms, zone):%a %d %b %Y %H:%M}" == "Mon 02 Mar 2026 08:00"


def test_summer_time_shortens_the_day_on_which_it_begins() -> None:
    midnight = local_to_utc_ms(local("2026-03-29T00:00"), "Europe/London")
    noon = local_to_utc_ms(local("2026-03-29T12:00"), "Europe/London")
    assert noon - midnight == 11 * HOUR_MS


def test_an_ambiguous_time_is_the_first_of_the_two() -> None:
    first = local_to_utc_ms(local("2026-10-25T01:30"), "Europe/London")
    before = local_to_utc_ms(local("2026-10-25T00:59"), "Europe/London")
    assert first - before == 31 * MINUTE_MS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-29T01:30 Europe/London", "does not exist in Europe/London: the clocks go forward then"),
        ("2026-03-02T08:00", "has no time zone"),
        ("9999-12-31T23:59 Europe/London", "not in the years 1970 to 2199; write a year such as 2026"),
        ("0001-01-01T00:00 Asia/Tokyo", "not in the years 1970 to 2199; write a year such as 2026"),
        ("2026-03-02T08:00 Europe/Londn", "not a time zone; write an IANA name"),
        ("2026-03-02T08:00 ../../etc/passwd", "not a time zone; write an IANA name"),
        ("2026-02-30T08:00 Europe/London", "write it as 2026-03-02T08:00 Europe/London"),
        ("Monday", "write it as 2026-03-02T08:00 Europe/London"),
    ],
)
def test_a_start_that_cannot_be_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_start(text)
