"""The first page of a debrief as rows: five numbers, the moments, and the longest waits."""

from sim.kernel.duration import in_words
from sim.report.paper.delays import LONGEST, NO_WAITS, SHOWN, meanwhile
from sim.report.paper.facts import DebriefFacts
from tui.painting.number_format import spaced
from tui.painting.rows import Row, wrap

_VALUE = 10
_WHEN = 20


def summary_rows(facts: DebriefFacts, width: int, *, judged: bool) -> list[Row]:
    """All of it; the number of objectives met only if `judged`."""
    rows: list[Row] = [(), (("Summary", "title"),), ()]
    for tile in facts.tiles:
        if tile.name == "objectives met" and not judged:
            continue
        role = {True: "good", False: "bad", None: ""}[tile.better]
        rows.append(((spaced(tile.value).rjust(_VALUE), role), (f"  {tile.name}", "")))
        beside = wrap(spaced(tile.beside), width - _VALUE - 2) if tile.beside else []
        rows += [((f"{'':{_VALUE + 2}}{line}", "dim"),) for line in beside]
    rows += [(), (("The moments", "title"),), ()]
    for number, one in enumerate(facts.moments, 1):
        when = f"{number:2}  {one.local}  {one.elapsed}"
        rows += _beside(when, one.text, width, "")
    rows += [(), ((LONGEST, "title"),), ()]
    if not facts.delays:
        rows.append(((NO_WAITS, "dim"),))
    for delay in facts.delays[:SHOWN]:
        rows += _beside(
            in_words(delay.span_ms).rjust(_WHEN - 2), f"{delay.what}: {meanwhile(delay)}", width, ""
        )
    return rows


def _beside(head: str, text: str, width: int, role: str) -> list[Row]:
    """A head column, and the text wrapped next to it."""
    lines = wrap(spaced(text), width - _WHEN - 2)
    return [
        ((head.ljust(_WHEN) if not at else " " * _WHEN, "dim"), (f"  {line}", role))
        for at, line in enumerate(lines)
    ]
