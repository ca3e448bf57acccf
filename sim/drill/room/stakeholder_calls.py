"""The record of the calls of executives and partners that the room keeps."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StakeholderCall:
    """An executive or a partner has phoned."""

    t_ms: int
    who: str
    """`executives` or `partners`."""
    name: str
    says: str
    by: str
    """Who answers it."""
    holds_ms: int
    """How long that keeps them busy."""


def called_ms(calls: Iterable[StakeholderCall], who: str) -> list[int]:
    """When `who` (`executives` or `partners`) phoned, in the order of `calls`."""
    return [call.t_ms for call in calls if call.who == who]
