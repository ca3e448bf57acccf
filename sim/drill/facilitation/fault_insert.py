"""The command with which a facilitator inserts a fault during an exercise."""

from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

from pydantic import ValidationError

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.faults import mistake_in, over, too_late
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.fault_kinds import FAULT_KINDS
from sim.kernel.duration import format_duration
from sim.kernel.frozen import frozen

FAILURES_OF: Mapping[str, tuple[str, ...]] = {
    one.component: tuple(kind.failure for kind in FAULT_KINDS.values() if kind.component == one.component)
    for one in FAULT_KINDS.values()
}
"""The kinds of failure that can be inserted, by component."""
FAILURES = tuple(dict.fromkeys(chain.from_iterable(FAILURES_OF.values())))


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
            return mistake_in(mistake)
        return fault.model_copy(update={"at_ms": drill.now_ms + (self.in_ms or 0)})

    def refusal(self, drill: Drill, by: Seated) -> str:
        fault = self._made(drill)
        if isinstance(fault, str):
            return fault
        return over(drill) or too_late(drill, fault.until_ms)

    def act(self, drill: Drill, by: Seated) -> str:
        fault = self._made(drill)
        assert isinstance(fault, Fault)  # otherwise it would have been refused
        drill.amend((*drill.scenario.timeline, fault))
        drill.say("observation", by.person, f"inserts {fault.id}: {fault.fault}", fault.id)
        return (
            f"{fault.id}: {fault.fault} from {drill.clock(fault.at_ms)} until {drill.clock(fault.until_ms)}"
        )
