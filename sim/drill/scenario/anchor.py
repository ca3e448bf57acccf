"""Anchors: the time at which an entry of a runbook or scenario is due. Pure.

T+1h22m             after the drill's start
09:30, Tue 09:30    the next such local time, counted from the drill's start
2026-03-03T09:30    local date and time
alert.first + 1m    after a milestone; `outage.start - 5m` before one
A and B             when all have come: the latest counts
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches

from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.duration import parse_duration
from sim.kernel.frozen import frozen
from sim.kernel.local_time import YEARS, local_to_utc_ms, utc_ms_to_local

ALERT_OPEN = "alert.open"
"""Name of a recurring moment that a runbook step can wait for, like a milestone: the arrival on a phone of
each alert that has not been acknowledged.
"""

AND = " and "
"""Joins several moments; the latest of them counts."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

FORMS = "T+1h22m, 09:30, Tue 09:30, 2026-03-03T09:30, alert.first + 1m, or several joined by `and`"

_CLOCK = re.compile(rf"(?:({'|'.join(WEEKDAYS)})\s+)?(\d{{1,2}}):(\d\d)", re.IGNORECASE | re.ASCII)
_OFFSET = re.compile(r"(?P<start>[A-Za-z][\w.-]*?)\s*(?:(?P<sign>[+-])\s*(?P<duration>\d\S*))?")
_DAYS_SEARCHED = 15


class BadAnchor(ValueError):
    """An anchor that cannot be read or does not exist; one line with the correct form."""


@frozen
class Elapsed:
    """A moment `after_ms` after the drill's start."""

    after_ms: int


@frozen
class Clock:
    """The next time after the drill's start at which the local clock shows this time."""

    hour: int
    minute: int
    weekday: int | None
    """0 is Monday; None is any day."""


@frozen
class Instant:
    """A local date and time (naive)."""

    local: datetime


@frozen
class Since:
    """A moment `offset_ms` after a milestone or ALERT_OPEN; before it if negative."""

    milestone: str
    offset_ms: int


Moment = Elapsed | Clock | Instant | Since


@frozen
class Anchor:
    """The time at which an entry is due: the latest of `moments`. `text`: as written in the file."""

    text: str
    moments: tuple[Moment, ...]

    @property
    def milestones(self) -> tuple[str, ...]:
        """Names of the milestones for which the anchor waits."""
        return tuple(name for name in self._waits_for if name != ALERT_OPEN)

    @property
    def for_alert(self) -> bool:
        """True if the anchor waits for an unacknowledged alert."""
        return ALERT_OPEN in self._waits_for

    @property
    def _waits_for(self) -> tuple[str, ...]:
        return tuple(moment.milestone for moment in self.moments if isinstance(moment, Since))


def check_milestone(name: str) -> str:
    """`name`, if there is such a milestone. Raises BadAnchor, with the nearest name or all names."""
    if name in MILESTONES:
        return name
    near = get_close_matches(name, MILESTONES, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(MILESTONES)}"
    raise BadAnchor(f"there is no milestone {name!r}; {hint}")


def parse_anchor(text: str, known: Callable[[str], str] = check_milestone) -> Anchor:
    """The anchor written as `text`. Raises BadAnchor.

    `known`: returns a name for which an anchor can wait, or raises BadAnchor.
    """
    words = " ".join(text.split())
    return Anchor(words, tuple(_moment(part.strip(), known) for part in re.split(r"\band\b", words)))


def check_milestones(text: str) -> str:
    """`text` in the form that is shown, if it names milestones joined by `and`. Raises BadAnchor."""
    return AND.join(check_milestone(name) for name in " ".join(text.split()).split(AND))


def resolve(anchor: Anchor, milestones: Mapping[str, int], starts_utc_ms: int, zone: str) -> int | None:
    """The time at which `anchor` is due, in ms since the drill's start; None while one of its milestones has
    not been reached.

    `milestones`: the time in ms since the start of each milestone that has been reached. Local times are in
    the time zone `zone`; the drill starts at `starts_utc_ms`. Raises BadAnchor for a local time that does not
    exist.
    """
    due = [_due(moment, milestones, starts_utc_ms, zone) for moment in anchor.moments]
    known = [moment for moment in due if moment is not None]
    return max(known) if len(known) == len(due) else None


def _moment(text: str, known: Callable[[str], str]) -> Moment:
    if clock := _CLOCK.fullmatch(text):
        return _clock(clock, text)
    if text[:1].isdigit():
        return _instant(text)
    offset = _OFFSET.fullmatch(text)
    if not offset:
        raise BadAnchor(f"{text!r} is not a time; write {FORMS}")
    try:
        offset_ms = parse_duration(offset["duration"] or "0")
    except ValueError as error:
        raise BadAnchor(str(error)) from None
    if offset["sign"] == "-":
        offset_ms = -offset_ms
    if offset["start"] != "T":
        start = offset["start"]
        return Since(start if start == ALERT_OPEN else known(start), offset_ms)
    if offset_ms < 0:
        raise BadAnchor(f"{text!r} is before the drill's start; write T+ and a duration")
    return Elapsed(offset_ms)


def _clock(found: re.Match[str], text: str) -> Clock:
    day, hour, minute = found[1], int(found[2]), int(found[3])
    if hour > 23 or minute > 59:
        raise BadAnchor(f"{text!r} is not a time of day; write 00:00 to 23:59")
    return Clock(hour, minute, WEEKDAYS.index(day.capitalize()) if day else None)


def _instant(text: str) -> Instant:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadAnchor(_not_a_moment(text)) from None
    if local.tzinfo is not None or "T" not in text:
        raise BadAnchor(f"{text!r}: write a local date and time without an offset, as in 2026-03-03T09:30")
    if local.year not in YEARS:
        raise BadAnchor(f"{text!r} is not in the years {YEARS[0]} to {YEARS[-1]}; write a date of the drill")
    return Instant(local)


def _not_a_moment(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError:
        return f"{text!r} is not a date and time; write {FORMS}"
    return (
        f"{text!r} is a duration, not a moment; write the moment from which it counts: outage.start + {text}"
    )


def _due(moment: Moment, milestones: Mapping[str, int], starts_utc_ms: int, zone: str) -> int | None:
    match moment:
        case Elapsed(after_ms):
            return after_ms
        case Since(name, offset_ms):
            return milestones[name] + offset_ms if name in milestones else None
        case Instant(local):
            try:
                return local_to_utc_ms(local, zone) - starts_utc_ms
            except ValueError as error:
                raise BadAnchor(str(error)) from None
        case Clock():
            return _next_ms(moment, starts_utc_ms, zone)


def _next_ms(clock: Clock, starts_utc_ms: int, zone: str) -> int:
    first_day = utc_ms_to_local(starts_utc_ms, zone).replace(tzinfo=None, second=0, microsecond=0)
    for day in range(_DAYS_SEARCHED):
        local = first_day.replace(hour=clock.hour, minute=clock.minute) + timedelta(days=day)
        if clock.weekday not in (None, local.weekday()):
            continue
        try:
            due_ms = local_to_utc_ms(local, zone) - starts_utc_ms
        except ValueError:
            continue  # the clocks go forward, so this time does not exist; the next one counts
        if due_ms >= 0:
            return due_ms
    raise BadAnchor(f"{clock.hour:02d}:{clock.minute:02d} does not occur in {zone} within two weeks")
