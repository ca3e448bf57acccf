"""The worth of a command, as the papers of a debrief show it."""

from dataclasses import dataclass

SHOWN = 8


@dataclass(frozen=True, slots=True)
class RegretRow:
    """A command and the result of another choice, on the same seed."""

    local: str
    elapsed: str
    """The moment when it was first given, or would have been."""
    command: str
    what_if: str
    difference: str
    better: bool
    """True if the other choice would have been better, False if worse."""
    timing: bool = False
    """True if only the moment is different."""
    chain: str = ""
    """What follows from the other choice, in words; empty: nothing but the difference."""

    @property
    def told(self) -> str:
        """Chain and difference in one sentence."""
        return f"Then {self.chain}. In all: {self.difference}." if self.chain else f"{self.difference}."


@dataclass(frozen=True, slots=True)
class ValleyRow:
    """The valley of a decision: the cost of the drill with a command at other moments."""

    command: str
    points: tuple[tuple[int, str, float], ...]
    """(minutes from the moment at which it was given, local time, additional cost of the drill, in
    hundredths of what was at stake), in order of time; the moment in the drill is 0, 0.
    """
    yours: str
    best: str
    """Local times."""
    too_late: str
    """Empty: at none of the moments that were tried."""
    never: float
    """Without the command, in the same unit."""


@dataclass(frozen=True, slots=True)
class Worth:
    """The worth of the commands of a drill."""

    rows: tuple[RegretRow, ...]
    valleys: tuple[ValleyRow, ...] = ()
    prepared: tuple[RegretRow, ...] = ()
    """Preparations that were possible before the outage, the most valuable first."""
    stopped: bool = False
    """True if a person stopped the computation: there is nothing else in it."""


STOPPED = (
    "The worth of each command is not in this debrief: its computation was stopped (Ctrl+C). "
    "`mxdrill debrief --regret` computes it."
)
