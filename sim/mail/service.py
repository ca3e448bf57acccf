"""How a busy receiver takes mail: first come, first served, on a fixed number of connections."""

from dataclasses import dataclass

import numpy as np

from sim.kernel.draws import I64


@dataclass(frozen=True, slots=True)
class Receiver:
    """How much a server takes at once."""

    connections: int
    per_message_ms: int


def service_starts(offered_ms: I64, free_ms: I64, per_message_ms: int) -> I64:
    """When each message begins to be taken.

    `offered_ms`: when each was offered, in the order in which it is served (ascending).
    `free_ms`: when each of the c connections is free, in any order, none later than
    `per_message_ms` after the first start (ends of the last c messages are such). Every message takes
    `per_message_ms`, so message k waits for the end of message k - c only (Lindley's recursion
    with c interleaved cumulative maxima, in integers). Returns ascending starts, same shape.
    """
    connections, count = len(free_ms), len(offered_ms)
    if count == 0:
        return offered_ms.copy()
    turns = -(-count // connections)
    padded = np.full(turns * connections, offered_ms[-1], dtype=np.int64)
    padded[:count] = offered_ms
    waiting = padded.reshape(turns, connections)
    served = np.arange(turns, dtype=np.int64)[:, None] * per_message_ms
    earliest = np.maximum.accumulate(np.vstack([np.sort(free_ms)[None, :], waiting - served]), axis=0)[1:]
    return (earliest + served).reshape(-1)[:count]
