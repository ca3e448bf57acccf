"""Commands that lengthen or end faults during an exercise, and the rules for every change of a fault."""

from typing import Any, ClassVar

from pydantic import ValidationError

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import in_words
from sim.kernel.frozen import frozen

OVER = "the outage is over, so its faults can no longer change; end the exercise with `endex`"


def over(drill: Drill) -> str:
    """The reason why no fault can change any more; empty if faults can change."""
    return OVER if Milestone.OUTAGE_END in drill.milestones else ""


def too_late(drill: Drill, until_ms: int) -> str:
    """The reason why a fault cannot last until `until_ms`; empty if it can."""
    if until_ms <= drill.latest_ms:
        return ""
    left = in_words((drill.latest_ms - drill.now_ms) // 60_000 * 60_000) or "0 s"
    ends = drill.clock(drill.latest_ms)
    return f"the drill ends at {ends} at the latest; the fault can last at most {left} from now"


def named(drill: Drill, fault: str) -> Fault | None:
    """The fault with that id that is in force or still to come."""
    return next(
        (one for one in drill.scenario.timeline if one.id == fault and one.until_ms > drill.now_ms), None
    )


def unknown(drill: Drill, fault: str) -> str:
    """A message that there is no fault with that id, with the ids that exist."""
    open_ones = [one.id for one in drill.scenario.timeline if one.until_ms > drill.now_ms]
    return f"{fault}: no such current or planned fault; choose from {', '.join(open_ones) or 'none'}"


def changed(fault: Fault, **fields: Any) -> Fault | str:
    """`fault` with the given fields changed, checked; or the mistake in them."""
    try:
        other = Fault.model_validate(fault.model_copy(update=fields).model_dump(mode="json", by_alias=True))
    except ValidationError as mistake:
        return mistake_in(mistake)
    return other.model_copy(update={key: value for key, value in fields.items() if key.endswith("_ms")})


def mistake_in(mistake: ValidationError) -> str:
    """The first mistake in the fields of a fault, in words."""
    first = mistake.errors()[0]
    where = ".".join(str(one) for one in first["loc"])
    return f"{f'`{where}` ' if where else ''}{first['msg'].removeprefix('Value error, ')}"


def replace_fault(drill: Drill, fault: Fault, other: Fault) -> None:
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


@frozen
class FaultLengthen(TableWord):
    """Make a fault last longer than planned."""

    fault: str = arg("word", "the fault's id")
    by_ms: int = arg("duration", "the additional time", key="by")

    words: ClassVar = ("fault", "lengthen")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = named(drill, self.fault)
        if fault is None:
            return over(drill) or unknown(drill, self.fault)
        return over(drill) or too_late(drill, fault.until_ms + self.by_ms)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = named(drill, self.fault)
        assert fault is not None  # otherwise it would have been refused
        other = fault.model_copy(update={"for_ms": fault.for_ms + self.by_ms})
        replace_fault(drill, fault, other)
        drill.say("observation", by.person, f"lengthens {other.id} by {in_words(self.by_ms)}", other.id)
        return f"{other.id} ends at {drill.clock(other.until_ms)}"


@frozen
class FaultEnd(TableWord):
    """End a fault now, or cancel one that has not begun."""

    fault: str = arg("word", "the fault's id")

    words: ClassVar = ("fault", "end")
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = named(drill, self.fault)
        if fault is None:
            return over(drill) or unknown(drill, self.fault)
        if len(drill.scenario.timeline) == 1 and not drill.faults.has(fault):
            return f"{fault.id} is the only fault; let it begin, or insert another one first"
        return over(drill)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = named(drill, self.fault)
        assert fault is not None  # otherwise it would have been refused
        drill.say("observation", by.person, f"ends {fault.id}", fault.id)
        if not drill.faults.has(fault):
            drill.amend(tuple(one for one in drill.scenario.timeline if one != fault))
            return f"{fault.id} is cancelled"
        ends = {"for_ms": drill.now_ms - fault.at_ms, "ramps_up_ms": 0, "ramps_down_ms": 0}
        replace_fault(drill, fault, fault.model_copy(update=ends))
        return f"{fault.id} is over"
