"""Draws of one receiving host that fails in part.

The sending hop and the queues in front of a host model the same host: both draw here.
"""

from sim.kernel.draws import I64, below, mix


def attempt_permille(seed: int, host: str, messages: int | I64, number: int | I64) -> I64:
    """A draw in 0..999 for attempt `number` of each message; n ‰ of all attempts are below n."""
    return below(mix(seed, f"partly {host}", messages, number), 1000)


def recipient_permille(seed: int, host: str, users: I64) -> I64:
    """A draw in 0..999 for each recipient; n ‰ of all recipients are below n."""
    return below(mix(seed, f"partial {host}", users), 1000)
