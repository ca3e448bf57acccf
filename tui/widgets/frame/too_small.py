"""What is said where the console does not fit."""

from tui.painting.layout import SMALLEST
from tui.painting.rows import Row, centred


def too_small(width: int, height: int) -> list[Row]:
    """What is said where the console does not fit."""
    lines = [
        f"This window is {width} × {height}.",
        f"The console needs {SMALLEST[0]} × {SMALLEST[1]}.",
        "The clock goes on; ^Q quits,",
        "everything is saved.",
    ]
    above = max(0, (height - len(lines)) // 2)
    return [(), *[()] * (above - 1), *(((centred(line, width), "strong"),) for line in lines)][:height]
