"""What happened, in order: the stream that screens, debriefs and runbooks listen to."""

from dataclasses import dataclass
from typing import Literal

EventKind = Literal[
    "fault",  # truth: a component changes state; never shown to a trainee while the drill runs
    "monitor",  # one of the gateway's monitors speaks by email
    "sms",
    "call",
    "email",  # from a person, over a channel that works
    "ticket",
    "report",  # what a check or a `show` command found
    "command",  # a person was given something to do
    "done",  # it took effect
    "failed",  # it could no longer be carried out when its turn came
    "refused",
    "note",
    "mail",  # one real message moved (lab)
    "milestone",  # truth as well: what objectives and runbooks wait for
    "end",
]

HIDDEN_FROM_TRAINEE: frozenset[str] = frozenset({"fault", "milestone"})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at `t_ms`. `seq` counts from 0 over the drill."""

    seq: int
    t_ms: int
    kind: EventKind
    source: str
    """Who or what says so: `Continuity Monitor`, `helpdesk`, a person's name, a command."""
    text: str
    """One line for people."""
    ref: str = ""
    """Machine-readable subject: a command's text, a milestone's name, a message id."""
