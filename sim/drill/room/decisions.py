"""The records of decisions that the room keeps: as they were written down, and as they were judged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was written down."""

    t_ms: int
    by: str
    about: str
    answer: str
    because: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision and whether it was right by what was known at `t_ms`."""

    t_ms: int
    about: str
    """`pause`, `mx`, `outbound`, `retention`, `continuity`, `continuity end`, `mx back`, `outbound back`,
    `outbound pause`, `outbound retention`.
    """
    answer: str
    text: str
    """The command by which it was taken."""
    deed: bool
    """Whether that does it, rather than writes it down."""
    sound: bool
    why: str
    review_ms: int | None = None
    """When it is to be looked at again, if that was written with it: it is right only if somebody does."""
