"""The header: exercise, title, local time, drill time, speed of the clock, mode."""

from sim.kernel.duration import drill_time
from tui.painting.pace import Pace
from tui.painting.rows import Row, left, spread, width_of
from tui.painting.view import View

_WITH_MODE = 72
"""Width from which there is space for the mode."""
_CLOCK = 11
"""Width of the drill time in cells, up to 999 hours."""


def header(view: View, width: int) -> Row:
    """One row of fixed columns; the title takes the remaining space, and the year is left out."""
    t_ms = view.snapshot.t_ms
    role = "bar-warn" if view.pace.paused or view.pace.lags or view.past else "bar-strong"
    field = 17 if width >= 100 else 10
    state = "■ ended" if view.snapshot.ended else "◀ past" if view.past else clock(view.pace, field)
    end: Row = (
        (view.local.full(t_ms) + "  ", "bar-strong"),
        (drill_time(t_ms, seconds=True).rjust(_CLOCK) + "  ", "bar"),
        (left(state, field), role),
        (left(view.seat or view.mode, 11 if view.seat else 7) if width >= _WITH_MODE else "", "bar-dim"),
    )
    start: Row = ((" EXERCISE ", "exercise"), *(((" ↳ branch", "bar-warn"),) if view.branch else ()))
    room = width - width_of(start) - width_of(end) - 2
    title = fitting_title(view.snapshot.title, room - 1)
    if title:
        start = (*start, ("  " + title, "bar-strong"))
    return spread(start, end, width, role="bar")


def fitting_title(title: str, room: int) -> str:
    """The title, such as `Meridian Clinics, Tue 3 Mar`, in at most `room` cells: first without the day,
    which the clock shows, then with fewer words of the name; words are not cut.
    """
    if len(title) <= room:
        return title
    words = title.partition(",")[0].split()
    while words and len(" ".join(words)) > room:
        words.pop()
    return " ".join(words)


def clock(pace: Pace, field: int) -> str:
    """The clock: `▶ ×60`, `‖ paused`, or a lag: `▶ ×3600 is ×2100`, in a short field `lag ×2100`."""
    if pace.paused:
        return "‖ paused"
    if pace.jumps:
        return f"» {pace.jumps}"
    if pace.lags:
        return f"▶ ×{pace.speed} is ×{pace.reached}" if field > 10 else f"lag ×{pace.reached}"
    return f"▶ ×{pace.speed}"


def loading(width: int) -> Row:
    """The header while the drill is loading, without the scenario's name, which would reveal the outage."""
    start: Row = ((" EXERCISE ", "exercise"),)
    return spread(start, (("loading … ", "bar-dim"),), width, role="bar")
