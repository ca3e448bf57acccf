"""What a command was worth, in the words that the papers of a debrief show."""

from dataclasses import dataclass

SHOWN = 8


@dataclass(frozen=True, slots=True)
class RegretRow:
    """A command and what would have come of another choice, on the same seed."""

    local: str
    elapsed: str
    """When it was first given, or would have been."""
    command: str
    what_if: str
    difference: str
    better: bool
    """True if the other choice would have been better, False if worse."""
    timing: bool = False
    """True if only the moment is different."""
