"""Telling people, and writing down."""

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.kernel.duration import MINUTE_MS

Audience = Literal["users", "executives", "partners"]
Via = Literal["phone", "sms", "intranet", "email"]


@dataclass(frozen=True, slots=True)
class Notify(Command):
    """Tell users, executives or partners what they need to know, over a channel that works."""

    audience: Audience = arg("choice", "whom", choices=("users", "executives", "partners"))
    via: Via = arg(
        "choice",
        "over which channel",
        choices=("phone", "sms", "intranet", "email"),
        key="via",
        default="sms",
    )
    text: str = arg("text", "what is said, in quotes or to the end of the line", key="text", default="")

    words: ClassVar = ("notify",)
    facts: ClassVar = Facts(
        role="communications",
        where="incident room",
        hands_on_ms=5 * MINUTE_MS,
        lead_ms=0,
        undo="no",
        exposes="nothing",
        product=InYourProduct(
            path="SMS Continuity Services, your phone tree, intranet, Teams; never the mail that is down",
            who="communications lead, incident lead for executives",
            how_long="5 minutes of writing; read within minutes to hours",
            simplified="what the text says is not judged, only when it was sent and whom it reached",
        ),
    )

    def act(self, drill: Drill) -> str:
        if self.audience == "users":
            reached = drill.tell_users(self.via)
            if reached == 0:
                return f"users told by {self.via}: it reached nobody, people without mail do not see it"
            drill.reach("users.told")
            return f"users told by {self.via}: it reaches {reached:,} of {drill.world.users.count:,}"
        if self.via == "email" and drill.server_down_since() is not None:
            waits = (
                "waits in the queue unread"
                if self.audience == "executives"
                else "cannot be sent from a dead server"
            )
            return f"{self.audience} not told: email {waits}; use via=phone"
        drill.reach("executives.told" if self.audience == "executives" else "partners.told")
        return f"{self.audience} told by {self.via}"


@dataclass(frozen=True, slots=True)
class Note(Command):
    """Write down a finding or a decision; it goes into the debrief. A decision on pausing counts as made."""

    text: str = arg("text", "the note, to the end of the line")

    words: ClassVar = ("note",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        hands_on_ms=0,
        lead_ms=0,
        undo="no",
        exposes="nothing",
        product=InYourProduct(
            path="your incident log",
            who="anyone",
            how_long="a moment",
            simplified="takes no time; the words `pause` or `pausing` make it the decision on pausing",
        ),
    )

    def act(self, drill: Drill) -> str:
        if re.search(r"\bpaus(e|ing|ed)\b", self.text, re.IGNORECASE):
            drill.reach("pause.decided")
        return self.text
