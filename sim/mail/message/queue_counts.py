"""Counts of the messages in the inbound queue, for every repaint of a console: the queue is not copied."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.traffic import DIRECTIONS, count_directions


class QueuePart(NamedTuple):
    """Messages in one part of a queue. Columns of equal length, if possible views of the queue's own columns,
    which are only valid until the queue changes.
    """

    id: I64
    arrival_ms: I64
    present: NDArray[np.bool_] | None = None
    """For columns by arrival: False for each message that has left the part. None: all are present."""


class InQueue:
    """The messages in the inbound queue, part by part; only valid until the queue changes."""

    def __init__(self, parts: list[QueuePart]) -> None:
        self._parts = parts
        self._depth = sum(_count(part) for part in parts)

    def __len__(self) -> int:
        return self._depth

    def first_ids(self, count: int) -> I64:
        """The identities of the first `count` messages."""
        found: list[I64] = [np.empty(0, dtype=np.int64)]
        for part in self._parts:
            for block in _blocks(part):
                if count <= 0:
                    break
                ids = block.id if block.present is None else block.id[block.present]
                found.append(ids[:count])
                count -= len(ids)
        return np.concatenate(found)

    def arrivals_ms(self) -> Iterator[I64]:
        """The arrival of each message, in blocks."""
        for part in self._parts:
            for block in _blocks(part):
                yield block.arrival_ms if block.present is None else block.arrival_ms[block.present]

    def oldest_ms(self) -> int | None:
        """The earliest arrival; None for an empty queue."""
        return min((_oldest_ms(part) for part in self._parts if _count(part)), default=None)

    def arrived_by(self, times_ms: I64) -> I64:
        """The number of messages that arrived at each of the ascending times or earlier."""
        arrived = np.zeros(len(times_ms), dtype=np.int64)
        for part in self._parts:
            arrived += _arrived_by(part, times_ms)
        return arrived

    def by_direction(self) -> I64:
        """The number of messages of each direction."""
        counts = np.zeros(len(DIRECTIONS), dtype=np.int64)
        for part in self._parts:
            for block in _blocks(part):
                counts += count_directions(block.id, block.present)
        return counts


def _count(part: QueuePart) -> int:
    return len(part.id) if part.present is None else int(np.count_nonzero(part.present))


def _blocks(part: QueuePart) -> Iterator[QueuePart]:
    for first in range(0, len(part.id), BLOCK):
        some = slice(first, first + BLOCK)
        present = None if part.present is None else part.present[some]
        yield QueuePart(part.id[some], part.arrival_ms[some], present)


def _oldest_ms(part: QueuePart) -> int:
    return int(part.arrival_ms.min() if part.present is None else part.arrival_ms[part.present.argmax()])


def _arrived_by(part: QueuePart, times_ms: I64) -> I64:
    """The number of messages in the part that arrived at each of the ascending times or earlier.

    Most blocks of an unordered part are entirely older or newer than a time, and need no comparison with it.
    """
    if part.present is not None:
        ends = part.arrival_ms.searchsorted(times_ms, side="right").tolist()
        pieces = [part.present[first:end] for first, end in zip([0, *ends], ends, strict=False)]
        return np.cumsum([np.count_nonzero(piece) for piece in pieces])
    arrived = np.zeros(len(times_ms), dtype=np.int64)
    for block in _blocks(part):
        arrival_ms = block.arrival_ms
        none, all_of_it = times_ms.searchsorted((arrival_ms.min(), arrival_ms.max())).tolist()
        arrived[all_of_it:] += len(arrival_ms)
        for number in range(none, all_of_it):
            arrived[number] += np.count_nonzero(arrival_ms <= times_ms[number])
    return arrived
