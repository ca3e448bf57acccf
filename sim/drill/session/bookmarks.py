"""Moments of a drill to return to: the trainee's bookmarks, and automatic ones."""

from sim.drill.commands.grammar import BadCommand, parse
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.objectives import known_milestones, shown_verdicts
from sim.drill.session.session import Session
from sim.drill.session.stops import ALERTS
from sim.kernel.frozen import frozen


@frozen
class Bookmark:
    """A moment with its name."""

    t_ms: int
    name: str


def _decisions(session: Session) -> list[tuple[int, str]]:
    """For each command with a decision: the time at which it was given, and its text."""
    found: list[tuple[int, str]] = []
    for event in session.drill.events:
        at_once = event.kind in {"done", "note"} and event.ref not in [text for _, text in found]
        if (event.kind == "command" or at_once) and _decides(event.ref):
            found.append((event.t_ms, event.ref))
    return found


def _decides(text: str) -> bool:
    try:
        return parse(text).decides() is not None
    except BadCommand:
        return False  # an event about something else


def bookmarks(session: Session, *, judged: bool = True) -> list[Bookmark]:
    """The start, the first alert and bounce, moments just before decisions, the verdicts on objectives, the
    trainee's own bookmarks.

    In chronological order, and only facts that the trainee may know. `judged`: the trainee sees the
    objectives.
    """
    drill = session.drill
    found = [Bookmark(0, "the start"), *(Bookmark(t_ms, text) for t_ms, text in session.bookmarks)]
    first = next((one for one in drill.events if one.kind in ALERTS), None)
    if first is not None:
        found.append(Bookmark(first.t_ms + 1, "the first alert"))
    bounced_ms = known_milestones(drill).get(Milestone.BOUNCE_FIRST)
    if bounced_ms is not None:
        found.append(Bookmark(bounced_ms + 1, "the first bounce"))
    found += [Bookmark(max(0, t_ms - 1), f"before `{text}`") for t_ms, text in _decisions(session)]
    if judged:
        found += [
            Bookmark(verdict.at_ms, f"objective {verdict.state}: {one.id.replace('-', ' ')}")
            for one, verdict in shown_verdicts(drill)
            if verdict.state != "open" and verdict.at_ms is not None
        ]
    reached = [one for one in found if one.t_ms <= session.now_ms]
    return sorted(reached, key=lambda one: (one.t_ms, one.name))
