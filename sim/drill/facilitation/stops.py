"""Commands that stop the clock for everyone: at a named moment, an inject or an expected action."""

from collections.abc import Iterator
from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.drill.scenario.anchor import ALERT_OPEN, BadAnchor, parse_anchor, resolve
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.deadlines import due_ms
from sim.kernel.frozen import frozen

FORMS = "a moment (T+3h, Wed 09:30, users.told + 30m), a duration from now (30m), an inject or objective id"


def stop_reached(drill: Drill, stop: str) -> str:
    """The reason to stop now, in words; empty if `stop` has not been reached."""
    if stop in drill.scripted.states:
        state = drill.scripted.states[stop]
        return "" if state in ("to come", "held") else f"inject {stop}: {state}"
    if (objective := _objective(drill, stop)) is not None:
        return _decided(drill, objective)
    moment_ms = _moment_ms(drill, stop)
    return f"{stop}" if moment_ms is not None and moment_ms <= drill.now_ms else ""


def stop_horizon_ms(drill: Drill, stop: str) -> int | None:
    """The next moment at which `stop` is reached by time alone; None if it depends on an event, or has
    been reached.
    """
    if stop in drill.scripted.states:
        return None
    if (objective := _objective(drill, stop)) is not None:
        return min((one for one in _limits(drill, objective) if one >= drill.now_ms), default=None)
    moment_ms = _moment_ms(drill, stop)
    return moment_ms if moment_ms is not None and moment_ms > drill.now_ms else None


def _objective(drill: Drill, stop: str) -> Objective | None:
    return next((one for one in drill.scenario.objectives if one.id == stop and one.met), None)


def _decided(drill: Drill, objective: Objective) -> str:
    came = drill.milestones
    if all(one.milestone in came for one in objective.met):
        return f"{objective.id}: done"
    if any(name in came for name in objective.unless):
        return f"{objective.id}: no longer required"
    late = any(limit_ms <= drill.now_ms for limit_ms in _limits(drill, objective))
    return f"{objective.id}: overdue" if late else ""


def _limits(drill: Drill, objective: Objective) -> Iterator[int]:
    """For each action of `objective` that has not been taken, the moment from which it is overdue."""
    for one in objective.met:
        limit_ms = due_ms(one, drill.milestones)
        if limit_ms is not None and one.milestone not in drill.milestones:
            yield limit_ms + 1


def _moment_ms(drill: Drill, stop: str) -> int | None:
    """The moment that `stop` names; None while a milestone in it has not been reached. Raises BadAnchor."""
    scenario = drill.scenario
    return resolve(parse_anchor(stop), drill.milestones, scenario.starts_utc_ms, scenario.zone)


@frozen
class StopAt(TableWord):
    """Stop the clock for everyone later: at a moment, at an inject, or when an action is done or overdue."""

    at: str = arg("text", FORMS)

    words: ClassVar = ("stop", "at")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        if self.at in drill.table.stops:
            return f"the clock already stops at {self.at}; `stop off {self.at}` removes the stop"
        known = self.at in drill.scripted.states or _objective(drill, self.at) is not None
        try:
            if not known and ALERT_OPEN in self.at:
                return f"{self.at}: write {FORMS}"
            passed = stop_reached(drill, self.at)
        except BadAnchor as mistake:
            return f"{mistake}; a stop is {FORMS}"
        return f"{self.at} has passed ({passed})" if passed else ""

    def act(self, drill: Drill, by: Seated) -> str:
        drill.table.stops.append(self.at)
        drill.say("observation", by.person, f"stops the clock at {self.at}", "stop")
        open_ones = ", ".join(drill.table.stops)
        return f"the clock stops at {open_ones}"


@frozen
class StopOff(TableWord):
    """Remove a stop that was set with `stop at`."""

    at: str = arg("text", "the stop, as it was given; default: all stops", default="")

    words: ClassVar = ("stop", "off")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        stops = drill.table.stops
        if not stops:
            return "no stop is set; `stop at MOMENT` sets one"
        return "" if self.at in ("", *stops) else f"{self.at}: not a stop; choose from {', '.join(stops)}"

    def act(self, drill: Drill, by: Seated) -> str:
        gone = [self.at] if self.at else list(drill.table.stops)
        for one in gone:
            if reason := stop_reached(drill, one):
                drill.say("observation", by.person, f"the clock stops at {reason}", "stop")
            drill.table.stops.remove(one)
        return f"no longer a stop: {', '.join(gone)}"
