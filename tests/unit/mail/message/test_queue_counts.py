"""What consoles count of a queue in parts, against the same counts of one plain list."""

from itertools import pairwise

import numpy as np
import pytest

from sim.kernel.draws import I64
from sim.mail.message.growing_columns import BLOCK
from sim.mail.message.queue_counts import InQueue, QueuePart
from sim.mail.message.traffic import direction_of

TIMES_MS = np.array([-1, 0, 10, 499_999, 500_000, 1 << 60], dtype=np.int64)


def part(rng: np.random.Generator, count: int, *, flags: float | None = None, runs: int = 1) -> QueuePart:
    """`flags`: the share of messages that are present; `runs`: of ascending arrivals."""
    ids = (rng.integers(0, 2, count) << 61) | (rng.integers(0, 3, count) << 58) | np.arange(count)
    edges = np.linspace(0, count, runs + 1).astype(int)
    arrivals_ms = rng.integers(0, 1_000_000, count)
    for first, end in pairwise(edges):
        arrivals_ms[first:end] = np.sort(arrivals_ms[first:end])
    return QueuePart(ids, arrivals_ms, None if flags is None else rng.random(count) < flags)


def plain(parts: list[QueuePart]) -> tuple[I64, I64]:
    ids, arrivals_ms = list[int](), list[int]()
    for ids_of, arrivals_of_ms, present in parts:
        for row in range(len(ids_of)):
            if present is None or present[row]:
                ids.append(int(ids_of[row]))
                arrivals_ms.append(int(arrivals_of_ms[row]))
    return np.array(ids, dtype=np.int64), np.array(arrivals_ms, dtype=np.int64)


@pytest.mark.parametrize("seed", range(12))
def test_counts_in_parts_are_those_of_one_list(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(0, 2 * BLOCK + 100))
    parts = [
        part(rng, size, flags=float(rng.random())),
        part(rng, int(rng.integers(0, BLOCK + 50)), runs=int(rng.integers(1, 9))),
        part(rng, int(rng.integers(0, 3)), flags=[None, 0.0, 1.0][seed % 3]),
    ]
    ids, arrivals_ms = plain(parts)
    queue = InQueue(parts)
    assert len(queue) == len(ids)
    assert queue.oldest_ms() == (int(arrivals_ms.min()) if len(ids) else None)
    assert queue.arrived_by(TIMES_MS).tolist() == [int((arrivals_ms <= at_ms).sum()) for at_ms in TIMES_MS]
    assert queue.by_direction().tolist() == [int((direction_of(ids) == one).sum()) for one in range(3)]
    for count in (0, 1, BLOCK, len(ids), len(ids) + 5):
        assert queue.first_ids(count).tolist() == ids[:count].tolist()
    assert np.concatenate([*queue.arrivals_ms(), arrivals_ms[:0]]).tolist() == arrivals_ms.tolist()


def test_an_empty_queue_is_counted() -> None:
    queue = InQueue([QueuePart(np.arange(0), np.arange(0))])
    assert len(queue) == 0
    assert queue.oldest_ms() is None
    assert queue.arrived_by(TIMES_MS).tolist() == [0] * len(TIMES_MS)
    assert queue.first_ids(3).tolist() == []
