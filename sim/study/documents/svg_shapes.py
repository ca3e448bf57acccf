"""Shapes of the charts of a check: sheets for desktop and phone, texts, bars, marks of a time axis."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from sim.kernel.duration import DAY_MS, MINUTE_MS, in_words
from sim.kernel.plain_line import in_markup

_NICE = [m * MINUTE_MS for m in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880)]
_CHARACTER = 6.6
"""Mean width of a character of the charts, px."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The area for a chart. Texts have the same size on each sheet."""

    width: int
    """Width in px."""
    marks: int
    """Maximum number of spaces between the marks of an axis."""
    narrow: bool
    """True for a phone: a name is above its bar instead of to its left."""


DESKTOP = Sheet(860, 8, narrow=False)
PHONE = Sheet(358, 4, narrow=True)


def on_each_screen(draw: Callable[[Sheet], str]) -> str:
    """The chart for a desktop and the chart for a phone; the page's style shows one of them."""
    return f'<div class="desktop">{draw(DESKTOP)}</div><div class="phone">{draw(PHONE)}</div>'


def drawing(sheet: Sheet, height: int, title: str, parts: list[str]) -> str:
    """The SVG element."""
    return (
        f'<svg viewBox="0 0 {sheet.width} {height}" width="{sheet.width}" height="{height}" role="img">'
        f"<title>{in_markup(title)}</title>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    """A text; `anchor`: its part at `x`, which is `start`, `middle` or `end`."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{in_markup(words)}</text>'


def name(x: float, y: float, words: str, anchor: str, space: float) -> str:
    """A name; if it is longer than `space` px, its middle is left out, and pointing at it shows all of it."""
    most = int(space / _CHARACTER)
    if len(words) <= most:
        return text(x, y, words, anchor)
    end = most // 2
    shown = f"{words[: most - end - 1]}…{words[-end:]}"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"<title>{in_markup(words)}</title>{in_markup(shown)}</text>"
    )


def bar(a: float, b: float, y: float, kind: str, height: int) -> str:
    """A bar from `a` to `b`, wide enough to be seen."""
    width = max(b - a, 1.5)
    return f'<rect class="{kind}" x="{a:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2"/>'


def line(kind: str, x: tuple[float, float], y: tuple[float, float]) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x[0]:.1f}" x2="{x[1]:.1f}" y1="{y[0]:.1f}" y2="{y[1]:.1f}"/>'


def time_marks(top_ms: float, most: int) -> list[tuple[float, str]]:
    """Round times from 0 to `top_ms`, with at most `most` spaces between them."""
    step = next((one for one in _NICE if top_ms / one <= most), ceil(top_ms / most / DAY_MS) * DAY_MS)
    return [(float(n * step), in_words(n * step)) for n in range(int(top_ms // step) + 1)]
