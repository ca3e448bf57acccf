"""The command with which a facilitator changes the strength of a fault, at once or step by step."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.faults import changed, named, over, replace_fault, unknown
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.drill.scenario.fault import STEPS, Fault
from sim.kernel.duration import in_words
from sim.kernel.frozen import frozen


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
        fault = named(drill, self.fault)
        if fault is None:
            return unknown(drill, self.fault)
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
        return changed(fault, **fields)

    def refusal(self, drill: Drill, by: Seated) -> str:
        made = self._made(drill)
        if isinstance(made, str):
            return made
        if self.over_ms is not None and drill.now_ms + self.over_ms >= made.until_ms:
            return f"{made.id} ends at {drill.clock(made.until_ms)}; choose a shorter `over`"
        return over(drill)

    def act(self, drill: Drill, by: Seated) -> str:
        before, other = named(drill, self.fault), self._made(drill)
        assert before is not None  # otherwise it would have been refused
        assert isinstance(other, Fault)
        strength = f"{self.share} %" if self.share else in_words(self.per_ms or 0)
        ramp = drill.table.ramps[before.id] = drill.table.ramps.get(before.id, 0) + 1
        if self.over_ms is None:
            replace_fault(drill, before, other)
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
    fault = named(drill, name)
    if fault is None or not drill.faults.has(fault) or drill.table.ramps.get(name) != ramp or over(drill):
        return
    left_ms = fault.until_ms - drill.now_ms
    replace_fault(
        drill,
        fault,
        fault.model_copy(
            update={**fields, "at_ms": drill.now_ms, "for_ms": left_ms, "ramps_up_ms": 0, "ramps_down_ms": 0}
        ),
    )
