"""Continuity events: users read and send through the gateway while the mail server is down."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.command import Command, Facts, InYourProduct, arg
from sim.drill.drill import Drill
from sim.kernel.duration import HOUR_MS, MINUTE_MS, format_duration

LONGEST_EVENT_MS = 14 * 24 * HOUR_MS
Via = Literal["console", "sms", "email"]


def _no_event(drill: Drill) -> str | None:
    if drill.continuity.in_force() is None:
        return "no continuity event is in force; start one with `continuity start`"
    return None


@dataclass(frozen=True, slots=True)
class ContinuityShow(Command):
    """Look whether a continuity event is in force, for whom and until when."""

    words: ClassVar = ("continuity", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        hands_on_ms=MINUTE_MS,
        lead_ms=0,
        undo="not needed",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: Services | Continuity | Continuity Events",
            who="Basic Administrator or higher",
            how_long="a minute",
            simplified="one list of events; users' apps are counted exactly",
        ),
    )

    def act(self, drill: Drill) -> str:
        event = drill.continuity.in_force()
        if event is None:
            return "no continuity event is in force"
        inside = drill.continuity.users_in()
        left = format_duration((event.end_ms - drill.now_ms) // MINUTE_MS * MINUTE_MS)
        since = drill.clock(event.start_ms)
        return f"event for all since {since}, {left} left; {inside:,} users' apps are in it"


@dataclass(frozen=True, slots=True)
class ContinuityStart(Command):
    """Start a continuity event: apps that poll switch over by themselves, other users must be told."""

    group: Literal["all"] = arg(
        "choice", "whose apps; so far everyone's", choices=("all",), key="group", default="all"
    )
    for_ms: int = arg("duration", "how long it lasts unless extended", key="for", default=8 * HOUR_MS)
    via: Via = arg(
        "choice",
        "the console, or the link in an alert's SMS or email",
        choices=("console", "sms", "email"),
        key="via",
        default="console",
    )

    words: ClassVar = ("continuity", "start")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        hands_on_ms=3 * MINUTE_MS,
        lead_ms=0,
        undo="continuity end",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: Services | Continuity | New Event; or the link in the alert",
            who="Basic Administrator or higher; the link's holder without a log-on",
            how_long="3 minutes; classic Outlook follows within 3 more, others when their users know",
            simplified="one group; no log-on that can fail",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        event = drill.continuity.in_force()
        if event is not None:
            return f"an event is in force until {drill.clock(event.end_ms)}; use `continuity extend`"
        if self.for_ms > LONGEST_EVENT_MS:
            return f"{format_duration(self.for_ms)} is longer than 14d; start a shorter event and extend it"
        if self.via != "console" and not drill.alert_links():
            return f"no alert with a link that is still valid has come by {self.via}; use via=console"
        return None

    def act(self, drill: Drill) -> str:
        drill.continuity.start(self.for_ms)
        until = drill.clock(drill.now_ms + self.for_ms)
        return f"continuity event for all, {format_duration(self.for_ms)}, until {until}"


@dataclass(frozen=True, slots=True)
class ContinuityExtend(Command):
    """Add time to the event in force: 2 h left and 1 h more make 3 h."""

    by_ms: int = arg("duration", "how much longer")

    words: ClassVar = ("continuity", "extend")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        hands_on_ms=2 * MINUTE_MS,
        lead_ms=0,
        undo="continuity end",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: the continuity portal's Extend, or Services | Continuity",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="any duration; the portal offers a few",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        event = drill.continuity.in_force()
        if event is not None and event.end_ms + self.by_ms - drill.now_ms > LONGEST_EVENT_MS:
            return "the event would last for more than 14d from now; extend it by less"
        return _no_event(drill)

    def act(self, drill: Drill) -> str:
        return f"event extended, now until {drill.clock(drill.continuity.extend(self.by_ms))}"


@dataclass(frozen=True, slots=True)
class ContinuityEnd(Command):
    """End the event in force: apps go back to the mail server, whether it answers or not."""

    words: ClassVar = ("continuity", "end")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        hands_on_ms=2 * MINUTE_MS,
        lead_ms=0,
        undo="continuity start",
        exposes="nothing",
        product=InYourProduct(
            path="Mimecast: the continuity portal's End, or Services | Continuity",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="apps go back at once instead of with their next poll",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _no_event(drill)

    def act(self, drill: Drill) -> str:
        drill.continuity.end("ended")
        return "continuity event ended"
