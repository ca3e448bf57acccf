"""The command that looks up messages in the gateway's message tracking."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.message_tracking import LOOKED_AT, named, senders_of, tracked
from sim.drill.commands.gateway.selection import domain_named, user_named
from sim.drill.drill import Drill
from sim.drill.room.work_given import Turn
from sim.kernel.duration import HOUR_MS, in_words
from sim.kernel.frozen import frozen

SHOWN = 5


@frozen
class Track(Command):
    """Track mail to a recipient or from a sender in the gateway's message tracking."""

    to: str = arg(
        "word", "the recipient: a user, such as user0042, or an outside domain", key="to", default=""
    )
    sender: str = arg("word", "the sender: an address or part of one", key="from", default="")
    since_ms: int = arg("duration", "the maximum age", key="since", default=4 * HOUR_MS, example="4h")

    words: ClassVar = ("track",)
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Message Center | Message Tracking; behind it, Microsoft 365: "
            "Exchange admin center | Mail flow | Message trace, or Get-MessageTraceV2; "
            "Exchange Server: Get-MessageTrackingLog",
            who="Basic Administrator or higher; in Exchange the right to read message tracking",
            how_long="3 minutes",
            simplified="lists only the newest five messages; mail that never reached the gateway or left "
            "it at once is not listed",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not self.to and not self.sender:
            return "a recipient or sender is missing; write track to=user0042 or track from=name@example.test"
        if self.to and user_named(drill, self.to) is None and domain_named(drill, self.to) is None:
            last = drill.scenario.organisation.users - 1
            return f"`{self.to}` is unknown; write to=user0000 to to=user{last:04d}, or to=NAME.example"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
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
            of += f", among the newest {LOOKED_AT:,}"
        names = senders_of(drill, looked_at)
        found = [
            one for one, name in zip(looked_at, names, strict=True) if self.sender.lower() in name.lower()
        ]
        if not found:
            return f"message tracking{of}: no match in the last {in_words(self.since_ms)}"
        more = f"; {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        shown = found[:SHOWN]
        told = [
            f"{drill.clock(one.arrival_ms)} {sender} to {recipient}, {about}: {one.state}"
            for one, (sender, recipient, about) in zip(shown, named(drill, shown), strict=True)
        ]
        return f"message tracking{of}: {'; '.join(told)}{more}"
