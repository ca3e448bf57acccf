"""Messages that have left their senders, as columns of the hop's log: from machines and hosts with a line."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.mail.senders.hosts.host_line import HostLine
from sim.mail.senders.machine_ends import DELIVERED, End, EndedAlike
from sim.mail.senders.timers.answers import CAUSES

TYPES = (np.int64, np.int64, np.int64, np.int16, np.int32, np.int32, np.int16, np.int8)
"""Types of the columns, in the order of `Arrivals.NAMES`."""
_CAUSE = {cause: number for number, cause in enumerate(CAUSES)}


def one_by_one(ends: Sequence[End], names: Sequence[str]) -> list[NDArray[Any]]:
    """Messages that have ended at machines one by one; `names`: those of the hosts, by their numbers."""
    if not ends:
        return [np.empty(0, dtype=kind) for kind in TYPES]
    time_ms, fate, _, ids, written_ms, host, tries, put_off, cause, notified = zip(*ends, strict=True)
    place = {name: index for index, name in enumerate(names)}
    hosts = [place[name] if end == DELIVERED else -1 for name, end in zip(host, fate, strict=True)]
    causes = list(map(_CAUSE.__getitem__, cause))
    whole = [time_ms, ids, written_ms, hosts, tries, put_off, causes, notified]
    columns = [np.array(column, dtype=np.int64) for column in whole]
    return [*columns[:-1], np.minimum(columns[-1], 1)]


def alike(some: EndedAlike, names: Sequence[str]) -> list[NDArray[Any]]:
    """Messages that have ended at a machine in the same way."""
    host = np.full(len(some.id), names.index(some.host) if some.fate == DELIVERED else -1)
    cause = np.full(len(some.id), _CAUSE[some.cause])
    own = [some.time_ms, some.id, some.arrival_ms, host, some.tries, some.put_off]
    return [*own, cause, np.minimum(some.notified, 1)]


def out_of_line(number: int, line: HostLine, now_ms: int) -> list[NDArray[Any]]:
    """Messages offered by `Timers` to the host `number`, which has a line, and accepted until `now_ms`."""
    end_ms, ids, written_ms, tries = line.taken(now_ms)
    host, zero = np.full(len(ids), number), np.zeros(len(ids), dtype=np.int8)
    return [end_ms, ids, written_ms, host, tries, zero, zero, zero]
