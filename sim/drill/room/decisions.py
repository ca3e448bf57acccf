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
"""Matters to be decided; the house rules have a rule for each."""


@frozen
class DecisionTaken:
    """The decision that giving a command implies."""

    about: Matter
    answer: str = "yes"
    """`yes` or `no`."""
    written: bool = False
    """True if it is only put on record; another command carries it out."""
    review_in_ms: int | None = None
    """The time until it is to be reviewed; None: no review was promised."""
    by_backup: bool = False
    """True if it directs inbound mail to the backup."""
    path: str = ""
    """The outbound route that it names; empty: none."""


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
    """A decision, and True if it was right by the facts known at `t_ms`."""

    t_ms: int
    about: Matter
    answer: str
    text: str
    """The command that implied it."""
    deed: bool
    """True if the command carries it out; false if it only puts it on record."""
    sound: bool
    why: str
    review_ms: int | None = None
    """The promised review, without which the decision is not right; None: none was promised."""
