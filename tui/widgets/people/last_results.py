"""The newest result of each command of a place, with its source and age."""

from functools import partial

from sim.drill.room.events import Event
from tui.painting.number_format import spaced, span_text
from tui.painting.rows import Page, Row, width_of, wrap
from tui.painting.view import Draw, View

PLACES = ("Gateway", "Server", "DNS", "Outside", "People", "Tickets", "Room")
"""The places that have this pane; calls and notes have lists of their own."""

_ELSEWHERE = ("notify", "approve", "decide", "diagnose")
"""Commands whose results are shown in the incident room, wherever the command was given."""
_RESULTS = {"report": ("·", "title"), "done": ("✓", "good"), "failed": ("✗", "bad")}


def at(place: str) -> Draw:
    """The pane for a place."""
    return partial(draw, place)


def draw(place: str, view: View, width: int, height: int) -> Page:
    """The newest result of each command of the place, the newest first."""
    rows: list[Row] = []
    for event in newest(view, place):
        rows += _result(view, event, width)
    nothing = "no results yet; Enter lists the commands of this place"
    rows = rows or [((line, "dim"),) for line in wrap(nothing, width)]
    return Page("Latest results", rows[:height])


def newest(view: View, place: str) -> list[Event]:
    """The newest result of each command whose results belong to the place, the newest first."""
    found: dict[str, Event] = {}
    kept = {test.what for test in view.snapshot.protection.tests}  # these are shown among the tests
    for entry in view.entries:
        event = entry.event
        if event.kind not in _RESULTS or event.ref in kept:
            continue
        of_the_room = event.ref.startswith(_ELSEWHERE)
        if (place == "Room") if of_the_room else view.home(event.ref) == place:
            found.setdefault(event.ref, event)
    return list(found.values())


def _result(view: View, event: Event, width: int) -> list[Row]:
    glyph, role = _RESULTS[event.kind]
    ago = f"  {span_text(view.snapshot.t_ms - event.t_ms)} ago, {event.source}"
    head: Row = ((f"{glyph} ", role), (event.ref, "strong"))
    heads: list[Row] = [(*head, (ago, "dim"))]
    if width_of(heads[0]) > width:
        first, *more = wrap(event.ref, width - 2)
        heads = [((f"{glyph} ", role), (first, "strong")), *((("  " + line, "strong"),) for line in more)]
        heads.append(((ago, "dim"),))
    return [*heads, *((("  " + line, ""),) for line in wrap(spaced(event.text), width - 2))]
