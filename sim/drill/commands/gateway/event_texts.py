"""Texts on continuity events that several commands show, and whether an alert's link opens their portal."""

from typing import Literal

from sim.drill.drill import Drill
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.quantities import counted
from sim.mail.users.membership import ContinuityEvent


def no_link(drill: Drill, via: Literal["sms", "email"]) -> str | None:
    """The reason why no alert's link can be opened; None if one can."""
    if drill.alert_links() if via == "sms" else drill.email_links():
        return None
    unread = drill.alerting.links and via == "email" and not drill.alerting.email_links
    why = ": alerts go to your own mailbox, whose mail is queued" if unread else ""
    return f"no alert with a valid link has arrived by {via}{why}"


def events_told(drill: Drill) -> str:
    """The events in force or planned, with their groups and ends."""
    events = drill.continuity.events()
    if not events:
        return "no continuity event is in force"
    told = [_told(drill, event) for event in events]
    if len(told) == 1:
        return told[0]
    return "; ".join(f"{one.number + 1}: {text}" for one, text in zip(events, told, strict=True))


def _told(drill: Drill, event: ContinuityEvent) -> str:
    continuity = drill.continuity
    by = continuity.started_by(event)
    for_whom = f"event for {continuity.group_of(event)}" + (f", started by {by}," if by else "")
    if drill.now_ms < event.start_ms:
        lasts = in_words(event.end_ms - event.start_ms)
        return f"{for_whom} begins at {drill.clock(event.start_ms)}, for {lasts}"
    left = in_words((event.end_ms - drill.now_ms) // MINUTE_MS * MINUTE_MS)
    inside = counted(continuity.users_in(event), "user")
    return f"{for_whom} since {drill.clock(event.start_ms)}, {left} left; {inside} connected"
