"""Commands that steer the scripted injects: fire, hold, skip, edit, undo, write."""

import re
from typing import ClassVar

from pydantic import ValidationError

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.voices import CHANNELS, LIVE, Channel
from sim.drill.facilitation.word import TableWord
from sim.drill.people.scripted_injects import Channel as AnyChannel
from sim.drill.room.events import Event
from sim.drill.room.table_record import Seated
from sim.drill.scenario.scenario import Inject
from sim.kernel.duration import format_duration
from sim.kernel.frozen import frozen

_SENT = frozenset({"came", "retracted"})
_NUMBER = re.compile(r"#?(\d{1,9})", re.ASCII)


@frozen
class _OfInject(TableWord):
    """A command about one inject of the scenario."""

    inject: str = arg("word", "the inject's id")

    def refusal(self, drill: Drill, by: Seated) -> str:
        states = drill.scripted.states
        if self.inject not in states:
            known = ", ".join(name for name, state in states.items() if state not in _SENT) or "none"
            return f"{self.inject}: no such inject; choose from {known}"
        if self.inject in drill.scripted.came_ms:
            return f"{self.inject} fired at {drill.clock(drill.scripted.came_ms[self.inject])}"
        return ""

    def _tell(self, drill: Drill, by: Seated, what: str) -> str:
        told = f"{what} the inject {self.inject}"
        drill.say("observation", by.person, told, self.inject)
        return told


@frozen
class InjectFire(_OfInject):
    """Fire an inject now."""

    words: ClassVar = ("inject", "fire")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        told = self._tell(drill, by, "fires")
        drill.scripted.fire(self.inject)
        return told


@frozen
class InjectHold(_OfInject):
    """Hold back an inject until you fire it."""

    words: ClassVar = ("inject", "hold")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.set_aside(self.inject, "held")
        return self._tell(drill, by, "holds")


@frozen
class InjectSkip(_OfInject):
    """Skip an inject."""

    words: ClassVar = ("inject", "skip")
    givers: ClassVar = "facilitator"

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.set_aside(self.inject, "skipped")
        return self._tell(drill, by, "skips")


@frozen
class InjectEdit(_OfInject):
    """Change the text or the addressee of an inject before it fires."""

    to: str = arg("word", "another addressee: a staff role or a seat", key="to", default="")
    text: str = arg("text", "another text, in quotes or to the end of the line", key="text", default="")

    words: ClassVar = ("inject", "edit")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        why = _OfInject.refusal(self, drill, by)
        return why or ("" if self.to or self.text else "write to= or text=")

    def act(self, drill: Drill, by: Seated) -> str:
        drill.scripted.edit(self.inject, self.text, self.to)
        return self._tell(drill, by, "edits")


@frozen
class InjectUndo(_OfInject):
    """Undo a change to an inject, so that it fires as written, or retract an inject that has fired."""

    inject: str = arg("word", "the inject's id, or the event number of one that you sent with `say`")

    words: ClassVar = ("inject", "undo")
    givers: ClassVar = "facilitator"

    def _said(self, drill: Drill) -> Event | None:
        """The live inject with that event number."""
        number = _NUMBER.fullmatch(self.inject)
        at = int(number[1]) if number is not None else len(drill.events)
        event = drill.events[at] if at < len(drill.events) else None
        return event if event is not None and event.ref == LIVE and event.kind in CHANNELS else None

    def refusal(self, drill: Drill, by: Seated) -> str:
        if (said := self._said(drill)) is not None:
            return "it has been retracted" if said.seq in drill.table.retracted else ""
        if self.inject in drill.scripted.states:
            return drill.scripted.no_undo(self.inject)
        return _OfInject.refusal(self, drill, by)

    def act(self, drill: Drill, by: Seated) -> str:
        if (said := self._said(drill)) is None:
            before = drill.scripted.undo(self.inject)
            return self._tell(drill, by, "retracts" if before in _SENT else "undoes the change to")
        drill.table.retracted.add(said.seq)
        drill.scripted.retract(_channel(said), said.source, said.t_ms, said.to)
        drill.scripted.take_back(f"#{said.seq}")
        drill.say("observation", by.person, f"retracts the live inject #{said.seq}", LIVE)
        return f"retracts #{said.seq}"


def _channel(said: Event) -> AnyChannel:
    return next(one for one in CHANNELS if one == said.kind)


@frozen
class InjectWrite(TableWord):
    """Write an inject that fires later; until then it can be changed like the injects in the script."""

    inject: str = arg("word", "a new id: lower-case letters, digits and hyphens")
    speaker: str = arg("word", "the name or role of the sender, in quotes if it has spaces", key="as")
    to: str = arg("word", "a seat or a staff role", key="to")
    in_ms: int = arg("duration", "the time until it fires", key="in", example="30m")
    text: str = arg("text", "the text, in quotes or to the end of the line", key="text")
    by: Channel = arg(
        "choice",
        "the channel; default: call",
        choices=tuple(one for one in CHANNELS if one != "post"),
        key="by",
        default="call",
    )

    words: ClassVar = ("inject", "write")
    givers: ClassVar = "facilitator"

    def _made(self, drill: Drill) -> Inject | str:
        """The inject, or the mistake in it."""
        at = f"T+{format_duration(drill.now_ms + self.in_ms)}"
        fields = {"id": self.inject, "kind": self.by, "at": at, "from": self.speaker, "to": self.to}
        try:
            return Inject.model_validate({**fields, "text": self.text})
        except ValidationError as mistake:
            first = mistake.errors()[0]
            return f"`{'.'.join(map(str, first['loc']))}` {first['msg'].removeprefix('Value error, ')}"

    def refusal(self, drill: Drill, by: Seated) -> str:
        if self.inject in drill.scripted.states:
            return f"{self.inject} is in the script; choose another id"
        known = [*drill.table.people, *dict.fromkeys(one.person.role for one in drill.staff.desks)]
        if self.to not in known:
            return f"to={self.to}: neither a taken seat nor a role; write {', '.join(known)}"
        made = self._made(drill)
        return made if isinstance(made, str) else ""

    def act(self, drill: Drill, by: Seated) -> str:
        made = self._made(drill)
        assert isinstance(made, Inject)  # otherwise it would have been refused
        drill.scripted.write(made)
        drill.at(drill.now_ms + self.in_ms, lambda: drill.inject(made))
        told = f"writes the inject {made.id}, which fires at {drill.clock(drill.now_ms + self.in_ms)}"
        drill.say("observation", by.person, told, made.id)
        return told
