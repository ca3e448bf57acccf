"""What commands of a place showed or did last: the newest result of each, who says so, and its age."""

from functools import partial

from sim.drill.room.events import Event
from tui.painting.number_format import in_words, spaced
from tui.painting.rows import Page, Row, width_of, wrap
from tui.painting.view import Draw, View

PLACES = ("Gateway", "Server", "DNS", "Outside", "People", "Tickets", "Room")
"""Where there is such a pane; calls made and notes stand in lists of their own."""

_ELSEWHERE = ("notify", "approve", "decide", "diagnose")
"""What these did stands in the room's own lists."""
_RESULTS = {"report": ("·", "title"), "done": ("✓", "good"), "failed": ("✗", "bad")}


def at(place: str) -> Draw:
    """The pane of a place."""
    return partial(draw, place)


def draw(place: str, view: View, width: int, height: int) -> Page:
    """The newest result of each command of the place, newest first."""
    rows: list[Row] = []
    for event in newest(view, place):
        rows += _result(view, event, width)
    nothing = f"nothing yet; Enter lists what can be done here ({place})"
    rows = rows or [((line, "dim"),) for line in wrap(nothing, width)]
    return Page("Last looked at and done", rows[:height], short="Last looked at")


def newest(view: View, place: str) -> list[Event]:
    """The newest result of each command whose results are kept at the place, the latest first."""
    found: dict[str, Event] = {}
    kept = {test.what for test in view.snapshot.protection.tests}  # they stand beside what they tested
    for entry in view.entries:
        event = entry.event
        if event.kind not in _RESULTS or event.ref in kept or event.ref.startswith(_ELSEWHERE):
            continue
        if view.home(event.ref) == place:
            found.setdefault(event.ref, event)
    return list(found.values())


def _result(view: View, event: Event, width: int) -> list[Row]:
    glyph, role = _RESULTS[event.kind]
    age = f"  {in_words(view.snapshot.t_ms - event.t_ms)} ago, {event.source}"
    head: Row = ((f"{glyph} ", role), (event.ref, "strong"))
    heads: list[Row] = [(*head, (age, "dim"))]
    if width_of(heads[0]) > width:
        first, *more = wrap(event.ref, width - 2)
        heads = [((f"{glyph} ", role), (first, "strong")), *((("  " + line, "strong"),) for line in more)]
        heads.append(((age, "dim"),))
    return [*heads, *((("  " + line, ""),) for line in wrap(spaced(event.text), width - 2))]
