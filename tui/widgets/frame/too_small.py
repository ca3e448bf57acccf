"""The text shown when the terminal is too small for the console."""

from tui.painting.layout import SMALLEST
from tui.painting.rows import Row, centred


def too_small(width: int, height: int) -> list[Row]:
    """The text shown when the terminal is too small for the console."""
    lines = [
        f"This window is {width} × {height}.",
        f"The console needs {SMALLEST[0]} × {SMALLEST[1]}.",
        "A running clock keeps running.",
        "^Q quits; everything is saved.",
    ]
    above = max(0, (height - len(lines)) // 2)
    return [(), *[()] * (above - 1), *(((centred(line, width), "strong"),) for line in lines)][:height]
