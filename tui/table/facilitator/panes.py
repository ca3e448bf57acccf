"""The panes of the facilitator's screen: pure functions from the state of an exercise to rows of text."""

from collections.abc import Callable, Sequence

from sim.drill.room.table_record import FACILITATOR
from sim.kernel.duration import drill_time, in_words
from sim.table.looks import SeatLook, SeatView
from sim.table.running import ScriptRow
from sim.table.truth import Truth
from tui.painting.rows import Page, Row, left, shorten, wrap
from tui.table.facilitator.station import AWAY, request_line

Clock = Callable[[int], str]
"""Function that returns a time in ms as local time: `Mon 14:05`."""
TRUTH = " ! #"
"""Marks a line that seats do not see."""
SEAT_COLUMNS = 18
"""Width in columns that a seat needs if several seats share a row."""
MOST_NOTICED = 3
"""Maximum number of rows for a question or reply above the keys."""
_STATE_ROLES = {
    "overdue": "bad", "done late": "warn", "held": "warn", "skipped": "dim", "came": "dim",
    "done": "good", "not needed": "dim", "retracted": "dim", "no longer required": "dim",
}  # fmt: skip
_OVER = frozenset({"came", "done", "done late", "skipped", "not needed", "retracted", "no longer required"})


def header(
    look: SeatLook, title: str, clock: Clock, width: int, *, jumping: bool = False, emergency: bool = False
) -> Row:
    """The top row: `EXERCISE`, the title, both clocks and the pace."""
    pace, role = f"×{look.speed:g}", "bar-dim"
    if jumping:
        pace, role = "advancing …", "bar-warn"
    elif emergency:
        pace, role = "REAL EMERGENCY (go)", "exercise"
    elif look.snapshot.ended:
        pace, role = "ENDED", "bar-warn"
    elif look.frozen:
        pace, role = "STOPPED (go)", "bar-warn"
    now_ms = look.snapshot.t_ms
    told = f" {clock(now_ms)}  {drill_time(now_ms)}  "
    room = max(0, width - len(told) - len(pace) - 14)
    return (
        (" EXERCISE ", "exercise"),
        (f" {shorten(title, room)} ", "bar-strong"),
        (told, "bar"),
        (f"{pace} ", role),
    )


def feed(lines: Sequence[str], title: str, width: int, height: int, scroll: int) -> Page:
    """The last lines, the newest at the bottom; `scroll`: rows scrolled back."""
    rows: list[Row] = []
    needed = height + scroll
    for line in reversed(lines):
        if len(rows) >= needed:
            break
        role = "warn" if TRUTH in line[:16] else "bad" if line.startswith("refused") else ""
        rows[:0] = [((text, role),) for text in wrap(line, width)]
    shown = rows[max(0, len(rows) - needed) : len(rows) - scroll or None]
    aside: Row = ((f"{scroll} newer", "warn"),) if scroll else ()
    return Page(title, shown[-height:], aside)


def truth(told: Truth, clock: Clock, width: int) -> Page:
    """Figures of the world, and each fault of the story."""
    rows: list[Row] = [
        (
            (f"{told.users_without_mail:,}", "strong"), (" users without mail  ", "dim"),
            (f"{told.users_in_part:,}", "strong"), (" without gateway", "dim"),
        ),
        (
            ("inbound ", "dim"),
            (f"{told.at_senders:,}", "strong"), (" at senders  ", "dim"),
            (f"{told.queue + told.elsewhere:,}", "strong"), (" queued  ", "dim"),
            (f"{told.lost:,}", "strong"), (" lost", "dim"),
        ),
        (
            ("outbound ", "dim"),
            (f"{told.outbound_queued:,}", "strong"), (" queued  ", "dim"),
            (f"{told.outbound_lost:,}", "strong"), (" lost", "dim"),
        ),
    ]  # fmt: skip
    roles = {"in force": "bad", "to come": "warn", "over": "dim"}
    for one in told.faults:
        span = f"{clock(one.from_ms)} - {clock(one.until_ms)}"
        text = f"{one.state}: {one.id}, {one.fault}, {span}, {in_words(one.until_ms - one.from_ms)}"
        rows.append(((shorten(text, width), roles[one.state]),))
    return Page("The truth", rows)


def seats(look: SeatLook, away: Callable[[str], bool], width: int, height: int) -> Page:
    """Each seat with its person, marked if `away` says that their client has gone; and open requests.

    If these need more than `height` rows, the players' seats share rows, and the facilitator's seat is left
    out.
    """
    waiting = [one for one in look.requests if one.state == "open"]
    asked: list[Row] = [((shorten(request_line(one), width), "warn"),) for one in waiting]
    rows: list[Row] = [_seat(one, away, width, 12) for one in look.seats]
    if len(rows) + len(asked) > height:
        players = [one for one in look.seats if one.name != FACILITATOR]
        across = max(1, min(-(-len(players) // max(1, height - min(1, len(asked)))), width // SEAT_COLUMNS))
        cell = width // across
        cells = [_seat(one, away, cell - 1, 10) for one in players]
        rows = [_side_by_side(cells[at : at + across], cell) for at in range(0, len(cells), across)]
    return Page("Seats", [*rows, *asked], (("a request is open", "warn"),) if waiting else ())


def _seat(one: SeatView, away: Callable[[str], bool], width: int, name_width: int) -> Row:
    gone = away(one.name)
    room = width - name_width
    person = f"{shorten(one.person, room - len(AWAY))}{AWAY}" if gone else one.person or "simulator"
    role = "warn" if gone else "" if one.person else "dim"
    return ((left(one.name, name_width), "title"), (shorten(person, room), role))


def _side_by_side(cells: Sequence[Row], width: int) -> Row:
    """The cells side by side in one row, each padded with spaces to `width`."""
    parts: list[tuple[str, str]] = []
    for cell in cells:
        gap = width - sum(len(text) for text, _role in cell)
        parts += [*cell, (" " * gap, "")]
    return tuple(parts)


def notice(questions: Sequence[str], replies: Sequence[str], width: int) -> list[Row]:
    """Rows above the keys: an open question, otherwise the latest reply while something covers the feed."""
    if questions:
        more, text, role = len(questions) - 1, questions[0], "bar-warn"
    elif replies:
        more, text, role = len(replies) - 1, replies[-1], "bar-strong"
    else:
        return []
    text += f"  ({more} more; Esc shows all)" if more else ""
    return [((f" {row}", role),) for row in wrap(text, width - 1)[:MOST_NOTICED]]


def plain(links: Sequence[str], width: int) -> list[str]:
    """Links to be copied, each in one row without a frame; if it is too long, its label is in the row
    above.
    """
    rows: list[str] = []
    for link in links:
        label, _, way = link.partition(": ")
        parts = [link] if len(link) <= width or not way else [f"{label}:", *way.split("  ")]
        rows += [part[at : at + width] for part in parts for at in range(0, len(part), width)]
    return rows


def script(rows: Sequence[ScriptRow], clock: Clock, width: int, height: int) -> Page:
    """Injects and expected actions: overdue ones first, then the next ones, then past ones, the latest
    first.
    """
    overdue = [one for one in rows if one.state == "overdue"]
    ahead = [one for one in rows if one.state not in _OVER and one.state != "overdue"]
    over = [one for one in rows if one.state in _OVER]
    shown = [*overdue, *ahead, *reversed(over)][:height]
    aside: Row = ((f"{len(overdue)} overdue", "bad"),) if overdue else ()
    return Page("The script as it runs", [_script_row(one, clock, width) for one in shown], aside)


def _script_row(one: ScriptRow, clock: Clock, width: int) -> Row:
    moment_ms = one.due_ms if one.at_ms is None else one.at_ms
    when = clock(moment_ms) if moment_ms is not None else one.waits_for or "-"
    state = one.state.upper() if one.state == "overdue" else one.state
    to = f" [{one.to}]" if one.to else ""
    what = f"{one.id}{to}: {one.text}"
    return (
        (left(when, 16) + " ", "dim"),
        (left(state, 10) + " ", _STATE_ROLES.get(one.state, "")),
        (shorten(what, width - 28), ""),
    )
