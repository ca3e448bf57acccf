"""The course of messages that keep timers of their own, up to any bound: many messages at a time.

A message stands at the beginning of an attempt. While what the attempt meets stays the same, all
attempts up to the next change are one step: they are counted by bisection in the platform's table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.mail.rows import NEVER_MS
from sim.mail.senders.answers import DRAWN, OFFER, WAIT, Answers, Met
from sim.mail.senders.routes import Routes
from sim.mail.senders.schedule import Schedule

GIVEN_UP = -1
"""In place of a host: the message has bounced."""

_BLOCK = 1 << 15
"""Rows at a time: so many columns fit into a processor's cache."""


@dataclass(slots=True)
class Course:
    """Messages, one row each; times are milliseconds.

    `due_ms`: when the attempt begins at which the message stands; it has not been decided yet. `tries`:
    hosts tried before it; `failures`: attempts that failed; `cause`: how the last of them did.
    `end_ms`: when it left its sender, for `host` or GIVEN_UP; NEVER_MS: it is still there.
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

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Course":
        """Some of the rows, in the order that `which` gives; a copy but for a slice."""
        return Course(*(getattr(self, field.name)[which] for field in fields(self)))

    def copy(self) -> "Course":
        """The same messages, of which `follow` can be asked on its own."""
        shared = (self.id, self.arrival_ms, self.organisation)
        return Course(*shared, *(getattr(self, name).copy() for name in _CHANGING))


_CHANGING = ("due_ms", "tries", "failures", "cause", "end_ms", "host")


def fresh(ids: I64, arrival_ms: I64, organisation: I64) -> Course:
    """Messages whose first attempt is due on arrival."""
    count = len(ids)
    tries, failures = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
    cause, host = np.zeros(count, dtype=np.int8), np.full(count, GIVEN_UP, dtype=np.int16)
    end_ms = np.full(count, NEVER_MS, dtype=np.int64)
    org = organisation.astype(np.int32)
    return Course(ids, arrival_ms, org, arrival_ms.copy(), tries, failures, cause, end_ms, host)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What messages meet on their way.

    `schedules`: of the platforms; `platform`: the number of each organisation's. `lookup_ms`: how long
    each organisation's resolver takes to answer SERVFAIL.
    """

    schedules: Sequence[Schedule]
    platform: NDArray[np.int32]
    lookup_ms: I64
    routes: Routes
    answers: Answers

    def follow(self, rows: Course, bound_ms: int) -> None:
        """Carry `rows` (in place) through every attempt that is decided before `bound_ms`."""
        platform = self.platform[rows.organisation]
        for number in np.unique(platform).tolist():
            some = np.flatnonzero(platform == number)
            for first in range(0, len(some), _BLOCK):
                block = some[first : first + _BLOCK]
                part = rows.take(block)
                self._carry(self.schedules[number], part, bound_ms)
                for name in _CHANGING:
                    getattr(rows, name)[block] = getattr(part, name)

    def tried_in_hand(self, rows: Course, before_ms: int) -> I64:
        """How many hosts the attempts at which `rows` stand have tried before `before_ms`."""
        tried = np.zeros(len(rows), dtype=np.int64)
        platform = self.platform[rows.organisation]
        for number in np.unique(platform[rows.due_ms < before_ms]).tolist():
            here = np.flatnonzero((platform == number) & (rows.due_ms < before_ms))
            route, _ = self.routes.at(rows.organisation[here], rows.due_ms[here])
            tried[here] = self._exactly(self.schedules[number], rows, here, route, before_ms).hosts
        return tried

    def _exactly(
        self,
        schedule: Schedule,
        rows: Course,
        here: NDArray[np.intp],
        route: I64,
        before_ms: int = NEVER_MS,
    ) -> Met:
        keys = (rows.due_ms[here], rows.id[here], rows.tries[here])
        return self.answers.exact(schedule, route, *keys, before_ms)

    def _carry(self, schedule: Schedule, rows: Course, bound_ms: int) -> None:
        """Rows of one platform, step by step until each has ended or stands where the bound stops it."""
        here = np.arange(len(rows))
        while len(here):
            here = self._step(schedule, rows, _give_up(schedule, rows, here, bound_ms), bound_ms)

    def _step(
        self, schedule: Schedule, rows: Course, here: NDArray[np.intp], bound_ms: int
    ) -> NDArray[np.intp]:
        """One step of the rows `here`; those that may go on."""
        due_ms = rows.due_ms[here]
        route, until_ms = self.routes.at(rows.organisation[here], due_ms)
        met = self.answers.foreseen(schedule, route, due_ms)
        met.takes_ms[:] += self.routes.fails_slowly[route] * self.lookup_ms[rows.organisation[here]]
        open_ = np.flatnonzero((met.kind == DRAWN) | (due_ms + met.takes_ms >= met.until_ms))
        if len(open_):
            met.put(open_, self._exactly(schedule, rows, here[open_], route[open_]))
        decided = np.flatnonzero(due_ms + met.takes_ms < bound_ms)
        if len(decided) < len(here):
            here, until_ms, met = here[decided], until_ms[decided], met.take(decided)
        fails = met.kind == WAIT
        if not fails.all():
            _end(rows, here[~fails], met.take(np.flatnonzero(~fails)))
            here, until_ms, met = here[fails], until_ms[fails], met.take(np.flatnonzero(fails))
        return _fail(schedule, rows, here, met, until_ms, bound_ms)


def _give_up(schedule: Schedule, rows: Course, here: NDArray[np.intp], bound_ms: int) -> NDArray[np.intp]:
    """Messages that reach the limit between two attempts bounce then; the others are returned."""
    if not schedule.at_limit:
        return here
    due_ms, arrival_ms = rows.due_ms[here], rows.arrival_ms[here]
    limit_ms = arrival_ms + schedule.lifetime_ms
    over = (due_ms >= limit_ms) & (due_ms > arrival_ms)
    rows.end_ms[here[over]] = np.where(limit_ms[over] < bound_ms, limit_ms[over], NEVER_MS)
    return here[~over]


def _end(rows: Course, here: NDArray[np.intp], met: Met) -> None:
    """Attempts with which messages leave: a host takes them, or they bounce at once."""
    offered = met.kind == OFFER
    rows.end_ms[here] = rows.due_ms[here] + met.takes_ms
    rows.tries[here] += met.hosts.astype(np.int32)
    rows.failures[here] += ~offered
    rows.host[here] = np.where(offered, met.what, GIVEN_UP)
    rows.cause[here] = np.where(offered, rows.cause[here], met.what)


def _fail(
    schedule: Schedule, rows: Course, here: NDArray[np.intp], met: Met, until_ms: I64, bound_ms: int
) -> NDArray[np.intp]:
    """All attempts from those that begin now on that fail alike; returns who has another one coming.

    `until_ms`: when each organisation's route changes.
    """
    ages_ms, takes_ms, arrival_ms = schedule.ages_ms, met.takes_ms, rows.arrival_ms[here]
    first = np.searchsorted(ages_ms, rows.due_ms[here] - arrival_ms)
    before_ms = np.minimum(np.minimum(met.until_ms, bound_ms) - takes_ms, until_ms) - arrival_ms
    if schedule.at_limit:
        before_ms = np.minimum(before_ms, schedule.lifetime_ms)
    last_of_all = np.searchsorted(ages_ms, schedule.lifetime_ms - takes_ms)
    count = np.minimum(np.searchsorted(ages_ms, before_ms), last_of_all + 1) - first
    # An attempt that outlasts a gap skips entries of the table: then one at a time.
    count = np.maximum(np.where(schedule.least_gap_ms[first] > takes_ms, count, 1), 1)
    count = np.minimum(count, schedule.attempts - rows.failures[here])
    age_ms = ages_ms[first + count - 1] + takes_ms
    rows.tries[here] += (count * met.hosts).astype(np.int32)
    rows.failures[here] += count.astype(np.int32)
    rows.cause[here] = met.what
    over = (age_ms >= schedule.lifetime_ms) | (rows.failures[here] >= schedule.attempts)
    rows.end_ms[here[over]] = arrival_ms[over] + age_ms[over]
    here, arrival_ms, age_ms = here[~over], arrival_ms[~over], age_ms[~over]
    rows.due_ms[here] = arrival_ms + ages_ms[np.searchsorted(ages_ms, age_ms, side="right")]
    return here
