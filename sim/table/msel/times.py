"""Times as people write them in an MSEL: since the start, by the clock, on a day. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, parse_duration

FORMS = "T+1h30, 09:12, Tue 09:12, Day 2 09:12 or 2026-03-02 09:12"


class BadTime(ValueError):
    """A text that is not a time; the message is one line with the valid forms."""


@dataclass(frozen=True, slots=True)
class AfterStart:
    """A time after the start of the exercise."""

    ms: int


@dataclass(frozen=True, slots=True)
class AtClock:
    """A time of day. `day` counts from 1; 0: the next such time. `weekday`: as in `Tue`, or empty."""

    hour: int
    minute: int
    day: int = 0
    weekday: str = ""


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date, with or without a time."""

    date: date
    hour: int | None = None
    minute: int = 0


MselTime = AfterStart | AtClock | OnDate

_PLUS = re.compile(r"(?:t|h|m|x|startex|start|exercise start)\s*\+\s*(.+)|\+\s*(.+)", re.ASCII)
_SPAN = re.compile(
    r"(?:(\d+)\s*(?:d|days?))?\s*(?:(\d+)\s*(?:h|hrs?|hours?))?\s*(?:(\d+)\s*(?:m|mins?|minutes?)?)?",
    re.ASCII,
)
_COLONS = re.compile(r"(\d{1,4}):(\d\d)(?::(\d\d))?", re.ASCII)
_CLOCK = re.compile(
    r"(?:(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?(?:(?:day|d)\s*\+?\s*(\d{1,2})[,:]?\s+)?"
    r"(\d{1,2})(?:[:.h](\d\d))?(?::\d\d)?\s*(am|pm|a\.m\.|p\.m\.)?\s*(?:hrs?|hours|uhr|local|lt|z)?",
    re.ASCII,
)
_MILITARY = re.compile(
    r"(?:(?:day|d)\s*\+?\s*(\d{1,2})[,:]?\s+)?(\d\d)(\d\d)\s*(?:hrs?|hours|h|local|lt|z)?", re.ASCII
)
_DAY = re.compile(r"(?:day|d)\s*\+?\s*(\d{1,2})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[t ]+(\d{1,2}):(\d\d)(?::\d\d)?)?", re.ASCII)
_SLASHES = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d\d)(?:,?\s+(\d{1,2}):(\d\d)(?::\d\d)?\s*(am|pm)?)?", re.ASCII
)
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%b-%y")


def read_elapsed(text: str) -> AfterStart:
    """Read a cell in a column of elapsed times: a bare number is minutes, `1:30` is hours and minutes.
    Raises BadTime.
    """
    words = text.strip().lower()
    plus = _PLUS.fullmatch(words)
    return AfterStart(_span_ms((plus[1] or plus[2]) if plus else words, text))


def read_time(text: str, *, month_first: bool = False) -> MselTime:
    """Read a cell in a column of times or dates. Raises BadTime. `month_first`: 3/2/2026 is 2 March."""
    words = " ".join(text.lower().split())
    if words in {"startex", "start", "t", "t+0", "h hour", "h-hour"}:
        return AfterStart(0)
    if plus := _PLUS.fullmatch(words):
        return AfterStart(_span_ms(plus[1] or plus[2], text))
    if iso := _ISO.fullmatch(words):
        return _on_date(int(iso[1]), int(iso[2]), int(iso[3]), iso[4], iso[5], "", text)
    if slashes := _SLASHES.fullmatch(words):
        first, second, year = int(slashes[1]), int(slashes[2]), int(slashes[3])
        day, month = (second, first) if (month_first or second > 12) and first <= 12 else (first, second)
        year += 2000 if year < 100 else 0
        return _on_date(year, month, day, slashes[4], slashes[5], slashes[6] or "", text)
    if only := _DAY.fullmatch(words):
        return AtClock(0, 0, day=int(only[1]))
    if military := _MILITARY.fullmatch(words):
        return _clock(int(military[2]), int(military[3]), int(military[1] or 0), "", text)
    if clock := _CLOCK.fullmatch(words):
        if clock[4] is None and not clock[5]:
            raise BadTime(f"{text!r:.60} is not a time; write {FORMS}")
        hour = _of_day(int(clock[3]), clock[5] or "")
        return _clock(hour, int(clock[4] or 0), int(clock[2] or 0), (clock[1] or "").title(), text)
    for form in _NAMED:
        try:
            return OnDate(datetime.strptime(text.replace(",", "").strip(), form).date())  # noqa: DTZ007 - local
        except ValueError:
            continue
    raise BadTime(f"{text!r:.60} is not a time; write {FORMS}")


def is_month_first(texts: list[str]) -> bool:
    """True if dates such as 3/25/2026 in `texts` must begin with the month."""
    found = [one for one in map(_SLASHES.match, texts) if one is not None]
    return any(int(one[2]) > 12 for one in found) and not any(int(one[1]) > 12 for one in found)


def is_ambiguous(text: str) -> bool:
    """True for a date such as 3/2/2026 that may begin with the day or the month."""
    found = _SLASHES.match(text.strip())
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def _span_ms(words: str, text: str) -> int:
    words = words.strip()
    if colons := _COLONS.fullmatch(words):
        hours, minutes, seconds = (int(one or 0) for one in colons.groups())
        if minutes < 60 and seconds < 60:
            return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS
    try:
        if not words.isdigit():
            return _in_bounds(parse_duration(words.replace(" ", "")), text)
    except ValueError:
        pass
    span = _SPAN.fullmatch(words)
    if not words or span is None or not any(span.groups()):
        raise BadTime(f"{text!r:.60} is not a time after the start; write T+1h30 or minutes")
    days, hours, minutes = (int(one or 0) for one in span.groups())
    return _in_bounds(days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS, text)


def _in_bounds(ms: int, text: str) -> int:
    if ms > 60 * DAY_MS:
        raise BadTime(f"{text!r:.60} is more than 60 days after the start; write an earlier time")
    return ms


def _of_day(hour: int, half: str) -> int:
    if half and not 1 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half.startswith("p") else 0) if half else hour


def _clock(hour: int, minute: int, day: int, weekday: str, text: str) -> AtClock:
    if hour > 23 or minute > 59:
        raise BadTime(f"{text!r:.60} is not a time of day; write 00:00 to 23:59")
    return AtClock(hour, minute, day, weekday)


def _on_date(
    year: int, month: int, day: int, hour: str | None, minute: str | None, half: str, text: str
) -> OnDate:
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadTime(f"{text!r:.60} is a date that does not exist; write 2026-03-02") from None
    if hour is None:
        return OnDate(found)
    clock = _clock(_of_day(int(hour), half), int(minute or 0), 0, "", text)
    return OnDate(found, clock.hour, clock.minute)
