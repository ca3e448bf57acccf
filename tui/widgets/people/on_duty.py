"""Staff and their tasks; current alerts; objectives."""

from collections.abc import Sequence

from sim.drill.snapshot.console import AlertView, ObjectiveView, PersonView
from tui.painting.number_format import left_text, spaced, span_text
from tui.painting.places import key_of
from tui.painting.rows import Page, Row, cut, left, right, spread, text_of, whole_words, width_of, wrap
from tui.painting.view import View

_ROLE, _BOTH = 18, 36
"""Width, in cells, of a role, and of a name with a role."""
_ALERT = 20
"""Width, in cells, of an alert's source."""
_NAMED = 64
"""Width from which names precede the roles, because the feed uses names."""


def draw_people(view: View, width: int, height: int) -> Page:
    """A row for each person: name or role, task, remaining time."""
    people = view.snapshot.people
    shown = people if len(people) <= height else people[: height - 1]
    rows = [_person(person, view.snapshot.t_ms, width) for person in shown]
    if len(shown) < len(people):
        rows.append(((f"{len(people) - len(shown)} more: press {key_of('People')}", "dim"),))
    return Page("People", rows)


def draw_staff(view: View, width: int, height: int) -> Page:
    """All staff; below each person, as far as it fits: a long command, working hours, busy since, next
    tasks.
    """
    for told in (_more, _if_busy, _then):
        rows = [row for one in view.snapshot.people for row in _with_more(view, one, told(view, one), width)]
        if len(rows) <= height:
            return Page("People", rows)
    return draw_people(view, width, height)


def _with_more(view: View, person: PersonView, more: str, width: int) -> list[Row]:
    head = _person(person, view.snapshot.t_ms, width)
    rows = [head]
    if person.doing and person.doing not in text_of(head):
        rows += [((f"    {line}", ""),) for line in wrap(person.doing, width - 4)]
    return [*rows, *(((f"    {line}", "dim"),) for line in wrap(more, width - 4) if line)]


def _if_busy(view: View, person: PersonView) -> str:
    return _more(view, person) if person.doing or not person.at_work else ""


def _then(view: View, person: PersonView) -> str:
    return f"then: {'; '.join(person.then)}" if person.then else ""


def _more(view: View, person: PersonView) -> str:
    now = view.snapshot.t_ms
    told = [person.hours or "around the clock"]
    if not person.at_work:
        told.append("not at work now")
    if person.since_ms is not None:
        told.append(f"busy since {view.local.short(person.since_ms, now)}")
    if person.doing and person.free_at_ms is not None:
        told.append(f"free at {view.local.short(person.free_at_ms, now)}")
    if person.then:
        told.append(_then(view, person))
    return ", ".join(told)


def _person(person: PersonView, now_ms: int, width: int) -> Row:
    """In narrow panes only the role, and the name of a person who is free."""
    role, named = person.role.replace("-", " "), width >= _NAMED
    label = left(f"{person.name}, {role}", _BOTH) if named else left(role, _ROLE)
    start: Row = ((label, ""),)
    if not person.doing:
        free = ("○ free", "dim") if person.at_work else ("◌ not at work", "dim")
        row: Row = (*start, free)
        name: Row = ((f"  {person.name}", "dim"),)
        return row if named or width_of(row) + width_of(name) > width else spread(row, name, width)
    if person.done_at_ms is None:
        end: Row = ((" end unknown" if named else "      ?", "warn"),)
    else:
        left_ms = person.done_at_ms - now_ms
        end = ((f" {left_text(left_ms):>6}" + (" left" if named else ""), "strong"),)
    begun: Row = (*start, ("● ", "warn"))
    doing = whole_words(person.doing, width - width_of(begun) - width_of(end))
    return spread((*begun, (doing, "")), end, width)


def draw_alerts(view: View, width: int, height: int) -> Page:
    """A row for each alert whose cause persists: acknowledged or not, age, validity of its link.

    Open alerts come first, and a link gets a row of its own only if every alert has one.
    """
    now = view.snapshot.t_ms
    rows: list[Row] = []
    alerts = sorted(view.snapshot.alerts, key=lambda alert: alert.acknowledged)[:height]
    room = height - len(alerts)
    ages = [span_text(now - alert.since_ms) for alert in alerts]
    links = [_validity(view, alert) for alert in alerts]
    cells = max(map(len, ages), default=0)
    needed = 2 + _ALERT + cells + len(" old open ") + max(map(len, links), default=0)
    old = " old " if needed <= width else " "
    for alert, age, link in zip(alerts, ages, links, strict=True):
        glyph, word, role = ("✓ ", "ack", "good") if alert.acknowledged else ("! ", "open", "bad")
        name = left(alert.source, _ALERT)
        row: Row = ((glyph, role), (name, "strong"), (right(age, cells) + old, "dim"), (left(word, 5), role))
        beside = width_of(row) + len(link) <= width
        rows.append((*row, (link, "dim")) if beside else row)
        if link and not beside and room > 0:
            rows.append(((f"  {link}", "dim"),))
            room -= 1
    none = [((line, "dim"),) for line in wrap(_none_open(view), width)[:height]]
    return Page("Alerts", rows or none)


def _validity(view: View, alert: AlertView) -> str:
    """The validity of an alert's link; empty if it has none."""
    now, valid_ms = view.snapshot.t_ms, alert.link_valid_until_ms
    if valid_ms is None:
        return ""
    return f"link until {view.local.short(valid_ms, now)}" if valid_ms > now else "link expired"


def _none_open(view: View) -> str:
    """The text when there is no alert to acknowledge: none yet, or the last message of a monitor.

    That message may be an alert whose SMS is still on its way, or report that an alert is over.
    """
    said = (entry.event for entry in view.entries if entry.event.kind == "monitor")
    last = next((event for event in said if event.source.endswith("Monitor")), None)
    if last is None:
        return "none yet"
    when = view.local.day_clock(last.t_ms, view.snapshot.t_ms)
    return f"none to acknowledge; latest from {last.source}, {when}: {last.text}"


_ONE_LINE = 56
"""Width from which an objective and its lesson share a row."""
_STATES = {
    "late": ("!", "bad"),
    "open": ("○", "warn"),
    "missed": ("!", "bad"),
    "failed": ("✗", "bad"),
    "met": ("✓", "good"),
}
"""(glyph, role) for each state, the most urgent first."""


def draw_coach(view: View, width: int, height: int) -> Page:
    """Objectives of a guided drill, open ones first, each with its lesson; with their limits if all of
    them fit.
    """
    objectives = sorted(view.snapshot.objectives, key=lambda one: tuple(_STATES).index(one.state))
    whole = [row for one in objectives for row in _objective(view, one, width, limits=True)]
    rows = whole if len(whole) <= height else _as_many(view, objectives, width, height)
    return Page("Objectives", rows or [(("none in this drill", "dim"),)], _score(objectives))


def draw_objectives(view: View, width: int, height: int) -> Page:
    """All objectives with their limits."""
    objectives = sorted(view.snapshot.objectives, key=lambda one: tuple(_STATES).index(one.state))
    rows = [row for one in objectives for row in _objective(view, one, width, limits=True)]
    return Page("Objectives", rows or [(("none in this drill", "dim"),)], _score(objectives))


def _as_many(view: View, objectives: Sequence[ObjectiveView], width: int, height: int) -> list[Row]:
    rows: list[Row] = []
    if sum(len(_objective(view, one, width, limits=False)) for one in objectives) > height >= len(objectives):
        return [cut(_objective(view, one, width, limits=False)[0], width) for one in objectives]
    for number, objective in enumerate(objectives):
        added = _objective(view, objective, width, limits=False)
        last = number == len(objectives) - 1
        if len(rows) + len(added) > (height if last else height - 1):
            rows.append(((f"{len(objectives) - number} more: press {key_of('People')}", "dim"),))
            break
        rows += added
    return rows


def _score(objectives: Sequence[ObjectiveView]) -> Row:
    counted = [
        (word, sum(one.state == word for one in objectives)) for word in ("met", "failed", "late", "missed")
    ]
    parts = [f"{number} {word}" for word, number in counted if number or word in ("met", "failed")]
    return (("  ".join([*parts, f"{len(objectives) - sum(n for _, n in counted)} open"]), "dim"),)


def _objective(view: View, objective: ObjectiveView, width: int, *, limits: bool) -> list[Row]:
    glyph, role = _STATES[objective.state]
    when = "" if objective.at_ms is None else view.local.short(objective.at_ms, view.snapshot.t_ms)
    if objective.state == "late":
        when = f"late {when}".rstrip()
    limit = f" ({objective.limit})" if limits and objective.limit else ""
    asked = spaced(objective.learns + limit)
    name = objective.id.replace("-", " ").ljust(20)
    mark = role if objective.state == "late" else "dim"
    if width < _ONE_LINE:
        head: Row = ((f"{glyph} ", role), (name, ""), (f" {when:>9}", mark))
        return [head, *((("  " + line, "dim"),) for line in wrap(asked, width - 2))]
    room = width - 3 - len(name) - (len(when) + 1)
    lines = wrap(asked, room)
    first: Row = ((f"{glyph} ", role), (name + " ", ""), (left(lines[0], room), "dim"), (f" {when}", mark))
    return [first, *(((" " * (3 + len(name)) + line, "dim"),) for line in lines[1:])]
