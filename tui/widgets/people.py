"""Who is there and what they are doing; alerts that stand; objectives that are open."""

from collections.abc import Sequence

from sim.drill.snapshot import ObjectiveView, PersonView
from tui.figures import in_words
from tui.rows import Page, Row, left, spread, wrap
from tui.view import View


def draw_people(view: View, width: int, height: int) -> Page:
    """A row a person: role, what they do, how long yet."""
    people = view.snapshot.people
    shown = people if len(people) <= height else people[: height - 1]
    rows = [_person(person, view.snapshot.t_ms, width) for person in shown]
    if len(shown) < len(people):
        rows.append(((f"{len(people) - len(shown)} more: press 4", "dim"),))
    return Page("People", rows)


def _person(person: PersonView, now_ms: int, width: int) -> Row:
    role = person.role.replace("-", " ")
    label = f"{person.name}, {role}" if width >= 70 else role
    start: Row = ((left(label, 36 if width >= 70 else 17), ""),)
    if not person.doing:
        return (*start, ("○ free", "dim"))
    end: Row = ((f" {in_words(person.free_at_ms - now_ms):>6}" + (" left" if width >= 70 else ""), "strong"),)
    return spread((*start, ("● ", "warn"), (person.doing, "")), end, width)


def draw_alerts(view: View, width: int, height: int) -> Page:
    """A row an alert: acknowledged or not, its age, how long its link is valid."""
    now = view.snapshot.t_ms
    rows: list[Row] = []
    for alert in view.snapshot.alerts[-height:]:
        glyph, word, role = ("✓ ", "ack", "good") if alert.acknowledged else ("! ", "open", "bad")
        valid = alert.link_valid_until_ms
        link = ""
        if valid is not None:
            link = f"link until {view.local.day_clock(valid)}" if valid > now else "link expired"
        age = f"{in_words(now - alert.since_ms):>6} old "
        rows.append(
            (
                (glyph, role),
                (left(alert.source, 20), "strong"),
                (age, "dim"),
                (left(word, 5), role),
                (link, "dim"),
            )
        )
    return Page("Alerts", rows or [(("none so far", "dim"),)])


_ONE_LINE = 56
"""Width from which on an objective and what it teaches stand side by side."""
_STATES = {"open": ("○", "warn"), "met": ("✓", "good"), "failed": ("✗", "bad")}


def draw_coach(view: View, width: int, height: int) -> Page:
    """Guided drills: what is asked, open objectives first, each with what it teaches."""
    objectives = view.snapshot.objectives
    order = sorted(objectives, key=lambda o: ("open", "failed", "met").index(o.state))
    rows: list[Row] = []
    for number, objective in enumerate(order):
        added = _objective(view, objective, width)
        last = number == len(order) - 1
        if len(rows) + len(added) > (height if last else height - 1):
            rows.append(((f"{len(order) - number} more: press 4", "dim"),))
            break
        rows += added
    return Page("Objectives", rows or [(("none in this drill", "dim"),)], _score(objectives))


def _score(objectives: Sequence[ObjectiveView]) -> Row:
    met = sum(objective.state == "met" for objective in objectives)
    failed = sum(objective.state == "failed" for objective in objectives)
    return ((f"{met} met  {failed} failed  {len(objectives) - met - failed} open", "dim"),)


def _objective(view: View, objective: ObjectiveView, width: int) -> list[Row]:
    glyph, role = _STATES[objective.state]
    when = "" if objective.at_ms is None else view.local.day_clock(objective.at_ms)
    name = left(objective.id.replace("-", " "), 20)
    if width < _ONE_LINE:
        head: Row = ((f"{glyph} ", role), (name, ""), (f" {when:>9}", "dim"))
        return [head, *((("  " + line, "dim"),) for line in wrap(objective.learns, width - 2))]
    room = width - 3 - len(name) - (len(when) + 1)
    lines = wrap(objective.learns, room)
    first: Row = ((f"{glyph} ", role), (name + " ", ""), (left(lines[0], room), "dim"), (f" {when}", "dim"))
    return [first, *(((" " * (3 + len(name)) + line, "dim"),) for line in lines[1:])]
