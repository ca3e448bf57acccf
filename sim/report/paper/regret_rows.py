"""The value of a command, as the papers of a debrief show it."""

from sim.kernel.frozen import frozen

SHOWN = 8
BETTER, PREPARED, PAID = (
    "What would have been better",
    "What preparation would have been worth",
    "What paid off",
)
TOLD_EMPTY = frozenset({BETTER, PAID})
"""Groups that the page names even if they have no rows."""
NOTHING = "Nothing that was tried."


@frozen
class RegretRow:
    """Another choice for a command, and its result on the same seed."""

    local: str
    elapsed: str
    """The time at which the command was first given, or would have been."""
    command: str
    what_if: str
    difference: str
    better: bool
    """True if the other choice would have been better, False if it would have been worse."""
    timing: bool = False
    """True if the other choice differs only in the time of the command."""
    trade: bool = False
    """True if the other choice would have been better in one way but notably worse in another."""
    chain: str = ""
    """The consequences of the other choice in words; empty if only figures differ."""

    @property
    def told(self) -> str:
        """The consequences and the differences in one sentence."""
        return f"Then {self.chain}. In all: {self.difference}." if self.chain else f"{self.difference}."


@frozen
class ValleyRow:
    """The valley of a decision: the cost of the drill with a command at other times."""

    command: str
    points: tuple[tuple[int, str, float], ...]
    """(minutes from the time at which the command was given, local time, additional cost of the drill in
    hundredths of what was at stake), in chronological order; the time at which it was really given is 0,
    0.
    """
    yours: str
    best: str
    """The best times, in local time."""
    too_late: str
    """The time from which the command would have come too late; empty if it did not come too late at any
    time that was tried.
    """
    never: float
    """The additional cost without the command, in the same unit."""


@frozen
class Worth:
    """The value of the commands of a drill."""

    rows: tuple[RegretRow, ...]
    """The rows of each group, the most important first."""
    valleys: tuple[ValleyRow, ...] = ()
    prepared: tuple[RegretRow, ...] = ()
    """Preparations that were possible before the outage, the most valuable first."""
    stopped: bool = False
    """True if a person stopped the calculation, in which case all other fields are empty."""

    @property
    def groups(self) -> tuple[tuple[str, tuple[RegretRow, ...]], ...]:
        """The rows in groups, each with its title, and at most SHOWN rows in each."""
        single = [one for one in self.rows if not one.timing]
        groups = (
            (BETTER, [one for one in single if one.better and not one.trade]),
            ("Better in one way, worse in another", [one for one in single if one.better and one.trade]),
            ("What different timing would have changed", [one for one in self.rows if one.timing]),
            (PREPARED, list(self.prepared)),
            (PAID, [one for one in single if not one.better]),
        )
        return tuple((title, tuple(rows[:SHOWN])) for title, rows in groups)

    @property
    def better(self) -> tuple[RegretRow, ...]:
        """Choices that would have been better, the best first."""
        return self.groups[0][1]


STOPPED = (
    "This debrief does not show what each command was worth: the calculation was stopped (Ctrl+C). "
    "`mxdrill debrief --regret` calculates it."
)
