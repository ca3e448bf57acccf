"""The course of messages with timers of their own up to any bound, for many messages at a time.

Each message is at the beginning of an attempt. While conditions stay the same, all attempts up to the next
change are one step: they are counted by bisection in the platform's table.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.senders.hosts.mx_routes import Routes
from sim.mail.senders.timers.answers import DRAWN, OFFER, WAIT, Answers, Met
from sim.mail.senders.timers.schedule import Schedules
from sim.mail.senders.timers.tiers import Moves, moved
from sim.mail.senders.timers.timer_rows import GIVEN_UP, Course, fresh, write_changes

_BLOCK = 1 << 15
"""Number of rows handled at a time, so that the columns fit into a processor's cache."""


@frozen
class Attempts:
    """The hosts, routes and look-ups that the messages encounter.

    `platform`: the index of each organisation's platform in `schedules`. `lookup_ms`: time that each
    organisation's resolver takes to answer SERVFAIL.
    """

    schedules: Schedules
    platform: I64
    lookup_ms: I64
    routes: Routes
    answers: Answers
    moves: Moves

    def fresh(self, ids: I64, arrival_ms: I64, organisation: I64) -> Course:
        """Messages whose first attempt is due on arrival."""
        return fresh(ids, arrival_ms, organisation, self.platform[organisation])

    def follow(
        self, rows: Course, bound_ms: int | I64, look_ms: int = NEVER_MS, since_ms: int | I64 = 0
    ) -> None:
        """Advance `rows` (in place) through every attempt decided before `bound_ms` (of all, or of each).

        From `look_ms` on, attempts that have to be computed one by one are left out, because they are worth
        their cost only for requested messages. `since_ms`: the moment up to which `rows` have been advanced
        already.
        """
        bounds_ms = np.broadcast_to(np.asarray(bound_ms, dtype=np.int64), len(rows))
        moves = self.moves.since(int(np.min(since_ms, initial=NEVER_MS)))
        if moves:
            theirs = set(rows.organisation.tolist())
            moves = [(at_ms, organisation) for at_ms, organisation in moves if organisation in theirs]
        if not moves:
            self._follow(rows, bounds_ms, look_ms)
            return
        begun_ms = np.broadcast_to(np.asarray(since_ms, dtype=np.int64), len(rows))
        times_ms: dict[int, list[int]] = {}
        for at_ms, organisation in moves:
            times_ms.setdefault(organisation, []).append(at_ms)
        for organisation, moments_ms in times_ms.items():
            here = np.flatnonzero(rows.organisation == organisation)
            some = rows.take(here)
            for at_ms in moments_ms:
                moving = (begun_ms[here] <= at_ms) & (at_ms < bounds_ms[here])
                self._move(some, moving, at_ms, look_ms)
            write_changes(rows, here, some)
        self._follow_some(rows, np.ones(len(rows), dtype=np.bool_), bounds_ms, look_ms)

    def _follow_some(self, rows: Course, which: NDArray[np.bool_], bounds_ms: I64, look_ms: int) -> None:
        """Some of the rows; rows that have ended stay unchanged."""
        here = np.flatnonzero(which & (rows.end_ms == NEVER_MS))
        some = rows.take(here)
        self._follow(some, bounds_ms[here], look_ms)
        write_changes(rows, here, some)

    def _move(self, rows: Course, moving: NDArray[np.bool_], at_ms: int, look_ms: int) -> None:
        """Messages of one organisation that are in the last tier at `at_ms` leave it."""
        self._follow_some(rows, moving, np.full(len(rows), at_ms, dtype=np.int64), look_ms)
        here = np.flatnonzero(moving & (rows.end_ms == NEVER_MS))
        rows.due_ms[here], rows.timer[here] = moved(
            self.schedules, rows.arrival_ms[here], rows.due_ms[here], rows.timer[here], at_ms
        )

    def _follow(self, rows: Course, bounds_ms: I64, look_ms: int) -> None:
        """The messages as they would be without any move to an earlier tier."""
        for first in range(0, len(rows), _BLOCK):
            some = slice(first, first + _BLOCK)
            block, before_ms = rows.take(some), bounds_ms[some]
            here = np.arange(len(block))
            while len(here):
                here = self._step(block, self._give_up(block, here, before_ms), before_ms, look_ms)

    def acts_ms(self, rows: Course, now_ms: int) -> I64:
        """For each of `rows`, which arrived before now and are still with their senders: a time, `now_ms` or
        later, before which nothing happens to it. Valid as long as none of them is moved to an earlier tier.

        For a row whose latest attempt may still be in progress, the time is `now_ms`; otherwise it is that of
        the row's next attempt or limit.
        """
        by, age_ms = self.schedules, now_ms - rows.arrival_ms
        place = by.attempt_from(rows.timer, age_ms)
        longest_ms = self.answers.longest_ms()[self.platform[rows.organisation]]
        if self.routes.fails_slowly.any():
            longest_ms += self.lookup_ms[rows.organisation]
        in_progress = by.ages_ms[place - 1] + longest_ms >= age_ms
        next_ms = np.minimum(by.ages_ms[np.minimum(place, len(by.ages_ms) - 1)], by.limit_ms[rows.timer])
        acts_ms: I64 = np.where(in_progress, now_ms, np.maximum(rows.arrival_ms + next_ms, now_ms))
        return acts_ms

    def tried_in_hand(self, rows: Course, before_ms: int) -> I64:
        """The number of hosts that the present attempts of `rows` have attempted before `before_ms`."""
        tried = np.zeros(len(rows), dtype=np.int64)
        here = np.flatnonzero(rows.due_ms < before_ms)
        route, _ = self.routes.at(rows.organisation[here], rows.due_ms[here])
        tried[here] = self._exactly(rows, here, route, before_ms).hosts
        return tried

    def _exactly(self, rows: Course, here: NDArray[np.intp], route: I64, before_ms: int = NEVER_MS) -> Met:
        keys = (rows.due_ms[here], rows.id[here], rows.tries[here])
        organisation = rows.organisation[here]
        return self.answers.exact(self.platform[organisation], route, *keys, organisation, before_ms)

    def _give_up(self, rows: Course, here: NDArray[np.intp], bound_ms: I64) -> NDArray[np.intp]:
        """Bounce messages that reach the limit between two attempts; returns the others."""
        due_ms, arrival_ms = rows.due_ms[here], rows.arrival_ms[here]
        limit_ms = arrival_ms + self.schedules.limit_ms[rows.timer[here]]
        over = (due_ms >= limit_ms) & (due_ms > arrival_ms)
        if not over.any():
            return here
        rows.end_ms[here[over]] = np.where(limit_ms[over] < bound_ms[here[over]], limit_ms[over], NEVER_MS)
        return here[~over]

    def _step(self, rows: Course, here: NDArray[np.intp], bound_ms: I64, look_ms: int) -> NDArray[np.intp]:
        """Do one step for the rows `here`; returns the rows that may continue. `bound_ms`: one bound for
        each of `rows`.
        """
        due_ms, organisation = rows.due_ms[here], rows.organisation[here]
        platform = self.platform[organisation]
        route, until_ms = self.routes.at(organisation, due_ms)
        met = self.answers.foreseen(platform, route, due_ms)
        if self.routes.fails_slowly.any():
            met.takes_ms[:] += self.routes.fails_slowly[route] * self.lookup_ms[organisation]
        single = (met.kind == DRAWN) | (due_ms + met.takes_ms >= met.until_ms)
        single |= self.answers.put_off(met, organisation, rows.id[here], due_ms)
        now = np.flatnonzero(single & (due_ms < look_ms))
        if len(now):
            met.put(now, self._exactly(rows, here[now], route[now]))
        decided = (due_ms + met.takes_ms < bound_ms[here]) & ~(single & (due_ms >= look_ms))
        if not decided.all():
            here, until_ms = here[decided], until_ms[decided]
            met = met.take(np.flatnonzero(decided))
        fails = met.kind == WAIT
        if not fails.all():
            _end(rows, here[~fails], met.take(np.flatnonzero(~fails)))
            if not fails.any():
                return here[:0]
            here, until_ms = here[fails], until_ms[fails]
            met = met.take(np.flatnonzero(fails))
        return self._fail(rows, here, met, until_ms, bound_ms[here])

    def _fail(
        self,
        rows: Course,
        here: NDArray[np.intp],
        met: Met,
        until_ms: I64,
        bound_ms: I64,
    ) -> NDArray[np.intp]:
        """Make all attempts, beginning with the present one, that fail in the same way; returns the messages
        with a further attempt.

        `until_ms`: when each organisation's route changes.
        """
        by, arrival_ms, takes_ms = self.schedules, rows.arrival_ms[here], met.takes_ms
        timer = rows.timer[here]
        lifetime_ms, attempts = by.lifetime_ms[timer], by.attempts[timer]
        first = by.attempt_from(timer, rows.due_ms[here] - arrival_ms)
        before_ms = np.minimum(np.minimum(met.until_ms, bound_ms) - takes_ms, until_ms) - arrival_ms
        after = by.attempt_from(timer, np.minimum(before_ms, by.limit_ms[timer]))
        last = by.attempt_from(timer, lifetime_ms - takes_ms)
        # An attempt that lasts longer than a gap skips entries of the table, so attempts are made one at a
        # time.
        several = by.least_gap_ms[first] > takes_ms
        count = np.where(several, np.minimum(after, last + 1) - first, 1)
        count = np.minimum(np.maximum(count, 1), attempts - rows.failures[here])
        age_ms = by.ages_ms[first + count - 1] + takes_ms
        rows.tries[here] += (count * met.hosts).astype(np.int32)
        rows.failures[here] += count.astype(np.int32)
        rows.cause[here] = met.what
        over = (age_ms >= lifetime_ms) | (rows.failures[here] >= attempts)
        rows.end_ms[here[over]] = (arrival_ms + age_ms)[over]
        here, arrival_ms, age_ms = here[~over], arrival_ms[~over], age_ms[~over]
        rows.due_ms[here] = arrival_ms + by.ages_ms[by.attempt_from(timer[~over], age_ms + 1)]
        return here


def _end(rows: Course, here: NDArray[np.intp], met: Met) -> None:
    """Make attempts with which messages leave: a host accepts them, or they bounce at once."""
    offered = met.kind == OFFER
    rows.end_ms[here] = rows.due_ms[here] + met.takes_ms
    rows.tries[here] += met.hosts.astype(np.int32)
    rows.failures[here] += ~offered
    rows.host[here] = np.where(offered, met.what, GIVEN_UP)
    rows.cause[here] = np.where(offered, rows.cause[here], met.what)
