"""Working hours in local time: `Mon-Fri 08:00-18:00`, and when they next begin. Pure."""

import re
from datetime import timedelta
from functools import lru_cache

from sim.kernel.frozen import frozen
from sim.kernel.local_time import local_to_utc_ms, utc_ms_to_local

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORM = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAYS_SEARCHED = 9
FORM = "one range of days and of times, such as Mon-Fri 08:00-18:00, Sat 09:00-13:00 or Mon-Sun 06:00-24:00"
"""The only form of working hours. They do not go past midnight, or from Sunday to Monday."""


@frozen
class Hours:
    """Working hours from `opens_min` to `closes_min` (minutes since midnight, local time) on each of
    `days` (0 = Monday).
    """

    days: tuple[int, ...]
    opens_min: int
    closes_min: int


@lru_cache(maxsize=256)
def parse_hours(text: str) -> Hours:
    """The working hours written as `text`. Raises ValueError with one line."""
    wrong = ValueError(f"{text!r} are not working hours; write {FORM}")
    found = _FORM.fullmatch(text.strip())
    if found is None or found[1] not in _DAYS or (found[2] or found[1]) not in _DAYS:
        raise wrong
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    opens, closes = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if first > last or not 0 <= opens < closes <= 24 * 60 or int(found[4]) > 59 or int(found[6]) > 59:
        raise wrong
    return Hours(tuple(range(first, last + 1)), opens, closes)


def checked_hours(text: str) -> str:
    """`text`, if it is a valid form of working hours. Raises ValueError with one line."""
    parse_hours(text)
    return text


def on_duty(hours: Hours, utc_ms: int, zone: str) -> bool:
    """True if `utc_ms` lies in working hours."""
    local = utc_ms_to_local(utc_ms, zone)
    return (
        local.weekday() in hours.days and hours.opens_min <= local.hour * 60 + local.minute < hours.closes_min
    )


def duty_ms(hours: Hours, from_utc_ms: int, to_utc_ms: int, zone: str) -> int:
    """The part of [from, to) that lies in working hours, in ms."""
    total_ms, moment_ms = 0, next_duty_ms(hours, from_utc_ms, zone)
    while moment_ms < to_utc_ms:
        closes_ms = _closes_ms(hours, moment_ms, zone)
        total_ms += min(closes_ms, to_utc_ms) - moment_ms
        moment_ms = next_duty_ms(hours, closes_ms, zone)
    return total_ms


def _closes_ms(hours: Hours, utc_ms: int, zone: str) -> int:
    """The end of the working hours in which `utc_ms` lies."""
    today = utc_ms_to_local(utc_ms, zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    local = today + timedelta(minutes=hours.closes_min)
    try:
        return local_to_utc_ms(local, zone)
    except ValueError:  # the clocks go forward, so this moment does not exist
        return local_to_utc_ms(local + timedelta(hours=1), zone)


def next_duty_ms(hours: Hours, utc_ms: int, zone: str) -> int:
    """The first moment in working hours at or after `utc_ms`, UTC milliseconds."""
    if on_duty(hours, utc_ms, zone):
        return utc_ms
    today = utc_ms_to_local(utc_ms, zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    for day in range(_DAYS_SEARCHED):
        local = today + timedelta(days=day, minutes=hours.opens_min)
        if local.weekday() not in hours.days:
            continue
        try:
            opens_ms = local_to_utc_ms(local, zone)
        except ValueError:
            continue  # the clocks go forward, so this moment does not exist; the next working day counts
        if opens_ms >= utc_ms:
            return opens_ms
    raise AssertionError("a week has working hours")
