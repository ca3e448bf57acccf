"""Moments of a drill to go back to: those that the trainee has marked, and those that mark themselves."""

from dataclasses import dataclass

from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.objectives import known_milestones, shown_verdicts
from sim.drill.session.session import Session
from sim.drill.session.stops import ALERTS


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A moment with its name."""

    t_ms: int
    name: str


def bookmarks(session: Session, *, judged: bool = True) -> list[Bookmark]:
    """The start, the first alert, the first bounce, each decision, each objective decided, and one's own.

    In order of time. `judged`: the trainee sees the objectives. Only what the trainee may know is in it.
    """
    drill = session.drill
    found = [Bookmark(0, "the start"), *(Bookmark(t_ms, text) for t_ms, text in session.bookmarks)]
    first = next((one for one in drill.events if one.kind in ALERTS), None)
    if first is not None:
        found.append(Bookmark(first.t_ms + 1, "the first alert"))
    bounced_ms = known_milestones(drill).get(Milestone.BOUNCE_FIRST)
    if bounced_ms is not None:
        found.append(Bookmark(bounced_ms + 1, "the first bounce"))
    decided = {(one.t_ms, one.about) for one in drill.room.decisions}
    decided |= {(one.t_ms, one.about) for one in drill.room.judged}
    found += [Bookmark(t_ms, f"decision: {about}") for t_ms, about in decided]
    if judged:
        found += [
            Bookmark(verdict.at_ms, f"objective {verdict.state}: {one.id.replace('-', ' ')}")
            for one, verdict in shown_verdicts(drill)
            if verdict.state != "open" and verdict.at_ms is not None
        ]
    reached = [one for one in found if one.t_ms <= session.now_ms]
    return sorted(reached, key=lambda one: (one.t_ms, one.name))
