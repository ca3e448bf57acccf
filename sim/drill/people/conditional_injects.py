"""Injects with a condition: a watcher finds the first moment at which a condition is true.

Each term of a condition computes the first moment in a span of time at which it is true if nothing else
changes: comparisons look ahead in the world, as monitors do. If a milestone is reached before then, the drill
asks again.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.condition import Both, Comparison, Either, InTime, Reached, Term
from sim.drill.scenario.scenario import Inject, Scenario
from sim.drill.services.helpdesk import Helpdesk
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.users.time_without_mail import without_mail
from sim.mail.users.users import Users
from sim.mail.world import World


class WatchedDrill(Protocol):
    """The parts of a drill that conditions refer to."""

    @property
    def scenario(self) -> Scenario: ...

    @property
    def world(self) -> World: ...

    @property
    def helpdesk(self) -> Helpdesk: ...

    @property
    def milestones(self) -> Mapping[str, int]:
        """The moment of each milestone so far, ms."""

    def inject(self, inject: Inject) -> None:
        """Called with an inject when it is due."""


class ConditionalInjects:
    """A watcher: fires each inject once, at the first moment at which its condition is true."""

    def __init__(self, drill: WatchedDrill, injects: list[Inject]) -> None:
        """`injects`: the injects with a condition, in the order of the file, which is also their order
        within one millisecond.
        """
        self._drill = drill
        self.waiting = injects
        self._named = {name for one in injects for name in one.awaits}

    def awaits(self, milestone: str) -> bool:
        """True if a condition names this milestone."""
        return milestone in self._named

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        found = None
        for inject in self.waiting:
            moment_ms = self._first(inject, a_ms, b_ms if found is None else found)
            found = found if moment_ms is None else moment_ms
        return found

    def cross(self, moment_ms: int) -> None:
        for inject in self.waiting:
            if self._first(inject, moment_ms, moment_ms + 1) is not None:
                self.waiting.remove(inject)
                self._drill.inject(inject)
                return  # the remaining injects are asked again, because this one may have changed their state

    def _first(self, inject: Inject, a_ms: int, b_ms: int) -> int | None:
        return first_moment(self._drill, inject.when.term, a_ms, b_ms) if inject.when else None


def first_moment(drill: WatchedDrill, term: Term, a_ms: int, b_ms: int) -> int | None:
    """The first moment in [a_ms, b_ms) at which `term` is true, if nothing changes before it."""
    if a_ms >= b_ms:
        return None
    match term:
        case Comparison():
            return _FIRST[term.quantity](drill, term, a_ms, b_ms)
        case Reached() | InTime():
            return _moment(drill, term, a_ms, b_ms)
        case Either(parts):
            found = [first_moment(drill, part, a_ms, b_ms) for part in parts]
            return min((one for one in found if one is not None), default=None)
        case Both(parts):
            return _all_true(drill, parts, a_ms, b_ms)


def _all_true(drill: WatchedDrill, parts: tuple[Term, ...], a_ms: int, b_ms: int) -> int | None:
    """The first moment at which all terms are true: the latest of the terms' first moments, at which each
    is checked again.
    """
    while True:
        latest_ms = a_ms
        for part in parts:
            moment_ms = first_moment(drill, part, latest_ms, b_ms)
            if moment_ms is None:
                return None
            latest_ms = moment_ms
        if latest_ms == a_ms:
            return a_ms
        a_ms = latest_ms


def _moment(drill: WatchedDrill, term: Reached | InTime, a_ms: int, b_ms: int) -> int | None:
    scenario, reached = drill.scenario, drill.milestones
    due_ms = resolve(term.anchor, reached, scenario.starts_utc_ms, scenario.zone)
    if isinstance(term, Reached):
        if term.yet:
            return a_ms if due_ms is None or a_ms < due_ms else None
        return None if due_ms is None else _within(due_ms, a_ms, b_ms)
    came_ms = reached.get(term.milestone)
    in_time = came_ms is not None and (due_ms is None or came_ms <= due_ms)
    if term.missed:
        return None if in_time or due_ms is None else _within(due_ms, a_ms, b_ms)
    return a_ms if in_time else None


def _within(moment_ms: int, a_ms: int, b_ms: int) -> int | None:
    moment_ms = max(moment_ms, a_ms)
    return moment_ms if moment_ms < b_ms else None


# Quantities. A message or call counts from the millisecond after its arrival or departure.


def _first_of(moments_ms: I64, true: "np.typing.NDArray[np.bool_]") -> int | None:
    found = np.flatnonzero(true)
    return int(moments_ms[found[0]]) if len(found) else None


def _steps(a_ms: int, b_ms: int, *changes_ms: I64) -> I64:
    """The moment `a_ms`, and every moment in (a_ms, b_ms) at which something changes, in ascending order."""
    every_ms = np.concatenate([np.array([a_ms], dtype=np.int64), *changes_ms])
    return np.unique(every_ms[(every_ms >= a_ms) & (every_ms < b_ms)])


def _queue(drill: WatchedDrill, term: Comparison, a_ms: int, b_ms: int) -> int | None:
    queue = drill.world.queue
    come_ms, gone_ms = queue.coming_and_going(b_ms)
    moments_ms = _steps(a_ms, b_ms, come_ms + 1, gone_ms + 1)
    depth = queue.depth() + np.searchsorted(come_ms, moments_ms) - np.searchsorted(gone_ms, moments_ms)
    return _first_of(moments_ms, (depth < term.least(0)) == term.below)


def _bounced(drill: WatchedDrill, term: Comparison, a_ms: int, b_ms: int) -> int | None:
    queue = drill.world.queue
    returns_ms = queue.coming_returns(b_ms)
    moments_ms = _steps(a_ms, b_ms, returns_ms + 1)
    bounced = len(queue.bounced) + np.searchsorted(returns_ms, moments_ms)
    return _first_of(moments_ms, (bounced < term.least(0)) == term.below)


def _calls(drill: WatchedDrill, term: Comparison, a_ms: int, b_ms: int) -> int | None:
    least = term.least(0)
    call_ms = drill.helpdesk.beyond(least - 1, b_ms) if least > 0 else -1
    from_ms = NEVER_MS if call_ms is None else call_ms + 1
    if term.below:
        return a_ms if a_ms < from_ms else None
    return _within(from_ms, a_ms, b_ms)


def _users(drill: WatchedDrill, term: Comparison, a_ms: int, b_ms: int) -> int | None:
    users = drill.world.users
    moments_ms = _steps(a_ms, b_ms, *_changes_of(users))
    return _first_of(moments_ms, (without_mail(users, moments_ms) < term.least(users.count)) == term.below)


def _changes_of(users: Users) -> list[I64]:
    """Every moment, as far as known, at which a user loses or regains mail."""
    ends_ms = [
        np.array([start_ms, end_ms], dtype=np.int64) for start_ms, end_ms, _who in users.absences.stretches
    ]
    return [*ends_ms, *(edge_ms for stretch in users.membership.covered() for edge_ms in stretch)]


def _oldest(drill: WatchedDrill, term: Comparison, a_ms: int, b_ms: int) -> int | None:
    least_ms, queue = term.least(0), drill.world.queue
    if least_ms <= 0:
        return None if term.below else a_ms
    return _none_as_old(queue, least_ms, a_ms, b_ms) if term.below else _as_old(queue, least_ms, a_ms, b_ms)


def _gone_ms(queue: DeliveryQueue, age_ms: int, moment_ms: int, b_ms: int) -> int:
    """The time by which every message that is at least `age_ms` old at `moment_ms` has left; NEVER_MS: not
    before the end of the span.

    Later moments never give an earlier time, since they cover more messages.
    """
    gone_ms = queue.emptied_of(moment_ms - age_ms + 1, b_ms)
    return NEVER_MS if gone_ms is None else gone_ms


def _as_old(queue: DeliveryQueue, age_ms: int, a_ms: int, b_ms: int) -> int | None:
    """The first moment at which a message of at least that age is queued: now, or when a queued message
    reaches that age.
    """
    if _gone_ms(queue, age_ms, a_ms, b_ms) > a_ms:
        return a_ms
    last_ms = _gone_ms(queue, age_ms, b_ms - 1, b_ms)
    if last_ms <= a_ms:
        return None  # the usual case: messages leave long before then
    coming_ms, _gone = queue.coming_and_going(b_ms)
    past = int(queue.entered.before(a_ms - age_ms + 1))
    for moment_ms in np.unique(np.concatenate([queue.entered.since(past), coming_ms]) + age_ms).tolist():
        if moment_ms >= min(b_ms, last_ms):
            return None
        if moment_ms >= a_ms and _gone_ms(queue, age_ms, moment_ms, b_ms) > moment_ms:
            return int(moment_ms)
    return None


def _none_as_old(queue: DeliveryQueue, age_ms: int, a_ms: int, b_ms: int) -> int | None:
    """The first moment at which no message of that age or older is queued."""
    while a_ms < b_ms:
        gone_ms = _gone_ms(queue, age_ms, a_ms, b_ms)
        if gone_ms <= a_ms:
            return a_ms
        a_ms = gone_ms
    return None


_FIRST: dict[str, Callable[[WatchedDrill, Comparison, int, int], int | None]] = {
    "queue": _queue,
    "oldest": _oldest,
    "bounced": _bounced,
    "calls": _calls,
    "users without mail": _users,
}
"""The function that finds the first moment at which a comparison is true, for each quantity."""
