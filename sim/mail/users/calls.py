"""Users' calls to the helpdesk: about lost mail, links that do not open, and missing mail from outside.

Users who try to sign in to continuity after an update and fail call about it, soon after the attempt and then
hour by hour, because an update does not help them.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix, quantile
from sim.kernel.duration import HOUR_MS, NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.users.absences import Absences, Flags
from sim.mail.users.announcements import Announcements
from sim.mail.users.callers import Callers
from sim.mail.users.membership import Membership
from sim.mail.users.missing_mail import MailAway


@frozen
class TurnedAway:
    """Users who try to use a continuity event after an update, and cannot sign in."""

    percent: int
    """Percentage of these users who call because they cannot sign in."""
    after_ms: tuple[int, ...]
    """Quantiles of the time from the sign-in attempt to the call."""


NOBODY_TURNED_AWAY = TurnedAway(0, (0, 0))


class UserCalls:
    """The times of users' calls. A valid update keeps most of those who have read it from calling."""

    def __init__(
        self,
        seed: int,
        count: int,
        parts: tuple[Absences, Membership, Announcements],
        calls_percent: int,
        call_after_ms: tuple[int, ...],
        again_permille: tuple[int, ...],
        links_permille: tuple[int, ...],
        away: MailAway,
        turned_away: TurnedAway,
        informed_percent: int,
    ) -> None:
        """Call percentages and delays: `calls_percent` of the users who lose mail call, `call_after_ms`
        (quantiles) later. `again_permille`, `links_permille`, `informed_percent`: see `Users`.
        """
        self._seed, self._everyone = seed, np.arange(count, dtype=np.int64)
        self._absences, self._membership, self._announcements = parts
        self._calls_percent, self._call_after_ms = calls_percent, call_after_ms
        self._again = Callers(seed, count, again_permille)
        self._links = Callers(seed, count, links_permille, "calls about links")
        self.away, self._turned_away, self._informed_percent = away, turned_away, informed_percent
        self._call_ms = np.full(count, NEVER_MS, dtype=np.int64)
        self._lost_ms = np.zeros(count, dtype=np.int64)
        """The time at which each user last lost mail; only an update after that time keeps them from
        calling.
        """
        self._losses = 0
        self._doors: dict[int, tuple[I64, Flags]] = {}

    def lose(self, now_ms: int, who: Flags, key: int | None) -> None:
        """Record that `who` are without mail from now on. `key`: key of the draws of their calls; None: the
        number of losses so far.
        """
        if not who.any():
            return
        if key is None:
            self._losses += 1
            key = self._losses
        self._lost_ms[who] = now_ms
        calls = who & (below(mix(self._seed, "calls", key, self._everyone), 100) < self._calls_percent)
        delay_ms = quantile(mix(self._seed, "call after", key, self._everyone), list(self._call_after_ms))
        self._call_ms = np.where(calls, now_ms + delay_ms, np.where(who, NEVER_MS, self._call_ms))

    def between(self, a_ms: int, b_ms: int) -> I64:
        """The sorted times in [a, b) at which users without an update call: they have no mail, or links do
        not open, or mail that they expect from outside does not arrive.
        """
        parts = [
            self._calls_for_mail(a_ms, b_ms),
            self._calls_for_links(a_ms, b_ms),
            self._calls_for_absence(a_ms, b_ms),
            self.turned_away(a_ms, b_ms),
        ]
        return np.sort(np.concatenate(parts))

    def _calls_for_mail(self, a_ms: int, b_ms: int) -> I64:
        if not self._absences.stretches:
            return np.empty(0, dtype=np.int64)
        first = np.flatnonzero((self._call_ms >= a_ms) & (self._call_ms < b_ms))
        again_ms, again = self._again.between(a_ms, b_ms)
        later = again_ms >= self._lost_ms[again] + HOUR_MS
        user = np.concatenate([first, again[later]])
        moment_ms = np.concatenate([self._call_ms[first], again_ms[later]])
        if not len(user):
            return moment_ms
        spared = self._spared(user, moment_ms, self._lost_ms[user]) & ~self._tries(user, moment_ms)
        return moment_ms[self._without(user, moment_ms) & ~spared]

    def _without(self, user: I64, moment_ms: I64) -> Flags:
        """True where a user is without mail at the time given for them."""
        return self._absences.lost_at(user, moment_ms) & ~self._membership.in_continuity(user, moment_ms)

    def _tries(self, user: I64, moment_ms: I64) -> Flags:
        """True where an event is in force at that time for a user who knows how to use it."""
        tries = np.zeros(len(user), dtype=np.bool_)
        for event in self._membership.events:
            tries |= event.who[user] & (event.start_ms <= moment_ms) & (moment_ms < event.end_ms)
        return tries & (self._announcements.informed_ms[user] <= moment_ms)

    def _spared(self, user: I64, moment_ms: I64, since_ms: I64) -> Flags:
        """True where an update read after `since_ms` keeps a user from calling."""
        bits = mix(self._seed, "calls in spite of an update", user, moment_ms)
        silent = below(bits, 100) >= self._informed_percent
        return silent & self._announcements.have_word(user, moment_ms, since_ms)

    def turned_away(self, a_ms: int, b_ms: int) -> I64:
        """The times in [a, b), in any order, of first calls by users who try to use an event and do not get
        in.
        """
        found = [np.empty(0, dtype=np.int64)]
        for event in self._membership.events:
            tries_ms = np.maximum(self._announcements.informed_ms, np.maximum(event.start_ms, self._lost_ms))
            after_ms, would_call = self._at_the_door_of(event.draws)
            call_ms = tries_ms + after_ms
            calls = event.who & would_call
            calls &= (a_ms <= call_ms) & (call_ms < min(b_ms, event.end_ms))
            user = np.flatnonzero(calls)
            found.append(call_ms[user][self._without(user, call_ms[user])])
        return np.concatenate(found)

    def _at_the_door_of(self, event: int) -> tuple[I64, Flags]:
        """For each user, the time from a failed attempt to the call, and whether they would call."""
        if event not in self._doors:
            bits = mix(self._seed, "calls after being turned away", event, self._everyone)
            after_ms = quantile(bits, list(self._turned_away.after_ms))
            bits = mix(self._seed, "turned away", event, self._everyone)
            self._doors[event] = after_ms, below(bits, 100) < self._turned_away.percent
        return self._doors[event]

    def _calls_for_links(self, a_ms: int, b_ms: int) -> I64:
        """Calls because links do not open when the gateway's click-time check is down; users without mail
        call about their mail instead.
        """
        found = [np.empty(0, dtype=np.int64)]
        for from_ms, until_ms in self._membership.cut_off:
            if until_ms <= a_ms or b_ms <= from_ms:
                continue
            moment_ms, user = self._links.between(max(a_ms, from_ms), min(b_ms, until_ms))
            if not len(user):
                continue
            since_ms = np.full(len(user), from_ms, dtype=np.int64)
            silent = self._spared(user, moment_ms, since_ms) | self._absences.lost_at(user, moment_ms)
            found.append(moment_ms[~silent])
        return np.concatenate(found)

    def _calls_for_absence(self, a_ms: int, b_ms: int) -> I64:
        """Calls because expected mail is late; users in a continuity event see that mail in the event, and
        do not call.
        """
        moment_ms, user, since_ms = self.away.callers(a_ms, b_ms)
        if not len(user):
            return moment_ms
        silent = self._spared(user, moment_ms, since_ms) | self._absences.lost_at(user, moment_ms)
        return moment_ms[~silent & ~self._membership.in_continuity(user, moment_ms)]
