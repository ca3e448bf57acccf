"""Message tracking: what the gateway's console says has become of one or a few messages."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.gateway.message_tracking import LOOKED_AT, named, senders_of, tracked
from sim.drill.commands.gateway.selection import domain_named, user_named
from sim.drill.drill import Drill
from sim.kernel.duration import HOUR_MS, format_duration

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Track(Command):
    """Look up in the gateway's message tracking what has become of mail to somebody, or from a sender."""

    to: str = arg("word", "to this user, such as user0042, or to this domain outside", key="to", default="")
    sender: str = arg("word", "from this address or a part of it", key="from", default="")
    since_ms: int = arg("duration", "no older than this", key="since", default=4 * HOUR_MS, example="4h")

    words: ClassVar = ("track",)
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Message Center | Message Tracking; behind it, Microsoft 365: "
            "Exchange admin center | Mail flow | Message trace, or Get-MessageTraceV2; "
            "Exchange Server: Get-MessageTrackingLog",
            who="Basic Administrator or higher; in Exchange whoever may read message tracking",
            how_long="3 minutes",
            simplified="the newest five; not what never reached the gateway, nor what was out at once",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not self.to and not self.sender:
            return "tracking needs somebody; write track to=user0042 or track from=name@example.test"
        if self.to and user_named(drill, self.to) is None and domain_named(drill, self.to) is None:
            last = drill.scenario.organisation.users - 1
            return f"`{self.to}` is nobody; write to=user0000 up to to=user{last:04d}, or to=NAME.example"
        return None

    def act(self, drill: Drill, by: str) -> str:
        user = user_named(drill, self.to) if self.to else None
        domain = domain_named(drill, self.to) if self.to else None
        of = (
            ""
            if drill.consoles.gateway().figures_ms == drill.now_ms
            else f", figures of {drill.clock(drill.consoles.gateway().figures_ms)}"
        )
        fitting = tracked(drill, user, domain, drill.now_ms - self.since_ms)
        looked_at = [one for n, one in enumerate(fitting) if n < LOOKED_AT or one.real]
        if len(looked_at) < len(fitting):
            of += f", the newest {LOOKED_AT:,} looked at"
        names = senders_of(drill, looked_at)
        found = [
            one for one, name in zip(looked_at, names, strict=True) if self.sender.lower() in name.lower()
        ]
        if not found:
            return f"message tracking{of}: nothing like that in the last {format_duration(self.since_ms)}"
        more = f"; {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        shown = found[:SHOWN]
        told = [
            f"{drill.clock(one.arrival_ms)} {sender} to {recipient}, {about}: {one.state}"
            for one, (sender, recipient, about) in zip(shown, named(drill, shown), strict=True)
        ]
        return f"message tracking{of}: {'; '.join(told)}{more}"
