"""Commands for alerts: acknowledge them, and open the link in one of them."""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.event_texts import events_told, no_link
from sim.drill.drill import Drill
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen

_ONCE_HERE = (
    "wait for the SMS: an alert can be acknowledged once its SMS has arrived, seconds to minutes after the "
    "alert"
)


@frozen
class AlertsAck(Command):
    """Acknowledge every open alert, so that it is not repeated."""

    words: ClassVar = ("alerts", "ack")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        undo="no",
        product=InYourProduct(
            path="Mimecast: the alert's Acknowledge; Services | Service Monitor",
            who="the recipient of the alert",
            how_long="a minute",
            simplified="acknowledges both monitors at once; notifications stay off until the queue is below "
            "the "
            "threshold",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.open_alerts():
            return f"there is no open alert; {_ONCE_HERE}"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        count = drill.acknowledge()
        return f"{count} alert{'s' if count != 1 else ''} acknowledged"


@frozen
class AlertsOpen(Command):
    """Open the link in an alert's SMS or email: the continuity portal, without a sign-in."""

    via: Literal["sms", "email"] = arg(
        "choice", "the message with the link", choices=("sms", "email"), key="via", default="sms"
    )

    words: ClassVar = ("alerts", "open")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        result="report",
        product=InYourProduct(
            path="Mimecast: the link in the alert's SMS, or Manage Event in its email",
            who="the recipient of the alert; no sign-in",
            how_long="a minute; the link works for 24 h",
            simplified="`continuity start via=sms` opens it as well; notifications cannot be suspended",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return no_link(drill, self.via)

    def act(self, drill: Drill, turn: Turn) -> str:
        until_ms = max(drill.alert_links() if self.via == "sms" else drill.email_links())
        return f"continuity portal, by the link until {drill.clock(until_ms)}: {events_told(drill)}"
