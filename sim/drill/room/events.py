"""Events in chronological order: the stream that feeds screens, debriefs and runbooks."""

from typing import Literal

from sim.kernel.frozen import frozen

EventKind = Literal[
    "fault",  # truth: a component changes state; hidden from trainees while the drill runs
    "monitor",  # an email from one of the gateway's monitors
    "sms",
    "call",
    "email",  # from a person, over a channel that works
    "ticket",
    "post",  # a vendor's public post about its incident
    "report",  # the result of a check or a `show` command
    "command",  # a command was given to a person
    "done",  # it took effect
    "failed",  # the command could not be carried out when its turn came
    "refused",
    "note",
    "mail",  # a real message changed its place (lab)
    "talk",  # a message between people at the table
    "observation",  # by the facilitator; hidden from trainees
    "milestone",  # truth as well; objectives and runbooks refer to it
    "end",
]

REGISTER = "register of openings"
"""Source of the notes about openings, such as the end of an approval."""

EVENT_NAMES: dict[EventKind, str] = {
    "monitor": "monitor message",
    "sms": "SMS",
    "call": "call",
    "email": "email",
    "ticket": "ticket",
    "post": "post",
    "report": "report",
    "done": "completed command",
    "failed": "failed command",
    "note": "note",
}
"""How kinds of events are counted in a summary of skipped time; the others are not news."""

HIDDEN_FROM_TRAINEE: frozenset[str] = frozenset({"fault", "milestone", "observation"})


@frozen
class Event:
    """One event at `t_ms`. `seq` counts from 0 over the drill."""

    seq: int
    t_ms: int
    kind: EventKind
    source: str
    """The origin of the event: `Continuity Monitor`, `helpdesk`, a person's name, a command."""
    text: str
    """The event in one line for people to read."""
    ref: str = ""
    """The subject in machine-readable form: the text of a command, the name of a milestone, the id of a
    message.
    """
    to: str = ""
    """The seat or staff role to which the event is addressed; empty if it is not addressed to anyone in
    particular.
    """
