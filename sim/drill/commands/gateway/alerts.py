"""The command that acknowledges alerts."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct
from sim.drill.drill import Drill

_ONCE_HERE = (
    "wait for the SMS: an alert can be acknowledged once its SMS has arrived, seconds to minutes after the "
    "alert"
)


@dataclass(frozen=True, slots=True)
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

    def act(self, drill: Drill, by: str) -> str:
        count = drill.acknowledge()
        return f"{count} alert{'s' if count != 1 else ''} acknowledged"
