"""Commands that insert, change, lengthen or end faults during an exercise."""

from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from pydantic import ValidationError

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.drill.scenario.fault import STEPS, Fault
from sim.drill.scenario.fault_kinds import FAULT_KINDS
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import format_duration, in_words
from sim.kernel.frozen import frozen

OVER = "the outage is over, so its faults can no longer change; end the exercise with `endex`"
FAILURES_OF: Mapping[str, tuple[str, ...]] = {
    one.component: tuple(kind.failure for kind in FAULT_KINDS.values() if kind.component == one.component)
    for one in FAULT_KINDS.values()
}
"""The kinds of failure that can be inserted, by component."""
FAILURES = tuple(dict.fromkeys(chain.from_iterable(FAILURES_OF.values())))


def _over(drill: Drill) -> str:
    return OVER if Milestone.OUTAGE_END in drill.milestones else ""


def _too_late(drill: Drill, until_ms: int) -> str:
    if until_ms <= drill.latest_ms:
        return ""
    left = in_words((drill.latest_ms - drill.now_ms) // 60_000 * 60_000) or "0 s"
    ends = drill.clock(drill.latest_ms)
    return f"the drill ends at {ends} at the latest; the fault can last at most {left} from now"


def _named(drill: Drill, fault: str) -> Fault | None:
    """The fault with that id that is in force or still to come."""
    return next(
        (one for one in drill.scenario.timeline if one.id == fault and one.until_ms > drill.now_ms), None
    )


def _unknown(drill: Drill, fault: str) -> str:
    open_ones = [one.id for one in drill.scenario.timeline if one.until_ms > drill.now_ms]
    return f"{fault}: no such current or planned fault; choose from {', '.join(open_ones) or 'none'}"


def _changed(fault: Fault, **fields: Any) -> Fault | str:
    """`fault` with the given fields changed, checked; or the mistake in them."""
    try:
        other = Fault.model_validate(fault.model_copy(update=fields).model_dump(mode="json", by_alias=True))
    except ValidationError as mistake:
        return _told(mistake)
    return other.model_copy(update={key: value for key, value in fields.items() if key.endswith("_ms")})


def _told(mistake: ValidationError) -> str:
    first = mistake.errors()[0]
    where = ".".join(str(one) for one in first["loc"])
    return f"{f'`{where}` ' if where else ''}{first['msg'].removeprefix('Value error, ')}"


@frozen
class FaultInsert(TableWord):
    """Insert a fault that begins now or later."""

    component: str = arg("choice", "the component that fails", choices=tuple(FAILURES_OF))
    failure: str = arg("choice", "how it fails", choices=FAILURES)
    for_ms: int = arg("duration", "how long it lasts", key="for")
    in_ms: int | None = arg("duration", "the time until it begins; default: now", key="in", default=None)
    share: str = arg("word", "affected share, 1 to 100 percent; default: all", key="share", default="")
    per_ms: int | None = arg(
        "duration", "processing time of a message, if it is slow", key="per", default=None
    )
    up_ms: int | None = arg("duration", "time over which it grows to that value", key="up", default=None)
    direction: str = arg(
        "choice",
        "affected mail, for the gateway; default: both",
        choices=("inbound", "outbound"),
        key="direction",
        default="",
    )
    hosts: str = arg(
        "choice", "affected MX hosts of the gateway; default: both", choices=("one",), key="hosts", default=""
    )
    console: str = arg(
        "choice",
        "state of the gateway's console; default: as usual for the fault",
        choices=("unreachable", "slow", "stale", "works"),
        key="console",
        default="",
    )
    access: str = arg(
        "choice",
        "users' access to their mailboxes; default: as usual",
        choices=("lost", "kept"),
        key="access",
        default="",
    )

    words: ClassVar = ("fault", "insert")
    givers: ClassVar = "facilitator"

    def _made(self, drill: Drill) -> Fault | str:
        """The fault to insert, or the mistake in it."""
        kind = next(
            (
                one
                for one in FAULT_KINDS.values()
                if (one.component, one.failure) == (self.component, self.failure)
            ),
            None,
        )
        if kind is None:
            names = ", ".join(FAILURES_OF[self.component])
            return f"{self.component} does not have that failure; choose from {names}"
        if self.share and not (self.share.isascii() and self.share.isdigit()):
            return f"share={self.share}: write a whole number from 1 to 100"
        taken = {one.id for one in drill.scenario.timeline}
        name = next(f"live-{n}" for n in range(1, len(taken) + 2) if f"live-{n}" not in taken)
        fields: dict[str, Any] = {
            "id": name, "at": "T+0", "fault": kind.name, "for": format_duration(self.for_ms),
        }  # fmt: skip
        if self.share:
            fields["share_percent"] = int(self.share[:4])
        if self.per_ms is not None:
            fields["per_message"] = format_duration(self.per_ms)
        if self.up_ms is not None:
            fields["ramps_up"] = format_duration(self.up_ms)
        texts = {
            "direction": self.direction,
            "hosts": self.hosts,
            "console": self.console,
            "access": self.access,
        }
        fields |= {key: value for key, value in texts.items() if value}
        try:
            fault = Fault.model_validate(fields)
        except ValidationError as mistake:
            return _told(mistake)
        return fault.model_copy(update={"at_ms": drill.now_ms + (self.in_ms or 0)})

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = self._made(drill)
        if isinstance(fault, str):
            return fault
        return _over(drill) or _too_late(drill, fault.until_ms)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = self._made(drill)
        assert isinstance(fault, Fault)  # else it is refused
        drill.amend((*drill.scenario.timeline, fault))
        drill.say("observation", by.person, f"inserts {fault.id}: {fault.fault}", fault.id)
        return (
            f"{fault.id}: {fault.fault} from {drill.clock(fault.at_ms)} until {drill.clock(fault.until_ms)}"
        )


@frozen
class FaultRamp(TableWord):
    """Change the strength of a fault from now on, at once or step by step."""

    fault: str = arg("word", "the fault's id")
    share: str = arg("word", "affected share, 1 to 100 percent", key="share", default="")
    per_ms: int | None = arg("duration", "processing time of a message", key="per", default=None)
    over_ms: int | None = arg(
        "duration",
        "time over which it changes to that value, in ten steps; default: at once",
        key="over",
        default=None,
        example="30m",
    )

    words: ClassVar = ("fault", "ramp")
    givers: ClassVar = "facilitator"

    def _made(self, drill: Drill) -> Fault | str:
        """The fault as it will be from now on, or the mistake in it."""
        fault = _named(drill, self.fault)
        if fault is None:
            return _unknown(drill, self.fault)
        if not drill.faults.has(fault):
            return f"{fault.id} has not begun; it begins at {drill.clock(fault.at_ms)}"
        if not self.share and self.per_ms is None:
            return "write share= or per="
        if self.share and not (self.share.isascii() and self.share.isdigit()):
            return f"share={self.share}: write a whole number from 1 to 100"
        fields: dict[str, Any] = {
            "at_ms": drill.now_ms,
            "for_ms": fault.until_ms - drill.now_ms,
            "ramps_up_ms": 0,
            "ramps_down_ms": 0,
        }
        if self.share:
            fields["share_percent"] = int(self.share[:4])
        if self.per_ms is not None:
            fields["per_message_ms"] = self.per_ms
        return _changed(fault, **fields)

    def refusal(self, drill: Drill, by: Seated) -> str:
        made = self._made(drill)
        if isinstance(made, str):
            return made
        if self.over_ms is not None and drill.now_ms + self.over_ms >= made.until_ms:
            return f"{made.id} ends at {drill.clock(made.until_ms)}; choose a shorter `over`"
        return _over(drill)

    def act(self, drill: Drill, by: Seated) -> str:
        before, other = _named(drill, self.fault), self._made(drill)
        assert before is not None  # else it is refused
        assert isinstance(other, Fault)
        strength = f"{self.share} %" if self.share else in_words(self.per_ms or 0)
        ramp = drill.table.ramps[before.id] = drill.table.ramps.get(before.id, 0) + 1
        if self.over_ms is None:
            _replace(drill, before, other)
        else:
            now, now_ms = before.at(drill.now_ms), drill.now_ms
            for n in range(1, STEPS + 1):
                step = partial(_step, drill, before.id, ramp, _between(now, other, n))
                drill.at(now_ms + self.over_ms * n // STEPS, step)
        over = f", reached within {in_words(self.over_ms)}," if self.over_ms is not None else ""
        drill.say("observation", by.person, f"changes {other.id} to {strength}{over.rstrip(',')}", other.id)
        return f"{other.id}: {strength}{over} until {drill.clock(other.until_ms)}"


def _between(now: Fault, then: Fault, n: int) -> dict[str, int]:
    """The strength after `n` of STEPS equal steps from the first value to the second."""
    fields: dict[str, int] = {}
    if then.share_percent is not None:
        fields["share_percent"] = _part(now.share_percent or 100, then.share_percent, n)
    if then.per_message_ms is not None:
        fields["per_message_ms"] = _part(now.per_message_ms or then.per_message_ms, then.per_message_ms, n)
    return fields


def _part(a: int, b: int, n: int) -> int:
    return max(1, a + (b - a) * n // STEPS)


def _step(drill: Drill, name: str, ramp: int, fields: Mapping[str, int]) -> None:
    """Take one step of a ramp, unless the fault is over or has since been given another strength."""
    fault = _named(drill, name)
    if fault is None or not drill.faults.has(fault) or drill.table.ramps.get(name) != ramp or _over(drill):
        return
    left_ms = fault.until_ms - drill.now_ms
    _replace(
        drill,
        fault,
        fault.model_copy(
            update={**fields, "at_ms": drill.now_ms, "for_ms": left_ms, "ramps_up_ms": 0, "ramps_down_ms": 0}
        ),
    )


@frozen
class FaultLengthen(TableWord):
    """Make a fault last longer than planned."""

    fault: str = arg("word", "the fault's id")
    by_ms: int = arg("duration", "the additional time", key="by")

    words: ClassVar = ("fault", "lengthen")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = _named(drill, self.fault)
        if fault is None:
            return _over(drill) or _unknown(drill, self.fault)
        return _over(drill) or _too_late(drill, fault.until_ms + self.by_ms)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = _named(drill, self.fault)
        assert fault is not None  # else it is refused
        other = fault.model_copy(update={"for_ms": fault.for_ms + self.by_ms})
        _replace(drill, fault, other)
        drill.say("observation", by.person, f"lengthens {other.id} by {in_words(self.by_ms)}", other.id)
        return f"{other.id} ends at {drill.clock(other.until_ms)}"


@frozen
class FaultEnd(TableWord):
    """End a fault now, or cancel one that has not begun."""

    fault: str = arg("word", "the fault's id")

    words: ClassVar = ("fault", "end")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = _named(drill, self.fault)
        if fault is None:
            return _over(drill) or _unknown(drill, self.fault)
        if len(drill.scenario.timeline) == 1 and not drill.faults.has(fault):
            return f"{fault.id} is the only fault; let it begin, or insert another one first"
        return _over(drill)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = _named(drill, self.fault)
        assert fault is not None  # else it is refused
        drill.say("observation", by.person, f"ends {fault.id}", fault.id)
        if not drill.faults.has(fault):
            drill.amend(tuple(one for one in drill.scenario.timeline if one != fault))
            return f"{fault.id} is cancelled"
        ends = {"for_ms": drill.now_ms - fault.at_ms, "ramps_up_ms": 0, "ramps_down_ms": 0}
        _replace(drill, fault, fault.model_copy(update=ends))
        return f"{fault.id} is over"


def _replace(drill: Drill, fault: Fault, other: Fault) -> None:
    """Put `other` in place of `fault`, which has the same id; the part of the fault that is already past
    stays on record.
    """
    now_ms, parts = drill.now_ms, [other]
    in_force = drill.faults.has(fault)
    if in_force and other.at_ms > fault.at_ms:
        parts.insert(0, fault.model_copy(update={"for_ms": now_ms - fault.at_ms, "ramps_down_ms": 0}))
    timeline: list[Fault] = []
    for one in drill.scenario.timeline:
        timeline += parts if one == fault else [one]
    drill.amend(tuple(timeline))
    if in_force:
        drill.story.turn_into(fault, other)
