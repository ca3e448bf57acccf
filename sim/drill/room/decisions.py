"""Records of decisions: those implied by a command, those put on record, and the judgements on them."""

from typing import Literal

from sim.kernel.frozen import frozen

Matter = Literal[
    "pause",
    "retention",
    "outbound pause",
    "outbound retention",
    "mx",
    "mx back",
    "outbound",
    "outbound back",
    "continuity",
    "continuity end",
]
"""The questions that can be decided; the house rules have a rule for each."""


@frozen
class DecisionTaken:
    """The decision that giving a command implies."""

    about: Matter
    answer: str = "yes"
    """`yes` or `no`."""
    written: bool = False
    """True if the command only puts the decision on record, and another command carries it out."""
    review_in_ms: int | None = None
    """The time until the promised review of the decision; None if no review was promised."""
    by_backup: bool = False
    """True if the decision directs inbound mail to the backup."""
    path: str = ""
    """The outbound route that the decision names; empty if it names none."""


@frozen
class Decision:
    """A decision that was put on record."""

    t_ms: int
    by: str
    about: str
    answer: str
    because: str


@frozen
class Judged:
    """A decision, and whether it was right by the facts known at `t_ms`."""

    t_ms: int
    about: Matter
    answer: str
    text: str
    """The command that implied the decision."""
    deed: bool
    """True if the command carries the decision out; False if it only puts it on record."""
    sound: bool
    why: str
    review_ms: int | None = None
    """The time of the promised review on which the decision depends; None if none was promised."""
