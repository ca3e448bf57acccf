"""Records of phone calls from executives and partners."""

from collections.abc import Iterable

from sim.kernel.frozen import frozen


@frozen
class StakeholderCall:
    """A phone call from an executive or a partner."""

    t_ms: int
    who: str
    """`executives` or `partners`."""
    name: str
    says: str
    by: str
    """The person who answers the call."""
    holds_ms: int
    """How long the call keeps this person busy."""


def called_ms(calls: Iterable[StakeholderCall], who: str) -> list[int]:
    """The times of calls from `who` (`executives` or `partners`), in the order of `calls`."""
    return [call.t_ms for call in calls if call.who == who]
