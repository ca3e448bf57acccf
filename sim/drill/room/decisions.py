"""Records of decisions: implied by a command, put on record, and judged."""

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
    """True if it is only put on record; carrying it out takes another command."""
    review_in_ms: int | None = None
    """The time until it is to be reviewed; None: no review was promised."""
    by_backup: bool = False
    """True if it leads inbound mail to the backup."""
    path: str = ""
    """The route that it gives outbound mail; empty: not named."""


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
    """The promised review; the decision is right only if the review takes place. None: none was promised."""
