"""The place of each pane: a pure function of the terminal's size, the view and the mode."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.painting.places import PLACES

SMALLEST = (60, 20)
WIDE = 110
"""Width from which there are two columns of boxes; in a narrower terminal there is one column, with a rule
above each pane.
"""
_USUAL = 24
"""Height from which, with one column, the ledger has space for every account."""
_TALL = 32
"""Height from which, with one column, there are panes other than flow, now, queue and feed."""
TOP, BOTTOM = 1, 3
"""`TOP`: rows of the header; `BOTTOM`: rows of the hint, the command line and the footer."""

VIEWS = tuple(PLACES)


@dataclass(frozen=True, slots=True)
class Slot:
    """A pane and its position in cells."""

    pane: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Want:
    """Smallest and largest number of rows of a pane's content."""

    pane: str
    least: int
    most: int


_FLOW, _NOW, _PLOT, _FEED = Want("flow", 4, 6), Want("now", 2, 8), Want("plot", 4, 16), Want("feed", 4, 99)
_AGES, _LEDGER, _PEOPLE = Want("ages", 4, 11), Want("ledger", 6, 11), Want("people", 3, 6)
_COACH, _HORIZON, _MAIL = Want("coach", 3, 5), Want("horizon", 5, 16), Want("mail", 3, 99)
_ZONE, _ARRIVALS, _WAYS = Want("zone", 5, 12), Want("arrivals", 3, 12), Want("ways", 4, 99)
_PAGES, _CASES = Want("pages", 4, 14), Want("cases", 2, 8)
_CALLS, _INBOX, _ALERTS = Want("calls", 3, 99), Want("inbox", 4, 99), Want("alerts", 2, 6)
_HOURS, _TICKETS = Want("hours", 3, 24), Want("tickets", 3, 99)
_STEPS, _NEXT = Want("runbook", 10, 99), Want("next-steps", 3, 5)
_WORDS, _DECISIONS, _OPENINGS = Want("words", 4, 99), Want("decisions", 3, 99), Want("openings", 3, 99)


def _found(view: str) -> Want:
    return Want(f"found-{view}", 3, 99)


def fits(width: int, height: int) -> bool:
    """True if the console can be used at this size."""
    return width >= SMALLEST[0] and height >= SMALLEST[1]


def plan(width: int, height: int, view: str, coach: bool, runbook: bool = False) -> tuple[Slot, ...]:
    """Slots that fill the space between the header and the command line without gaps or overlap.

    `coach`: objectives are shown; `runbook`: so are the steps of a plan.
    """
    columns = _wide(view, coach) if width >= WIDE else [_narrow(view, coach, height)]
    if runbook:
        columns[0] = _with_runbook(columns[0], view)
    frame = 2 if width >= WIDE else 1
    slots: list[Slot] = []
    x = 0
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        column_width = width - x if last else round(width * 0.6)
        y = TOP
        for pane, rows in _share(column, height - TOP - BOTTOM, frame):
            slots.append(Slot(pane, x, y, column_width, rows))
            y += rows
        x += column_width
    return tuple(slots)


def _wide(view: str, coach: bool) -> list[list[Want]]:
    return {
        "Overview": [
            [_FLOW, _PLOT, _FEED, *([Want("coach", 3, 9)] if coach else [])],
            [
                Want("now", 5, 8),
                Want("ages", 7, 11),
                Want("ledger", 7, 8),
                Want("people", 5, 5),
                Want("alerts", 2, 99),
            ],
        ],
        "Gateway": [[_HORIZON, _MAIL], [Want("console", 5, 7), _AGES, _found(view)]],
        "Server": [[_WAYS, _LEDGER], [_found(view)]],
        "DNS": [[_ZONE, _ARRIVALS], [_found(view)]],
        "Outside": [[_PAGES, _CASES], [_found(view)]],
        "Phone": [[_CALLS, _INBOX], [_ALERTS, _PEOPLE]],
        "People": [
            [Want("staff", 6, 99), _found(view)],
            [*([Want("objectives", 6, 99)] if coach else []), _DECISIONS],
        ],
        "Tickets": [[_TICKETS, _found(view)], [_HOURS, Want("now", 5, 8)]],
        "Room": [[_WORDS], [_DECISIONS, _OPENINGS, _found(view)]],
        "Log": [[_FEED]],
    }[view]


def _narrow(view: str, coach: bool, height: int) -> list[Want]:
    more = [*([_COACH] if coach else []), _AGES, _PEOPLE] if height >= _TALL else []
    return {
        "Overview": [
            Want("flow", 4, 5 if height < _TALL else 6),
            Want("now", 2, 2 if height < _TALL else 4),
            Want("plot", 3, 9),
            Want("feed", 2, 99),
            *more,
        ],
        "Gateway": [Want("console", 3, 5), Want("horizon", 3, 9), Want("ages", 3, 8), _MAIL, _found(view)],
        "Server": [_WAYS, _LEDGER if height < _USUAL else Want("ledger", 9, 11), _found(view)],
        "DNS": [_ZONE, _ARRIVALS, _found(view)],
        "Outside": [_PAGES, _found(view), _CASES],
        "Phone": [_CALLS, _INBOX, _ALERTS],
        "People": [
            Want("staff", 6, 18),
            *([Want("objectives", 6, 99)] if coach else []),
            _DECISIONS,
            _found(view),
        ],
        "Tickets": [Want("hours", 3, 8), _TICKETS, _found(view)],
        "Room": [_WORDS, _DECISIONS, _OPENINGS, *([_found(view)] if height >= _TALL else [])],
        "Log": [_FEED],
    }[view]


def _with_runbook(column: list[Want], view: str) -> list[Want]:
    """The first column when the plan's steps are shown: all of them in the incident room, only the next ones
    in the overview.

    In the overview they come before the objectives, which also have a place of their own.
    """
    if view == "Room":
        return [_STEPS, *(Want(want.pane, 2, 6) for want in column)]
    if view != "Overview":
        return column
    coach = [want for want in column if want.pane == "coach"]
    return [*(want for want in column if want.pane != "coach"), _NEXT, *coach]


def _share(wants: Sequence[Want], rows: int, frame: int) -> list[tuple[str, int]]:
    """Rows of each pane, frames included, adding up to `rows`; if there is not enough space, the last
    panes are left out.
    """
    kept = list(wants)
    while len(kept) > 1 and sum(want.least + frame for want in kept) > rows:
        kept.pop()
    given = [want.least + frame for want in kept]
    left = rows - sum(given)
    while left > 0:
        open_ = [i for i, want in enumerate(kept) if given[i] - frame < want.most]
        if not open_:
            given[-1] += left
            break
        for i in open_[:left]:
            given[i] += 1
        left = rows - sum(given)
    return [(want.pane, size) for want, size in zip(kept, given, strict=True)]
