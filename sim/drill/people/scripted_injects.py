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

InjectState = Literal["to come", "held", "skipped", "came", "not needed", "retracted"]

Channel = Literal["call", "ticket", "sms", "email", "post"]


class ScriptedInjects:
    """Every inject of the file with its state; each fires at most once."""

    def __init__(
        self, drill: DrillState, injects: Sequence[Inject], reach: Callable[[Milestone], None]
    ) -> None:
        """`reach`: called with a milestone that has been reached."""
        self._drill, self._reach = drill, reach
        self.as_now = {one.id: one for one in injects}
        """For each id, the inject as it will be sent: as in the file, or as edited."""
        self.states: dict[str, InjectState] = dict.fromkeys(self.as_now, "to come")
        self.came_ms: dict[str, int] = {}
        self._as_written = dict(self.as_now)
        self._passed: set[str] = set()
        """Injects that became due while they were held or skipped."""
        self._before: dict[str, tuple[int | None, tuple[int | None, int | None]]] = {}
        """For each message id: the recovery time that the message gave, and the recovery times that people
        expected before it.
        """

    def due(self, inject: Inject) -> None:
        """Called at the inject's moment: the inject is sent unless it is held, skipped, already sent or no
        longer needed.
        """
        state = self.states.get(inject.id, "to come")
        if state != "to come":
            self._passed.add(inject.id)
            return
        if any(milestone in self._drill.milestones for milestone in inject.unless):
            self.states[inject.id] = "not needed"
            return
        self.fire(inject.id)

    def fire(self, name: str) -> None:
        """Send the inject now, regardless of its moment, its condition and `unless`."""
        inject, drill = self.as_now[name], self._drill
        self.states[name], self.came_ms[name] = "came", drill.now_ms
        to = "" if inject.kind == "post" else inject.to
        drill.say(inject.kind, inject.from_, inject_text(drill, inject), inject.id, to=to)
        if inject.back_by is not None:
            start_ms, zone = drill.scenario.starts_utc_ms, drill.scenario.zone
            self.promise(name, resolve(inject.back_by, drill.milestones, start_ms, zone))
        if inject.marks:
            self._reach(MILESTONES[inject.marks])

    def set_aside(self, name: str, state: Literal["held", "skipped"]) -> None:
        """Keep the inject from being sent at its moment; one that is held is sent when it is fired."""
        self.states[name] = state

    def edit(self, name: str, text: str, to: str) -> None:
        """Send the inject with another text or addressee; an empty value leaves that part unchanged."""
        inject = self.as_now[name]
        self.as_now[name] = inject.model_copy(update={"text": text or inject.text, "to": to or inject.to})

    def promise(self, name: str, back_by_ms: int | None) -> None:
        """Record the recovery time, right or wrong, that a message has given."""
        room = self._drill.room
        self._before[name] = back_by_ms, (room.back_by_ms, room.sure_by_ms)
        room.back_by_ms, room.sure_by_ms = back_by_ms, None

    def take_back(self, name: str) -> None:
        """Cancel the recovery time that a message gave, unless people have been given another one since."""
        room = self._drill.room
        given_ms, before = self._before.pop(name, (None, (None, None)))
        if given_ms is not None and room.back_by_ms == given_ms:
            room.back_by_ms, room.sure_by_ms = before

    def write(self, inject: Inject) -> None:
        """Add a new inject, to be sent later."""
        self.as_now[inject.id] = self._as_written[inject.id] = inject
        self.states[inject.id] = "to come"

    def no_undo(self, name: str) -> str:
        """The reason, in words, why an inject cannot be undone; empty if it can."""
        state, inject = self.states[name], self.as_now[name]
        if state in ("retracted", "not needed"):
            return f"{name} is {state}"
        if state == "came":
            return f"{name} has reached {inject.marks}; `rewind` goes back before it" if inject.marks else ""
        if name in self._passed:
            return f"the moment of {name} has passed; `inject fire {name}` sends it now"
        if state == "to come" and inject == self._as_written[name]:
            return f"{name} is still to come as written in the script; `inject skip {name}` leaves it out"
        return ""

    def undo(self, name: str) -> InjectState:
        """Retract an inject that has been sent, or restore it to the script as written; returns its state
        before.
        """
        before = self.states[name]
        if before != "came":
            self.as_now[name], self.states[name] = self._as_written[name], "to come"
            return before
        inject = self.as_now[name]
        self.states[name] = "retracted"
        to = "" if inject.kind == "post" else inject.to
        self.retract(inject.kind, inject.from_, self.came_ms[name], to)
        self.take_back(name)
        return before

    def retract(self, kind: Channel, sender: str, came_ms: int, to: str) -> None:
        """Have the sender take back a message, over the same channel and to the same addressee."""
        when = self._drill.clock(came_ms)
        to_whom = f"to {to.replace('-', ' ')}: " if to else ""
        told = f"{to_whom}Please disregard my message of {when}: it was sent by mistake."
        self._drill.say(kind, sender, told, "retraction", to=to)
