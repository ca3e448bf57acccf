"""Numbers and ages as the console writes them: fixed forms that line up and do not jump."""

import re

from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words

_COMMA = re.compile(r"(?<=\d),(?=\d{3}\b)")
GROUP = "\N{NO-BREAK SPACE}"
"""Character that separates thousands; a line is never broken at it."""


def spaced(text: str) -> str:
    """`text` with `9,480` written as `9 480`, as everywhere on the console."""
    return _COMMA.sub(GROUP, text)


def count(number: int) -> str:
    """A number in the form `9 480`: thousands separated by a space."""
    return f"{number:,}".replace(",", GROUP)


def fitting(number: int, width: int) -> str:
    """`number` in at most `width` cells: with spaces, without them, or rounded; never cut."""
    whole = count(number)
    if len(whole) <= width:
        return whole
    return str(number) if len(str(number)) <= width else compact(number)


def span_text(duration_ms: int) -> str:
    """An age: `8 s`, `47 min`, `3 h 5 min`, `2 d 4 h`; at most eleven cells."""
    return in_words(max(0, duration_ms) // SECOND_MS * SECOND_MS, MINUTE_MS)


def left_text(duration_ms: int) -> str:
    """A remaining time in the same form; a second that has begun counts as a whole one, as on the clock."""
    return span_text(-(-duration_ms // SECOND_MS) * SECOND_MS)


def compact(number: int) -> str:
    """A round number in at most four cells for an axis: `500`, `2k`, `1.5k`, `20k`, `3M`."""
    for scale, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= scale:
            return f"{number / scale:.1f}".rstrip("0").rstrip(".") + letter
    return str(number)


def nice_ceiling(number: int) -> int:
    """The smallest of 10, 20, 40, 60, 80, 100, 200, 400 … that is at least `number`; half of it is a round
    number too.
    """
    scale = 10
    while True:
        for step in (1, 2, 4, 6, 8):
            if step * scale >= number:
                return step * scale
        scale *= 10
