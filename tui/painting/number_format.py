"""How numbers and times are written on the screen: fixed forms that line up and do not jump."""

import re

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

_COMMA = re.compile(r"(?<=\d),(?=\d{3}\b)")
GROUP = "\N{NO-BREAK SPACE}"
"""Between thousands; never broken across lines."""


def spaced(text: str) -> str:
    """`text` with its `9,480` written as `9 480`, as everywhere on the console."""
    return _COMMA.sub(GROUP, text)


def count(number: int) -> str:
    """`9 480`: thousands apart by a space."""
    return f"{number:,}".replace(",", GROUP)


def fitting(number: int, width: int) -> str:
    """`number` in at most `width` cells: with spaces, without them, or rounded; never cut."""
    whole = count(number)
    if len(whole) <= width:
        return whole
    return str(number) if len(str(number)) <= width else compact(number)


def hours_minutes(duration_ms: int) -> str:
    """`02:29`, hours unbounded; seconds are dropped."""
    minutes = max(0, duration_ms) // MINUTE_MS
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def elapsed(t_ms: int) -> str:
    """` T+03:42:10`, always eleven cells up to 999 hours."""
    seconds = t_ms // SECOND_MS
    return f"T+{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}".rjust(11)


def in_words(duration_ms: int) -> str:
    """The size of a duration in one unit or two, at most six cells: `8 s`, `47 min`, `3 h 05`, `2 d 4h`."""
    if duration_ms < MINUTE_MS:
        return f"{max(0, duration_ms) // SECOND_MS} s"
    if duration_ms < 100 * MINUTE_MS:
        return f"{duration_ms // MINUTE_MS} min"
    if duration_ms < 2 * DAY_MS:
        return f"{duration_ms // HOUR_MS} h {duration_ms // MINUTE_MS % 60:02d}"
    return f"{duration_ms // DAY_MS} d {duration_ms // HOUR_MS % 24:2d}h"


def compact(number: int) -> str:
    """A round number in at most four cells for an axis: `500`, `2k`, `1.5k`, `20k`, `3M`."""
    for scale, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= scale:
            return f"{number / scale:.1f}".rstrip("0").rstrip(".") + letter
    return str(number)


def nice_ceiling(number: int) -> int:
    """The least of 10, 20, 40, 60, 80, 100, 200, 400 … that is at least `number`; its half is round too."""
    scale = 10
    while True:
        for step in (1, 2, 4, 6, 8):
            if step * scale >= number:
                return step * scale
        scale *= 10
