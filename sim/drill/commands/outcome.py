"""The outcome of giving a command: accepted, or refused with the reason."""

from sim.drill.commands.command import Command
from sim.kernel.frozen import frozen


@frozen
class Accepted:
    """A command that was accepted: it is in the journal, and a person is carrying it out."""

    command: Command
    by: str
    """Name of the person who carries out the command."""
    starts_ms: int
    effective_ms: int
    """Time at which the command takes effect. `starts_ms` and `effective_ms` are the truth: people may not
    know yet how long a call or a change will take.
    """
    text: str
    """One line for the screen."""
    number: int = 0
    """The command's number in the drill, from 1. The event that reports the result refers to it."""


@frozen
class Refused:
    """A command that was refused: it is in the journal but was not carried out."""

    text: str
    """The command as given."""
    reason: str
    """The mistake and its correction, in words."""
