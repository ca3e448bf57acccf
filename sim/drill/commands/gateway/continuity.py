"""Commands for continuity events, during which users read and send through the gateway."""

from difflib import get_close_matches
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct, Where
from sim.drill.commands.gateway.event_texts import events_told, no_link
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.work_given import Turn
from sim.drill.scenario.anchor import BadAnchor, Clock, Elapsed, parse_anchor, resolve
from sim.drill.services.continuity_events import ALL
from sim.kernel.duration import DAY_MS, HOUR_MS, format_duration, in_words
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted

LONGEST_EVENT_MS = 14 * DAY_MS
NOW, NEWEST = "now", "newest"
StartedFrom = Literal["console", "sms", "email"]


def _which() -> str:
    which: str = arg("word", "the event's number in `continuity show`", key="event", default=NEWEST)
    return which


def no_event(drill: Drill, which: str) -> str | None:
    """The reason, in words, why `which` does not name an event in force or planned; None if it does."""
    if not drill.continuity.events():
        return "no continuity event is in force; start one with `continuity start`"
    if drill.continuity.found(which) is None:
        numbers = ", ".join(str(event.number + 1) for event in drill.continuity.events())
        return f"{which[:20]!r} is not an event; `continuity show` lists {numbers}"
    return None


def unknown_group(organisation: Organisation, group: str) -> str | None:
    """The reason, in words, why the group does not exist; None if it does."""
    groups = [ALL, *(one.group for one in organisation.groups)]
    if group in groups:
        return None
    near = get_close_matches(group, groups, n=1)
    hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(groups)}"
    return f"{group[:40]!r} is not a group here; {hint}"


@frozen
class ContinuityShow(Command):
    """Show the continuity events in force, with their groups and ends."""

    words: ClassVar = ("continuity", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Services | Continuity | Continuity Events",
            who="Basic Administrator or higher",
            how_long="a minute",
            simplified="one list of events; the users in them are counted exactly",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        return events_told(drill)


@frozen
class ContinuityStart(Command):
    """Start a continuity event: apps that poll switch over; users of other apps must be notified."""

    group: str = arg("word", "the users: `all`, or a group of the organisation", key="group", default=ALL)
    for_ms: int = arg("duration", "the duration, unless extended", key="for", default=8 * HOUR_MS)
    at: str = arg("word", "the start: `now`, 18:00, or T+ and a duration", key="at", default=NOW)
    via: StartedFrom = arg(
        "choice",
        "where to start it: in the console, or with the link in an alert's SMS or email",
        choices=("console", "sms", "email"),
        key="via",
        default="console",
    )

    words: ClassVar = ("continuity", "start")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        elsewhere="via=console: gateway console",
        undo="continuity end",
        product=InYourProduct(
            path="Mimecast: Services | Continuity | New Event; or the link in the alert",
            who="Basic Administrator or higher; with the link, anyone who holds it, without a sign-in",
            how_long="3 minutes; classic Outlook follows within 3 more, other apps once their users have "
            "been notified",
            simplified="the page behind the link starts events at once and offers only a few durations; "
            "events cannot be cloned",
        ),
    )

    def where(self, drill: Drill) -> Where:
        return "gateway console" if self.via == "console" else "continuity portal"

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.for_ms > LONGEST_EVENT_MS:
            return f"{in_words(self.for_ms)} is longer than 14 d; start a shorter event and extend it later"
        shortest_ms = organisation.gateway.continuity_events.shortest_ms
        if self.for_ms < shortest_ms:
            return (
                f"{in_words(self.for_ms)} is too short for an event; write "
                f"for={format_duration(shortest_ms)} or more, and end the event by hand"
            )
        unknown = unknown_group(organisation, self.group)
        if unknown is not None or self.via == "console":
            return unknown
        offered = organisation.gateway.continuity_events.durations_ms
        if self.for_ms not in offered:
            known = ", ".join(format_duration(one) for one in offered)
            return f"the page behind the link offers {known}; choose one of them, or use via=console"
        return (
            None
            if self.at == NOW
            else "the page behind the link starts events at once; use via=console for a later start"
        )

    def refusal(self, drill: Drill) -> str | None:
        by_link = self._not_by_link(drill)
        if by_link is not None or self.at == NOW:
            return by_link
        try:
            begins_ms = self._begins_ms(drill)
        except BadAnchor:
            return f"{self.at[:40]!r} is not a start time; write now, 18:00, Tue 07:00, or T+ and a duration"
        if not drill.now_ms <= begins_ms <= drill.now_ms + LONGEST_EVENT_MS:
            return f"{self.at} is past, or more than 14 d away; write at=now or a later time"
        return None

    def _not_by_link(self, drill: Drill) -> str | None:
        """The reason why an alert's link cannot start the event; None if it can."""
        if self.via == "console":
            return None
        why = no_link(drill, self.via)
        return None if why is None else f"{why}; use via=console"

    def _begins_ms(self, drill: Drill) -> int:
        """The start: the next occurrence of a local time, or a time since the drill's start. Raises
        BadAnchor.
        """
        anchor = parse_anchor(self.at)
        if len(anchor.moments) != 1 or not isinstance(anchor.moments[0], Clock | Elapsed):
            raise BadAnchor("waits for a milestone")
        since_ms = 0 if isinstance(anchor.moments[0], Elapsed) else drill.now_ms
        found = resolve(anchor, {}, drill.scenario.starts_utc_ms + since_ms, drill.scenario.zone)
        return since_ms + (found or 0)

    def decides(self) -> DecisionTaken:
        return DecisionTaken("continuity")

    def act(self, drill: Drill, turn: Turn) -> str:
        already = drill.continuity.events()
        begins_ms = drill.now_ms if self.at == NOW else self._begins_ms(drill)
        event = drill.continuity.start(self.for_ms, self.group, begins_ms, key=turn.draws)
        until, begins = (
            drill.clock(event.end_ms),
            "" if self.at == NOW else f"from {drill.clock(begins_ms)}, ",
        )
        beside = (
            f"; this is event {event.number + 1}, in addition to {counted(len(already), 'other')}"
            if already
            else ""
        )
        lasts = in_words(self.for_ms)
        return f"continuity event for {self.group}, {begins}{lasts}, until {until}{beside}"


@frozen
class ContinuityExtend(Command):
    """Extend the event in force: with 2 h left, one more hour makes 3 h."""

    by_ms: int = arg("duration", "the time to add")
    event: str = _which()

    words: ClassVar = ("continuity", "extend")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        undo="continuity end",
        product=InYourProduct(
            path="Mimecast: the continuity portal's Extend, or Services | Continuity",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="any duration is possible; the real portal offers only a few",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        event = drill.continuity.found(self.event)
        if event is not None and event.end_ms + self.by_ms - drill.now_ms > LONGEST_EVENT_MS:
            return "the event would end more than 14 d from now; extend it by less"
        return no_event(drill, self.event)

    def act(self, drill: Drill, turn: Turn) -> str:
        event = drill.continuity.found(self.event)
        assert event is not None
        return f"event extended, now until {drill.clock(drill.continuity.extend(self.by_ms, event))}"


@frozen
class ContinuityEnd(Command):
    """End an event: its apps switch back to the mail server, even if the server is down."""

    event: str = _which()

    words: ClassVar = ("continuity", "end")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="continuity portal",
        undo="continuity start",
        product=InYourProduct(
            path="Mimecast: the continuity portal's End, or Services | Continuity",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="apps switch back at once instead of at their next poll",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return no_event(drill, self.event)

    def decides(self) -> DecisionTaken:
        return DecisionTaken("continuity end")

    def act(self, drill: Drill, turn: Turn) -> str:
        event = drill.continuity.found(self.event)
        assert event is not None
        drill.continuity.end("ended", event)
        others = drill.continuity.events()
        left = f"; {counted(len(others), 'other')} in force or planned" if others else ""
        return f"continuity event ended{left}"
