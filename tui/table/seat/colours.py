"""Every screen of a table paints true colours; terminals with 256 colours get the nearest ones.

Rich keeps the codes of a style from its first use, and all screens of the process share their styles. A
screen that asked for codes different from those of the first screen would get mixed colours.
"""

import re
from functools import lru_cache

from rich.console import Console

_TRUE_COLOUR = re.compile(r"([34]8);2;(\d+);(\d+);(\d+)")
_STEPS = (0, 95, 135, 175, 215, 255)
"""Levels of red, green and blue in the cube of 216 colours."""


def true_colours(console: Console) -> Console:
    """A console like Textual's own `console`, for true colours on any terminal."""
    return Console(
        color_system="truecolor",
        file=console.file,
        force_terminal=True,
        markup=True,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        safe_box=False,
        soft_wrap=False,
    )


def with_256_colours(paint: str) -> str:
    """Painted bytes in which each colour is replaced by the nearest of the 256."""
    return _TRUE_COLOUR.sub(
        lambda found: f"{found[1]};5;{nearest(int(found[2]), int(found[3]), int(found[4]))}", paint
    )


@lru_cache(maxsize=1024)
def nearest(red: int, green: int, blue: int) -> int:
    """The number of the nearest colour: in the cube (16 … 231) or among the greys (232 … 255)."""
    cube = [min(range(6), key=lambda step: abs(_STEPS[step] - level)) for level in (red, green, blue)]
    grey = min(23, max(0, round(((red + green + blue) / 3 - 8) / 10)))
    levels = tuple(_STEPS[step] for step in cube)
    if _apart((8 + 10 * grey,) * 3, (red, green, blue)) < _apart(levels, (red, green, blue)):
        return 232 + grey
    return 16 + 36 * cube[0] + 6 * cube[1] + cube[2]


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
