"""Local time and the drill's time, by a zone's rules, including summer time; the system clock is never used.

The drill counts milliseconds from its start; people read the wall clock of their zone.
"""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
YEARS = range(1970, 2200)
"""Years in which a drill can begin, so that it never reaches the ends of the calendar."""


@cache
def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone `name`. Raises ValueError with one line."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write an IANA name such as Europe/London") from None


def local_to_utc_ms(local: datetime, zone: str) -> int:
    """Milliseconds since 1970 of the naive `local` in `zone`.

    A time that occurs twice in autumn means its first occurrence. Raises ValueError for one that is skipped
    in spring.
    """
    rules = zone_named(zone)
    utc = local.replace(tzinfo=rules, fold=0).astimezone(UTC)
    if utc.astimezone(rules).replace(tzinfo=None) != local:
        raise ValueError(
            f"{local:%Y-%m-%dT%H:%M} does not exist in {zone}: the clocks go forward then; write a "
            f"time one hour later"
        )
    return (utc - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=256)
def utc_ms_to_local(utc_ms: int, zone: str) -> datetime:
    """The wall clock in `zone` (aware) at `utc_ms` milliseconds since 1970."""
    return (_EPOCH + utc_ms * _MILLISECOND).astimezone(zone_named(zone))


def day_clock(at: datetime, now: datetime) -> str:
    """`Mon 09:12` if that can mean only one day, at most six days from `now`; otherwise `Wed 1 Apr 10:12`."""
    return f"{at:%a %H:%M}" if near(at, now) else f"{at:%a} {at.day} {at:%b %H:%M}"


def near(at: datetime, now: datetime) -> bool:
    """True if the weekday's name identifies the day, which is at most six days away."""
    return abs((at.date() - now.date()).days) < 7


@lru_cache(maxsize=256)
def parse_start(text: str) -> tuple[int, str]:
    """UTC milliseconds and zone of `2026-03-02T08:00 Europe/London`. Raises ValueError, one line."""
    moment, _, zone = text.strip().partition(" ")
    try:
        local = datetime.strptime(moment, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - the zone follows it
    except ValueError:
        raise ValueError(f"{text!r}is not a start time; write it as 2026-03-02T08:00 Europe/London") from None
    if local.year not in YEARS:
        raise ValueError(f"{text!r} is not in the years {YEARS[0]} to {YEARS[-1]}; write a year such as 2026")
    if not zone.strip():
        raise ValueError(f"{text!r} has no time zone; write it as {moment} Europe/London")
    return local_to_utc_ms(local, zone.strip()), zone.strip()
