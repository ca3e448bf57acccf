"""Connection attempts that have not been answered so far, because their packets were dropped; the packets
are repeated.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.rows import BOUNCED, NO_ROWS, REJECTED, Rows
from sim.mail.message.syn_times import SYN_MS
from sim.mail.queue.outcomes import OFFERED
from sim.mail.queue.receiver_condition import Condition, ReceiverDraws


@frozen
class Flying:
    """Messages with an unanswered connection attempt in progress, and when it began."""

    rows: Rows
    begun_ms: I64

    def take(self, which: NDArray[np.bool_]) -> "Flying":
        return Flying(self.rows.take(which), self.begun_ms[which])


NONE_FLYING = Flying(NO_ROWS, NO_ROWS.arrival_ms)


def settled(
    rows: Rows, begun_ms: I64, condition: Condition, host: ReceiverDraws, connect_ms: int, now_ms: int
) -> tuple[I64, NDArray[np.int8]]:
    """The time from `now_ms` on at which each attempt in progress ends, and its result: OFFERED, REJECTED, or
    BOUNCED.

    BOUNCED means a failure. Packets are repeated: the first one that is not dropped gets the answer of
    `condition`; after `connect_ms` the attempt times out.
    """
    packet_ms = np.full(len(rows), NEVER_MS, dtype=np.int64)
    # the first packet was dropped; otherwise, the attempt would be over
    for later_ms in SYN_MS[:0:-1]:
        if later_ms < connect_ms:
            packet_ms = np.where(begun_ms + later_ms >= now_ms, begun_ms + later_ms, packet_ms)
    arrives = packet_ms < NEVER_MS
    met = host.meets(condition, rows, rows.attempts + np.int32(1))
    dropped = ~arrives | (met & (condition.answer == "timeout"))
    how = np.where(met, np.int8(REJECTED if condition.answer == "reject" else BOUNCED), np.int8(OFFERED))
    how = np.where(dropped, np.int8(BOUNCED), how).astype(np.int8)
    return np.where(dropped, begun_ms + connect_ms, packet_ms), how
