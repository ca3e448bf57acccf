"""Colleagues who start continuity events without notice."""

from sim.drill.drill_state import DrillState
from sim.drill.room.delays import cause_key
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.scenario import Colleague
from sim.kernel.draws import below, mix


class Colleagues:
    """The colleagues of a scenario who act in this drill, until each of them has acted."""

    def __init__(self, drill: DrillState) -> None:
        self._drill = drill
        self._waiting = [one for one in drill.scenario.colleagues if self._happens(one)]

    def schedule(self) -> None:
        """Schedule actions of colleagues once their time is known."""
        drill = self._drill
        for one in tuple(self._waiting):
            due_ms = resolve(one.at, drill.milestones, drill.scenario.starts_utc_ms, drill.scenario.zone)
            if due_ms is not None:
                self._waiting.remove(one)
                drill.at(max(due_ms, drill.now_ms), lambda one=one: self._act(one))  # type: ignore[misc]

    def _act(self, one: Colleague) -> None:
        if not any(milestone in self._drill.milestones for milestone in one.unless):
            key = cause_key(f"colleague {one.id}") if self._drill.keyed_by_cause else None
            self._drill.continuity.start(one.for_ms, one.group, by=one.by, key=key)

    def _happens(self, one: Colleague) -> bool:
        return int(below(mix(self._drill.seed, f"colleague {one.id}"), 100)[0]) < one.chance_percent
