"""Draws for one receiving host that fails in part.

The sending hop and the queues in front of a host refer to the same host, so both use these draws.
"""

from typing import Literal

from sim.kernel.draws import I64, below, below_one, mix, mix_one

Sharers = Literal["attempts", "recipients", "senders", "platforms", "networks"]
"""What a failing share is a share of. `senders` are organisations, each with addresses of its own; the
organisations in a network share a block of addresses.
"""


def attempt_permille(seed: int, host: str, messages: int | I64, number: int | I64) -> I64:
    """A draw in 0..999 for attempt `number` of each message; n ‰ of all attempts get a draw below n."""
    return below(mix(seed, f"partly {host}", messages, number), 1000)


def one_attempt_permille(seed: int, host: str, message: int, number: int) -> int:
    """The same draw for one message."""
    return below_one(mix_one(seed, f"partly {host}", message, number), 1000)


def recipient_permille(seed: int, host: str, users: I64) -> I64:
    """A draw in 0..999 for each recipient; n ‰ of all recipients get a draw below n."""
    return below(mix(seed, f"partial {host}", users), 1000)


def sender_permille(seed: int, of: Sharers, numbers: I64) -> I64:
    """A draw in 0..999 for each sender, network or platform, the same at every host; n ‰ of all get a draw
    below n.
    """
    return below(mix(seed, f"partly by {of}", numbers), 1000)
