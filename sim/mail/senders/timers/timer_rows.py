"""Messages with timers of their own as rows: on their course, in senders' queues, and when they leave."""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS

GIVEN_UP = -1
"""Placeholder for a host: the message has bounced."""


@dataclass(slots=True)
class Course:
    """Messages, one row each; times are milliseconds.

    `due_ms`: when the message's present attempt begins; its result is still open. `tries`: hosts attempted
    before it; `failures`: attempts that failed; `cause`: the failure of the last of them. `end_ms`: when it
    left its sender, for `host` or GIVEN_UP; NEVER_MS: it is still there. `timer`: number of its table of ages
    among the schedules.
    """

    id: I64
    arrival_ms: I64
    organisation: NDArray[np.int32]
    due_ms: I64
    tries: NDArray[np.int32]
    failures: NDArray[np.int32]
    cause: NDArray[np.int8]
    end_ms: I64
    host: NDArray[np.int16]
    timer: I64

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Course":
        """Some of the rows, in the order that `which` gives; a copy unless it is a slice."""
        return Course(*[column[which] for column in _columns(self)])

    def copy(self) -> "Course":
        """A copy of the messages, on which `follow` can be called independently."""
        shared = (self.id, self.arrival_ms, self.organisation)
        return Course(*shared, *[column.copy() for column in _changing(self)])


_columns = attrgetter(*(field.name for field in fields(Course)))
_CHANGING = ("due_ms", "tries", "failures", "cause", "end_ms", "host", "timer")
_changing = attrgetter(*_CHANGING)


def fresh(ids: I64, arrival_ms: I64, organisation: I64, timer: I64) -> Course:
    """Messages whose first attempt is due on arrival. `timer`: the number of each one's table of ages."""
    count = len(ids)
    tries, failures = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
    cause, host = np.zeros(count, dtype=np.int8), np.full(count, GIVEN_UP, dtype=np.int16)
    end_ms = np.full(count, NEVER_MS, dtype=np.int64)
    org = organisation.astype(np.int32)
    return Course(ids, arrival_ms, org, arrival_ms.copy(), tries, failures, cause, end_ms, host, timer)


def write_changes(rows: Course, here: NDArray[np.intp], some: Course) -> None:
    """Write the changing columns of `some` into `rows`."""
    for name in _CHANGING:
        getattr(rows, name)[here] = getattr(some, name)


class Ended(NamedTuple):
    """Messages that leave their senders, by (time, id): accepted by a host, or bounced."""

    time_ms: I64
    id: I64
    arrival_ms: I64
    host: NDArray[np.int16]
    """Index of the host that accepted the message; GIVEN_UP (-1) if it bounced."""
    tries: NDArray[np.int32]
    """Number of hosts attempted for the message, over all attempts."""
    put_off: NDArray[np.int32]
    """Number of scans without a connection; always 0 on these platforms."""
    cause: NDArray[np.int8]
    """Index in CAUSES of the last failure if the message bounced; 0 if it did not."""


class TimerQueue(NamedTuple):
    """Messages in their senders' queues, by id. `tries`: hosts attempted before now."""

    id: I64
    arrival_ms: I64
    organisation: NDArray[np.int32]
    tries: NDArray[np.int32]
