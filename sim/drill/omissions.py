"""Decisions that were due and that nobody took. Truth is not needed: a decision is on record, or it is not.

When one is due the scenario's objectives say: pausing, the MX and another way out, each by its own limit.
What was done was decided, whether it was written down or not; who decides late has decided.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.drill.objectives import due_ms

if TYPE_CHECKING:
    from sim.drill.drill import Drill

_ABOUT = {
    "pause.decided": "pause",
    "mx.decided": "mx",
    "outbound.decided": "outbound",
    "outbound.restored": "outbound",
}
"""What a milestone that is asked for wants decided."""


@dataclass(frozen=True, slots=True)
class Omission:
    """A decision that nobody took."""

    about: str
    """`pause`, `mx`, `outbound`."""
    due_ms: int
    objective: str


def omissions(drill: "Drill") -> list[Omission]:
    """What was never decided although its moment came while the outage lasted, in order of that moment."""
    came = drill.milestones
    over_ms = min(came.get("server.reported-back", drill.now_ms), came.get("outage.end", drill.now_ms))
    decided = {one.about for one in drill.room.decisions} | {one.about for one in drill.room.judged}
    found: dict[str, Omission] = {}
    for objective in drill.scenario.objectives:
        for deadline in objective.met:
            about, due = _ABOUT.get(deadline.milestone), due_ms(deadline, came)
            if about is None or about in decided or deadline.milestone in came or due is None:
                continue
            if due < over_ms and (about not in found or due < found[about].due_ms):
                found[about] = Omission(about, due, objective.id)
    return sorted(found.values(), key=lambda one: (one.due_ms, one.about))
