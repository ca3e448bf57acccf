"""The first page of a debrief as rows: five numbers, the moments, and the longest waits."""

from sim.kernel.duration import in_words
from sim.report.paper.delays import LONGEST, MEANWHILE, NO_WAITS, SHOWN, meanwhile
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.moments import NO_MOMENTS
from tui.painting.number_format import spaced
from tui.painting.rows import Row, wrap

_WHEN = 20


def summary_rows(facts: DebriefFacts, width: int, *, judged: bool) -> list[Row]:
    """The whole page; with the number of objectives met only if `judged`."""
    rows: list[Row] = [(), (("Summary", "title"),), ()]
    tiles = [one for one in facts.tiles if judged or one.name != "objectives met"]
    wide = max(len(spaced(one.value)) for one in tiles)
    for tile in tiles:
        role = {True: "good", False: "bad", None: ""}[tile.better]
        rows.append(((spaced(tile.value).rjust(wide), role), (f"  {tile.name}", "")))
        beside = wrap(spaced(tile.beside), width - wide - 2) if tile.beside else []
        rows += [((f"{'':{wide + 2}}{line}", "dim"),) for line in beside]
    rows += [(), *(((line, ""),) for line in wrap(decisions_line(facts), width))]
    rows += [(), (("The moments", "title"),), ()]
    if not facts.moments:
        rows.append(((NO_MOMENTS, "dim"),))
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
    if facts.delays:
        rows += [(), *(((line, "dim"),) for line in wrap(MEANWHILE, width))]
    return rows


def decisions_line(facts: DebriefFacts) -> str:
    """The decisions by the facts known and by their results, in a sentence, as in the table of the HTML
    page.
    """
    counted = [one for one in facts.decisions if one.counted]
    if not counted:
        return "No decision was judged."
    parts = []
    for sound, name in ((True, "right"), (False, "wrong")):
        well, badly, open_ = (
            sum(one.sound == sound and one.turned_out_well is state for one in counted)
            for state in (True, False, None)
        )
        unknown = f", {open_} not known yet" if open_ else ""
        parts.append(f"{name} {well + badly + open_} ({well} turned out well, {badly} badly{unknown})")
    return f"Decisions, judged on what was known: {'; '.join(parts)}."


def _beside(head: str, text: str, width: int, role: str) -> list[Row]:
    """A heading in the first column, and the text wrapped next to it."""
    lines = wrap(spaced(text), width - _WHEN - 2)
    return [
        ((head.ljust(_WHEN) if not at else " " * _WHEN, "dim"), (f"  {line}", role))
        for at, line in enumerate(lines)
    ]
