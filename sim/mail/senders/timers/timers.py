"""Senders whose messages have timers of their own and never wait for each other: hosted senders, gateways,
scripts.

Each message's end is known as soon as it is sent, if nothing changes. A change keeps the results decided
before it and discards the rest, which is computed again when the message's next attempt is near. Two rules
make messages depend on each other: a host that greylists, and schedules with tiers (`tiers`). These rules are
applied once the ends are known, and may change them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.platforms.platform import Platform
from sim.mail.senders.hosts.greylist import Contacts
from sim.mail.senders.hosts.host import ReceivingHost
from sim.mail.senders.hosts.mx_routes import Found, Routes, Version
from sim.mail.senders.timers.answers import Answers
from sim.mail.senders.timers.attempts import Attempts
from sim.mail.senders.timers.pending import CourseEndings, SortedCourses, by_organisation, ending, joined
from sim.mail.senders.timers.schedule import Schedule, Schedules, has_schedule, schedule_of
from sim.mail.senders.timers.successes import first_move
from sim.mail.senders.timers.tiers import Moves
from sim.mail.senders.timers.timer_rows import GIVEN_UP, Course, Ended, TimerQueue
from sim.mail.senders.timers.unforeseen import Overtaken, Unforeseen, together

_NOBODY: I64 = np.empty(0, dtype=np.int64)

CHANGES_KEPT = 32
"""States of messages are brought up to date after this number of changes, because the answers of hosts and
resolvers since an older state would have to be listed at each change.
"""


_NO_COUNT = np.empty(0, dtype=np.int32)
_NONE_ENDED = Ended(
    _NOBODY,
    _NOBODY,
    _NOBODY,
    np.empty(0, dtype=np.int16),
    _NO_COUNT,
    _NO_COUNT,
    np.empty(0, dtype=np.int8),
)


class Timers:
    """The mail of organisations numbered from 0. Everything before `now_ms` has happened.

    `run` looks ahead as far as its bound; `ended` returns the messages that leave if nothing changes;
    `advance` moves time forward. `changed` is called after every change of a host or a route. The history
    does not depend on how time is divided.
    """

    def __init__(
        self,
        platforms: Sequence[Platform],
        hosts: Mapping[str, ReceivingHost],
        found: Found,
        now_ms: int = 0,
        lookup_ms: I64 | None = None,
    ) -> None:
        """`platforms`: one for each organisation, except those whose messages influence each other.

        `found`: the answer of all resolvers until `set_routes`. `lookup_ms`: time that each organisation's
        resolver takes to answer SERVFAIL (None: no time).
        """
        self._hosts, self._count = hosts, len(platforms)
        greylists = {name: host.greylist for name, host in hosts.items() if host.greylist is not None}
        self.contacts = Contacts(greylists)
        """Contacts that hosts with greylisting know; contacts after the present are a forecast."""
        self._schedules, self._platform = _numbered(platforms)
        tiers = [schedule.last_tier for schedule in self._schedules.all]
        self._tiered = np.array([*(tier is not None for tier in tiers), False])[self._platform]
        """For each organisation, True if a success moves its queued mail; only mail aged at least
        `_tier_ms` moves.
        """
        self._tier_ms = min((tier.from_ms for tier in tiers if tier is not None), default=NEVER_MS)
        self._moves = Moves()
        self._lookup_ms = np.zeros(self._count, dtype=np.int64) if lookup_ms is None else lookup_ms
        self._ends, self._open, self._unforeseen = SortedCourses(), SortedCourses(), Unforeseen()
        self._changes_ms: list[int] = []
        """Times of the latest changes."""
        self._ahead_ms = _NOBODY
        self.now_ms = self._horizon_ms = self._since_ms = self._begun_ms = now_ms
        """`_since_ms`: the moment to which each message's state belongs, which is the last change."""
        self.entered, self.left = 0, 0
        """`entered`: messages written before `now_ms`; `left`: messages that had left their senders by
        then.
        """
        self.set_routes([(found, np.zeros(self._count, dtype=np.int64))])
        self._attempts = self.attempts_since(now_ms)

    # Changes

    def set_routes(self, versions: Sequence[Version]) -> None:
        """Set the answers of the organisations' resolvers; each version takes effect at a separate time for
        each organisation.

        For the time before now the answers stay as they were. `changed` has to follow.
        """
        self._routes = Routes(versions, self._count)

    def changed(self, now_ms: int) -> None:
        """Discard the forecast from `now_ms` on, because hosts or routes have changed.

        Mail that is sent from `now_ms` on has to be given to `run` again. `run` raises ValueError if anything
        was changed before `now_ms`.
        """
        self.forget_ahead(now_ms)
        self._changes_ms = [*self._changes_ms, now_ms][-CHANGES_KEPT:]
        old_ms = self._changes_ms[0] if len(self._changes_ms) == CHANGES_KEPT else 0
        old = self._unforeseen.take_due_before(old_ms)
        parts = [*self._ends.take_all(), *self._open.take_all()]
        self._unforeseen.add(parts, self._since_ms, self._acts_ms)
        self._unforeseen.add([self._brought_up(old, now_ms)], now_ms, self._acts_ms)
        begun_ms = self._unforeseen.earliest_attempt_ms(self._moves, self._tiered)
        self._attempts = self.attempts_since(min(now_ms, begun_ms))
        self._since_ms = now_ms

    def _acts_ms(self, rows: Course) -> I64:
        """The time until which nothing happens to each row; `now_ms` for mail that a success may move to
        other attempts.
        """
        acts_ms = self._attempts.acts_ms(rows, self.now_ms)
        return np.where(self._tiered[rows.organisation], self.now_ms, acts_ms)

    def _brought_up(self, mail: Overtaken, to_ms: int) -> Course:
        """The state of `mail` at `to_ms`. Raises ValueError if a message has left its sender before."""
        self._attempts.follow(mail.rows, to_ms, since_ms=mail.since_ms)
        if (mail.rows.end_ms < NEVER_MS).any():
            raise ValueError(f"a change at {self._since_ms} ms changes what happened before {to_ms} ms")
        return mail.rows

    def _foresee_near(self, from_ms: int) -> None:
        """Compute the ends of messages to which something may happen before the end of the forecast.

        Raises ValueError if one lies before `from_ms`, up to which the forecast was complete.
        """
        near = self._unforeseen.take_until(self._horizon_ms)
        if len(near):
            rows = self._brought_up(near, self._since_ms)
            self._foresee(rows, rows.copy(), self._since_ms)
            if (rows.end_ms < from_ms).any():
                raise ValueError(f"a change at {self._since_ms} ms changes what happened before {from_ms} ms")

    def forget_ahead(self, now_ms: int) -> None:
        """Prepare for mail that is sent from `now_ms` on to be given to `run` again."""
        self.advance(now_ms)
        if self._horizon_ms > now_ms:
            self._ends.keep_arrived(now_ms)
            self._open.keep_arrived(now_ms)
            self._ahead_ms, self._horizon_ms = _NOBODY, now_ms
            self._forget_contacts(now_ms)
            for organisation in sorted(self._moves.forget(now_ms + 1)):
                self._anew(self._take_mail_of(organisation))

    def _forget_contacts(self, from_ms: int) -> None:
        """Recompute the forecast that depends on first contacts at `from_ms` or later."""
        for name in self.contacts.names:

            def met(fates: CourseEndings, name: str = name) -> NDArray[np.bool_]:
                return self.contacts.of_later(name, fates.rows.organisation, fates.rows.id, from_ms)

            changed = joined([self._ends.take_which(met), self._open.take_which(met)])
            self.contacts.forget(name, from_ms)
            self._anew(changed.rows)

    def _anew(self, rows: Course) -> None:
        """Recompute the ends of `rows`, whose expected ends are no longer valid."""
        if len(rows):
            rows.end_ms[:], rows.host[:] = NEVER_MS, GIVEN_UP
            self._foresee(rows, rows.copy(), self._since_ms)

    # Time

    def run(self, bound_ms: int, ids: I64, arrival_ms: I64, organisation: I64) -> None:
        """Look ahead to `bound_ms`, with the mail sent between the end of the last forecast and then."""
        if len(ids) and not self._horizon_ms <= np.min(arrival_ms) <= np.max(arrival_ms) < bound_ms:
            raise ValueError(f"mail is sent outside [{self._horizon_ms}, {bound_ms}) ms")
        if (self._platform[organisation] < 0).any():
            raise ValueError("mail of an organisation whose messages do not keep timers of their own")
        since_ms, self._horizon_ms = self._horizon_ms, max(bound_ms, self._horizon_ms)
        if not (len(ids) or self._open or self._ends or self._unforeseen):
            return
        self._foresee_near(since_ms)
        again = self._open.take_until(self._horizon_ms)
        if len(again):
            self._foresee(again.rows, again.ahead(), since_ms + 1)
        if len(ids):
            self._ahead_ms = np.sort(np.concatenate([self._ahead_ms, arrival_ms]))
            rows = self._attempts.fresh(ids, arrival_ms, organisation)
            self._foresee(rows, rows.copy(), self._since_ms)
        for name in self.contacts.names:
            self._first_contacts(name, since_ms)
        self._successes(since_ms)

    def _first_contacts(self, name: str, since_ms: int) -> None:
        """Find the unknown contacts of the mail that the host `name` would accept from `since_ms` to the end
        of the forecast.

        An accepted message ends, so a first contact never depends on the greylist's answers. Later attempts
        of the same contact before the delay has passed are recomputed.
        """
        host, come = list(self._hosts).index(name), self._ends.between(since_ms, self._horizon_ms).rows
        come = come.take(come.host == host)
        if len(come) and self.contacts.learn(name, come.organisation, come.id, come.end_ms):

            def put_off(fates: CourseEndings) -> NDArray[np.bool_]:
                rows = fates.rows
                off = self.contacts.put_off(name, rows.organisation, rows.id, rows.end_ms)
                off &= rows.host == host
                return off

            self._anew(self._ends.take_which(put_off).rows)

    def _successes(self, since_ms: int) -> None:
        """Let each success between `since_ms` and the end of the forecast move its organisation's queued
        mail out of the last tier.
        """
        before_ms = self._horizon_ms - self._tier_ms
        if before_ms <= self._begun_ms:
            return  # no message is that old
        left = self._ends.between(since_ms, self._horizon_ms).rows
        taken = np.unique(left.organisation[left.host != GIVEN_UP])
        if not self._tiered[taken].any():
            return

        def old(fates: CourseEndings) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = fates.rows.arrival_ms < before_ms
            return found & self._tiered[fates.rows.organisation] if found.any() else found

        known = [part.which(old).rows.organisation for part in (self._ends, self._open)]
        moving = np.intersect1d(taken, np.concatenate(known)).tolist()
        if not self.contacts.names:
            self._successes_of_all(moving, since_ms)
            return
        for organisation in moving:
            self._successes_of(organisation, since_ms)

    def _successes_of_all(self, moving: list[int], since_ms: int) -> None:
        """Move the mail of every organisation that still has a success, in one round: without a host that
        greylists, organisations do not depend on each other.
        """
        from_ms = dict.fromkeys(moving, since_ms)
        while from_ms:
            mail = by_organisation([part.which(self._of_any(from_ms)) for part in (self._ends, self._open)])
            found = {
                organisation: first_move(
                    self._attempts, mail[organisation], self._since_ms, begins_ms, self._horizon_ms
                )
                for organisation, begins_ms in from_ms.items()
            }
            from_ms = {organisation: at_ms for organisation, at_ms in found.items() if at_ms is not None}
            for organisation, at_ms in from_ms.items():
                self._moves.add(at_ms, organisation)
            which = self._of_any(from_ms)
            self._anew(joined([part.take_which(which) for part in (self._ends, self._open)]).rows)

    def _of_any(self, organisations: Iterable[int]) -> Callable[[CourseEndings], NDArray[np.bool_]]:
        """The mail of these organisations."""
        named = np.zeros(len(self._platform), dtype=np.bool_)
        named[list(organisations)] = True
        return lambda fates: named[fates.rows.organisation]

    def _successes_of(self, organisation: int, since_ms: int) -> None:
        from_ms = since_ms
        while True:
            mail = joined([part.which(_of(organisation)) for part in (self._ends, self._open)])
            at_ms = first_move(self._attempts, mail, self._since_ms, from_ms, self._horizon_ms)
            if at_ms is None:
                return
            self._moves.add(at_ms, organisation)
            self._forget_contacts(at_ms)
            self._anew(self._take_mail_of(organisation))
            for name in self.contacts.names:
                self._first_contacts(name, since_ms)
            from_ms = at_ms

    def _take_mail_of(self, organisation: int) -> Course:
        """Take all mail of one organisation, whose ends have to be computed again."""
        return joined([part.take_which(_of(organisation)) for part in (self._ends, self._open)]).rows

    def _foresee(self, rows: Course, ahead: Course, since_ms: int) -> None:
        """Compute the end of each of `rows`, which have been advanced to `ahead`.

        Moves to an earlier tier before `since_ms` have been made.
        """
        self._attempts.follow(ahead, NEVER_MS, self._horizon_ms, since_ms)
        known = ahead.end_ms < NEVER_MS
        rows.end_ms, rows.host = np.where(known, ahead.end_ms, ahead.due_ms), ahead.host
        fates = ending(rows, ahead)
        if known.all():
            self._ends.add(fates)
        else:
            self._ends.add(fates.take(known))
            self._open.add(fates.take(~known))

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms). Raises ValueError beyond the forecast."""
        if not self.now_ms <= to_ms <= self._horizon_ms:
            raise ValueError(f"{to_ms} ms is outside [{self.now_ms}, {self._horizon_ms}] ms")
        sent = int(self._ahead_ms.searchsorted(to_ms))
        self._ahead_ms = self._ahead_ms[sent:]
        self.entered += sent
        self.left += self._ends.drop_until(to_ms)
        self.now_ms = to_ms

    # Looking up

    def ended(self, a_ms: int, b_ms: int) -> Ended:
        """Messages that leave in [a, b), a >= now, if nothing changes before b; not beyond the forecast."""
        if not self.now_ms <= a_ms <= b_ms <= self._horizon_ms:
            raise ValueError(f"[{a_ms}, {b_ms}) ms is outside [{self.now_ms}, {self._horizon_ms}) ms")
        fates = self._ends.between(a_ms, b_ms)
        if not len(fates):
            return _NONE_ENDED
        rows, put_off = fates.rows, np.zeros(len(fates), dtype=np.int32)
        cause = np.where(rows.host == GIVEN_UP, fates.cause, np.int8(0))
        return Ended(rows.end_ms, rows.id, rows.arrival_ms, rows.host, fates.tries, put_off, cause)

    def attempts_since(self, since_ms: int) -> Attempts:
        """The messages that are needed to replay those sent at `since_ms` or later; valid up to now."""
        answers = Answers(self._schedules, self._hosts, self._routes.found, since_ms, self.contacts)
        ways = (self._lookup_ms, self._routes, answers, self._moves)
        return Attempts(self._schedules, self._platform, *ways)

    def waiting(self) -> int:
        """The number of messages in their senders' queues now."""
        return self.entered - self.left

    def after_look(self) -> tuple[I64, I64]:
        """Id and arrival of every message that will be with its sender at the end of the forecast."""
        rows, others = joined([self._ends.all(), self._open.all()]).rows, self._unforeseen.all().rows
        later = rows.end_ms >= self._horizon_ms
        return (
            np.concatenate([rows.id[later], others.id]),
            np.concatenate([rows.arrival_ms[later], others.arrival_ms]),
        )

    def live(self) -> TimerQueue:
        """Every message in its sender's queue now."""
        known = joined([self._ends.all(), self._open.all()]).rows
        known = known.take(np.flatnonzero(known.arrival_ms < self.now_ms))
        since_ms = np.full(len(known), self._since_ms, dtype=np.int64)
        mail = together([Overtaken(known, since_ms, since_ms), self._unforeseen.all()])
        mail.rows.end_ms[:], mail.rows.host[:] = NEVER_MS, GIVEN_UP
        rows = self._brought_up(mail, self.now_ms).take(np.argsort(mail.rows.id))
        tries = rows.tries + self._attempts.tried_in_hand(rows, self.now_ms).astype(np.int32)
        return TimerQueue(rows.id, rows.arrival_ms, rows.organisation, tries)


def _of(organisation: int) -> Callable[[CourseEndings], NDArray[np.bool_]]:
    """True for the mail of one organisation."""

    def theirs(fates: CourseEndings) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = fates.rows.organisation == organisation
        return found

    return theirs


def _numbered(platforms: Sequence[Platform]) -> tuple[Schedules, I64]:
    """The platforms' schedules, and the number of each organisation's; -1 for those without one."""
    numbers: dict[int, int] = {}
    schedules: list[Schedule] = []
    for platform in platforms:
        if id(platform) not in numbers:
            numbers[id(platform)] = len(schedules) if has_schedule(platform) else -1
            schedules += [schedule_of(platform)] if has_schedule(platform) else []
    return Schedules(schedules), np.array([numbers[id(platform)] for platform in platforms], dtype=np.int64)
