"""Durations in integer milliseconds, and their texts: `1h30m` to type, `1 h 30 min` to read, `T+26:14`."""

import re

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

NEVER_MS = 1 << 60
"""A time later than any moment of a drill; it means "no limit", "no end" or "no next time". The sum of two
such times fits into 64 bits.
"""

LONGEST_MS = 36_525 * DAY_MS
"""The longest duration that can be written: a century. Added to a date, it stays within the calendar."""

_UNITS_MS = {"ms": 1, "s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}
_READ = (("d", DAY_MS), ("h", HOUR_MS), ("min", MINUTE_MS), ("s", SECOND_MS))
_MOST_DIGITS = 15
"""Maximum number of digits that matter: whole numbers with more are too large, and further decimals are
too small.
"""
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])", re.ASCII)
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+", re.ASCII)


class LongerThanACentury(ValueError):
    """A well-formed duration that is longer than `LONGEST_MS`."""


def parse_duration(text: str) -> int:
    """Milliseconds of `text`: numbers with units ms, s, m, h, d, w, in any order.

    A fraction is exact to the millisecond (`1.5h`). Raises ValueError, with one line that names the right
    form, for a number without a unit (except `0`), and LongerThanACentury.
    """
    text = text.strip()
    if text == "0":
        return 0
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration; write a number with a unit: 90s, 15m, 1h30m, 2d")
    total_ms = 0
    for number, unit in _PART.findall(text):
        whole, _, fraction = number.partition(".")
        scale = _UNITS_MS[unit]
        total_ms += int(whole) * scale if len(whole) <= _MOST_DIGITS else LONGEST_MS + 1
        if fraction := fraction[:_MOST_DIGITS]:
            total_ms += int(fraction) * scale // 10 ** len(fraction)
    if total_ms > LONGEST_MS:
        raise LongerThanACentury(
            f"{shortened(text)!r} is more than a century; write a shorter time such as 5d"
        )
    return total_ms


def shortened(text: str) -> str:
    """`text` as typed for a line about a mistake; only its beginning if it is long."""
    return text if len(text) <= 2 * _MOST_DIGITS else f"{text[:_MOST_DIGITS]}…"


def format_duration(duration_ms: int) -> str:
    """The shortest text that `parse_duration` turns back into `duration_ms`: `1h30m`, `2d`, `250ms`.

    Days are used from two days on, so that `31h` and `36h` keep their usual form.
    """
    if duration_ms == 0:
        return "0s"
    sign, rest = ("-", -duration_ms) if duration_ms < 0 else ("", duration_ms)
    parts = []
    for unit, scale in (("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)):
        if unit == "d" and (rest < 2 * DAY_MS or rest % DAY_MS):
            continue
        count, rest = divmod(rest, scale)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts)


def in_words(duration_ms: int, least_ms: int = SECOND_MS) -> str:
    """`duration_ms` for a reader: `45 s`, `12 min`, `1 h 45 min`, `2 d 4 h`; at most two units, rounded down.

    Units below `least_ms` are left out if a larger one remains: with `MINUTE_MS`, 12 min 30 s is `12 min` and
    45 s stays `45 s`. Days are used from two days on, so `31 h` stays. Milliseconds are never combined with
    another unit: `250 ms`. `format_duration` makes the form that is typed, and that files and JSON use.
    """
    sign, rest = ("-", -duration_ms) if duration_ms < 0 else ("", duration_ms)
    if rest < SECOND_MS:
        return f"{sign}{rest} ms" if rest else "0 s"
    scales = [
        (name, scale) for name, scale in _READ if scale <= rest and (scale < DAY_MS or rest >= 2 * DAY_MS)
    ]
    parts: list[str] = []
    for name, scale in scales[:2]:
        count, rest = divmod(rest, scale)
        if count and (not parts or scale >= least_ms):
            parts.append(f"{count} {name}")
    return sign + " ".join(parts)


def whole_minutes_ms(duration_ms: int) -> int:
    """`duration_ms`, rounded to the nearest minute, up from half a minute."""
    return (duration_ms + MINUTE_MS // 2) // MINUTE_MS * MINUTE_MS


def format_elapsed(elapsed_ms: int) -> str:
    """A time since an onset as `HH:MM`, with unlimited hours (`93:31`); seconds are dropped. A time of a
    minute or more before the onset is negative.
    """
    sign = "-" if elapsed_ms <= -MINUTE_MS else ""
    hours, rest = divmod(abs(elapsed_ms), HOUR_MS)
    return f"{sign}{hours:02d}:{rest // MINUTE_MS:02d}"


def around_onset(elapsed_ms: int) -> str:
    """A time since an onset in words: `01:07 after the onset`, `00:41 before the onset`."""
    side = "before" if elapsed_ms <= -MINUTE_MS else "after"
    return f"{format_elapsed(abs(elapsed_ms))} {side} the onset"


def drill_time(t_ms: int, *, seconds: bool = False) -> str:
    """A moment since the drill's start, for a reader: `T+26:14` in hours and minutes, or `T+26:14:05` with
    seconds.
    """
    sign = "-" if t_ms < 0 else "+"
    second = f":{abs(t_ms) // SECOND_MS % 60:02d}" if seconds else ""
    return f"T{sign}{format_elapsed(abs(t_ms))}{second}"
