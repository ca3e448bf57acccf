"""The pace of a busy receiver, which serves messages in order of arrival on a fixed number of connections."""

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.frozen import frozen


@frozen
class Receiver:
    """The number of connections of a server, and its time per message."""

    connections: int
    per_message_ms: int


def service_starts(offered_ms: I64, free_ms: I64, per_message_ms: int) -> I64:
    """The time at which the transfer of each message begins.

    `offered_ms`: when each was offered, in the order of service (ascending). `free_ms`: when each of the
    connections is free, in any order. Every message takes `per_message_ms` >= 1. Returns ascending starts,
    same shape.
    """
    free_ms, done, parts = np.sort(free_ms), 0, []
    while done < len(offered_ms):
        # Connections that are busy for more than one further message (begun at another pace) join later.
        first_ms = int(max(offered_ms[done], free_ms[0]))
        ready = int(free_ms.searchsorted(first_ms + per_message_ms, side="right"))
        if ready == len(free_ms):
            parts.append(_in_turn(offered_ms[done:], free_ms, per_message_ms))
            break
        joins_ms = int(free_ms[ready])
        room = ready * ((joins_ms - first_ms) // per_message_ms + 2)
        some_ms = _in_turn(offered_ms[done : done + room], free_ms[:ready], per_message_ms)
        some_ms = some_ms[: int(some_ms.searchsorted(joins_ms, side="right"))]
        parts.append(some_ms)
        done += len(some_ms)
        ends_ms = np.sort(np.concatenate([free_ms[:ready], some_ms + per_message_ms]))[-ready:]
        free_ms = np.sort(np.concatenate([ends_ms, free_ms[ready:]]))
    return parts[0] if len(parts) == 1 else np.concatenate([*parts, offered_ms[:0]])


def _in_turn(offered_ms: I64, free_ms: I64, per_message_ms: int) -> I64:
    """The starts if every connection is free at most `per_message_ms` after the first start. Message k then
    waits only for the end of message k - c: Lindley's recursion with c interleaved cumulative
    maxima, in integers.
    """
    connections, count = len(free_ms), len(offered_ms)
    free_ms = np.sort(free_ms)
    if (
        offered_ms[-1] - offered_ms[0] >= (count - 1) // connections * per_message_ms
        and (offered_ms[:connections] >= free_ms[:count]).all()
        and (offered_ms[connections:] - offered_ms[:-connections] >= per_message_ms).all()
    ):
        return offered_ms  # no message waits
    turns = -(-count // connections)
    served_ms = np.arange(turns, dtype=np.int64)[:, None] * per_message_ms
    starts_ms = np.empty(
        (1 + turns, connections), dtype=np.int64
    )  # one array for all steps: see decision 335
    starts_ms[0] = free_ms
    in_turn = starts_ms[1:].reshape(-1)  # a view
    in_turn[:count], in_turn[count:] = offered_ms, offered_ms[-1]
    starts_ms[1:] -= served_ms
    np.maximum.accumulate(starts_ms, axis=0, out=starts_ms)
    starts_ms[1:] += served_ms
    return in_turn[:count]
