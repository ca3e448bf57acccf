"""The injects of a scenario: how they reach people, and how a facilitator holds, skips, edits or fires
them.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from sim.drill.drill_state import DrillState
from sim.drill.people.ticket_texts import inject_text
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.scenario import Inject

InjectState = Literal["to come", "held", "skipped", "came", "not needed"]


class ScriptedInjects:
    """Every inject of the file with its state; each fires at most once."""

    def __init__(
        self, drill: DrillState, injects: Sequence[Inject], reach: Callable[[Milestone], None]
    ) -> None:
        """`reach`: called when a milestone has been reached."""
        self._drill, self._reach = drill, reach
        self.as_now = {one.id: one for one in injects}
        """Each inject as it is sent, by its id: as in the file, or as edited."""
        self.states: dict[str, InjectState] = dict.fromkeys(self.as_now, "to come")
        self.came_ms: dict[str, int] = {}

    def due(self, inject: Inject) -> None:
        """Its moment has come: it is sent, unless it is held or skipped, was sent earlier or is not
        needed.
        """
        state = self.states.get(inject.id, "to come")
        if state != "to come":
            return
        if any(milestone in self._drill.milestones for milestone in inject.unless):
            self.states[inject.id] = "not needed"
            return
        self.fire(inject.id)

    def fire(self, name: str) -> None:
        """Send it now, whatever its moment, its condition or `unless`."""
        inject, drill = self.as_now[name], self._drill
        self.states[name], self.came_ms[name] = "came", drill.now_ms
        to = "" if inject.kind == "post" else inject.to
        drill.say(inject.kind, inject.from_, inject_text(drill, inject), inject.id, to=to)
        if inject.back_by is not None:
            start_ms, zone = drill.scenario.starts_utc_ms, drill.scenario.zone
            drill.room.back_by_ms = resolve(inject.back_by, drill.milestones, start_ms, zone)
            drill.room.sure_by_ms = None
        if inject.marks:
            self._reach(MILESTONES[inject.marks])

    def set_aside(self, name: str, state: Literal["held", "skipped"]) -> None:
        """Do not send it at its moment; a held one waits until it is fired."""
        self.states[name] = state

    def edit(self, name: str, text: str, to: str) -> None:
        """Send it with another text or addressee; an empty value leaves it unchanged."""
        inject = self.as_now[name]
        self.as_now[name] = inject.model_copy(update={"text": text or inject.text, "to": to or inject.to})
