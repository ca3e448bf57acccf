"""The organisation's users: who can read and send at a moment, and who calls because they cannot.

A user has mail while the mail server is in reach, or while their app is in a continuity event (see
`ways`). Everything about one user is a keyed draw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, quantile
from sim.kernel.duration import NEVER_MS
from sim.mail.users.callers import HOUR_MS, Callers
from sim.mail.users.continuity_access import AccessGroup, AppShare, Ways
from sim.mail.users.missing_mail import MailAway

MINUTE_MS = 60_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UpdateChannel:
    """A way to tell users something."""

    reaches_percent: int
    acts_after_ms: tuple[int, ...]
    """Quantiles of the time from being told to having acted on it."""
    needs_mail: bool
    """Reaches only who has mail at that moment."""
    same_people: str = ""
    """If it always reaches the same people: what they have, such as a number in the directory."""


@dataclass(slots=True, eq=False)
class ContinuityEvent:
    """An event in force over [start_ms, end_ms), for whom, and when each user's app is in it."""

    number: int
    start_ms: int
    end_ms: int
    who: Flags
    since_ms: I64
    """When each user's app is in the event; NEVER_MS as things stand: not at all."""
    able_ms: I64
    """From when each user could be in it: let in, and told if the app does not switch by itself."""
    over: bool = False
    """It has been ended or has lapsed."""


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """One word to the users: when each has taken it in, and until when it keeps them from calling."""

    informed_ms: I64
    until_ms: int


class Users:
    """All users as vectors indexed by user number."""

    def __init__(
        self,
        seed: int,
        count: int,
        apps: Sequence[AppShare],
        calls_percent: int,
        call_after_ms: tuple[int, ...],
        groups: Sequence[AccessGroup] = (),
        cloud_percent: int = 100,
        again_permille: tuple[int, ...] = (),
        links_permille: tuple[int, ...] = (),
        absent_permille: tuple[int, ...] = (),
        absent_after_ms: int = 0,
        session_ms: Sequence[int] = (),
    ):
        """`again_permille` (without mail), `links_permille` (links do not open), `absent_permille` (mail from
        outside stays away, for `absent_after_ms` by then): see `Callers`; `session_ms`: see `Ways`.
        """
        self._seed, self.count = seed, count
        self.ways = Ways(seed, count, apps, groups, cloud_percent, session_ms)
        self._everyone = self.ways.everyone
        self._calls_percent, self._call_after_ms = calls_percent, call_after_ms
        self._again = Callers(seed, count, again_permille)
        self._links = Callers(seed, count, links_permille, "calls about links")
        self.away = MailAway(seed, Callers(seed, count, absent_permille, "misses mail"), absent_after_ms)
        self.informed_ms = np.full(count, NEVER_MS, dtype=np.int64)
        """When each user has first acted on having been told."""
        self.told_ms = self.informed_ms.copy()
        """When a word has first reached each."""
        self.advised_ms = self.informed_ms.copy()
        """When each has first taken in that nothing is to be sent again."""
        self.events: list[ContinuityEvent] = []
        self.lost = np.zeros(count, dtype=np.bool_)
        """Who does not reach the mail server now."""
        self._stretches: list[tuple[int, int, Flags]] = []
        """(from, to, who did not reach the mail server); the last one ends at NEVER_MS while it lasts."""
        self._apart: list[tuple[int, int]] = []
        """Stretches in which the gateway's apps reach nothing; NEVER_MS ends one that lasts."""
        self._tellings: list[Telling] = []
        self._call_ms = np.full(count, NEVER_MS, dtype=np.int64)
        self._lost_ms = np.zeros(count, dtype=np.int64)
        """When each user last lost mail; being told before that does not keep them from calling."""
        self._losses = 0

    # Changes

    def reach(self, now_ms: int, lost: Flags) -> None:
        """From now on `lost` do not reach the mail server, and everybody else does."""
        fresh = lost & ~self.lost & ~self.in_continuity(self._everyone, np.int64(now_ms))
        if self.lost.any():
            start_ms, _, who = self._stretches.pop()
            self._stretches.append((start_ms, now_ms, who))
        self.lost = lost.copy()
        if lost.any():
            self._stretches.append((now_ms, NEVER_MS, self.lost))
        if fresh.any():
            self._lose(now_ms, fresh)

    def server_lost(self, now_ms: int) -> None:
        self.reach(now_ms, np.ones(self.count, dtype=np.bool_))

    def server_back(self, now_ms: int) -> None:
        self.reach(now_ms, np.zeros(self.count, dtype=np.bool_))

    def start_event(
        self, now_ms: int, end_ms: int, start_ms: int | None = None, who: Flags | None = None
    ) -> ContinuityEvent:
        """An event for `who` (None: all), from `start_ms` (None: now) on."""
        begins_ms = now_ms if start_ms is None else start_ms
        members = np.ones(self.count, dtype=np.bool_) if who is None else who
        never_ms = np.full(self.count, NEVER_MS, dtype=np.int64)
        event = ContinuityEvent(len(self.events), begins_ms, end_ms, members, never_ms, never_ms.copy())
        self.events.append(event)
        self.ways_changed(now_ms)
        return event

    def apps_reach(self, now_ms: int, reach: bool) -> None:
        """Whether the gateway's apps work from now on: without them no event helps anybody."""
        if reach == (not self._apart or self._apart[-1][1] < NEVER_MS):
            return
        if reach:
            self._apart[-1] = (self._apart[-1][0], now_ms)
            return
        were_in = self.in_continuity(self._everyone, np.int64(now_ms))
        self._apart.append((now_ms, NEVER_MS))
        if (were_in & self.lost).any():
            self._lose(now_ms, were_in & self.lost)

    def end_event(self, now_ms: int, event: ContinuityEvent | None = None) -> None:
        """An event (None: the newest) ends or lapses now; who relied on it is without mail again."""
        ending = event or self.events[-1]
        were_in = self.in_continuity(self._everyone, np.int64(now_ms - 1))
        ending.end_ms, ending.over = now_ms, True
        ending.start_ms = min(ending.start_ms, now_ms)
        without = were_in & self.lost & ~self.in_continuity(self._everyone, np.int64(now_ms))
        if without.any():
            self._lose(now_ms, without)

    def tell(
        self,
        now_ms: int,
        channel: UpdateChannel,
        until_ms: int = NEVER_MS,
        who: Flags | None = None,
        *,
        advises: bool = False,
    ) -> int:
        """Tell `who` (None: everyone) over `channel`; returns how many it reaches.

        `until_ms`: until when the word keeps those who have taken it in from calling. `advises`: it says
        that nothing is to be sent again.
        """
        number = len(self._tellings) + 1
        purpose, key = (f"has {channel.same_people}", 0) if channel.same_people else ("reached", number)
        bits = mix(self._seed, purpose, key, self._everyone)
        reached = below(bits, 100) < channel.reaches_percent
        if who is not None:
            reached &= who
        if channel.needs_mail:
            reached &= ~self.lost | self.in_continuity(self._everyone, np.int64(now_ms))
        delay_ms = quantile(mix(self._seed, "acts", number, self._everyone), list(channel.acts_after_ms))
        informed_ms = np.where(reached, now_ms + delay_ms, NEVER_MS)
        self._tellings.append(Telling(informed_ms, until_ms))
        self.informed_ms = np.minimum(self.informed_ms, informed_ms)
        self.told_ms = np.where(reached, np.minimum(self.told_ms, now_ms), self.told_ms)
        if advises:
            self.advised_ms = np.minimum(self.advised_ms, informed_ms)
        self.ways_changed(now_ms)
        return int(reached.sum())

    def ways_changed(self, now_ms: int) -> None:
        """Who gets in when is reckoned anew; who is in stays in."""
        for event in self.events:
            if event.over or event.end_ms <= now_ms:
                continue
            event.since_ms = self._in_event_from(event, event.since_ms, self.informed_ms, now_ms)
            event.able_ms = self._in_event_from(event, event.able_ms, self.told_ms, now_ms)

    def _in_event_from(self, event: ContinuityEvent, before_ms: I64, known_ms: I64, now_ms: int) -> I64:
        """When each gets into `event` who knows from `known_ms` what to do; who is in (`before_ms`) stays."""
        from_ms = self.ways.open_ms(event.start_ms, event.number, known_ms)
        from_ms = np.where(event.who, from_ms, NEVER_MS)
        stays: I64 = np.where(before_ms <= now_ms, before_ms, from_ms)
        return stays

    def _lose(self, now_ms: int, who: Flags) -> None:
        self._losses += 1
        self._lost_ms[who] = now_ms
        calls = who & (
            below(mix(self._seed, "calls", self._losses, self._everyone), 100) < self._calls_percent
        )
        delay_ms = quantile(
            mix(self._seed, "call after", self._losses, self._everyone), list(self._call_after_ms)
        )
        self._call_ms = np.where(calls, now_ms + delay_ms, np.where(who, NEVER_MS, self._call_ms))

    # Looking up

    @property
    def outages(self) -> list[tuple[int, int]]:
        """Stretches in which somebody did not reach the mail server; NEVER_MS ends one that lasts."""
        return [(start_ms, end_ms) for start_ms, end_ms, _who in self._stretches]

    def without(self) -> list[tuple[int, int, Flags]]:
        """(from, to, who did not reach the mail server); NEVER_MS ends one that lasts."""
        return list(self._stretches)

    @property
    def apart(self) -> bool:
        """Whether the gateway's apps, and the links that it checks, are out of reach now."""
        return bool(self._apart) and self._apart[-1][1] == NEVER_MS

    @property
    def anyone_lost(self) -> bool:
        """Whether somebody does not reach the mail server now."""
        return bool(self.lost.any())

    def lost_at(self, user: I64, moment_ms: I64) -> Flags:
        """Whether each user did not reach the mail server at each moment."""
        lost = np.zeros(np.broadcast(user, moment_ms).shape, dtype=np.bool_)
        for start_ms, end_ms, who in self._stretches:
            lost |= who[user] & (start_ms <= moment_ms) & (moment_ms < end_ms)
        return lost

    def in_continuity(self, user: I64 | NDArray[np.int32], moment_ms: I64 | np.int64) -> Flags:
        """Whether each user's app is in an event at each moment."""
        inside = np.zeros(np.broadcast(user, moment_ms).shape, dtype=np.bool_)
        for event in self.events:
            inside |= (event.since_ms[user] <= moment_ms) & (moment_ms < event.end_ms)
        for from_ms, to_ms in self._apart:
            inside &= (moment_ms < from_ms) | (to_ms <= moment_ms)
        for out_ms, back_ms in self.ways.gaps():
            inside &= (moment_ms < out_ms[user]) | (back_ms[user] <= moment_ms)
        return inside

    def _parts(self, event: ContinuityEvent, *, able: bool = False) -> Iterator[tuple[I64, I64]]:
        """From when until when each user is in `event`, or could be, part by part."""
        since_ms = event.able_ms if able else event.since_ms
        parts = [(since_ms, np.full(self.count, event.end_ms, dtype=np.int64))]
        cuts: list[tuple[int | I64, int | I64]] = [*self._apart, *self.ways.gaps()]
        for from_ms, to_ms in cuts:
            parts = [
                piece
                for start_ms, end_ms in parts
                for piece in (
                    (start_ms, np.minimum(end_ms, from_ms)),
                    (np.maximum(start_ms, to_ms), end_ms),
                )
            ]
        yield from parts

    def readable_from(self, user: NDArray[np.int32], arrival_ms: I64, delivered_ms: I64) -> I64:
        """When each message could first be read: in an event that covers it, else when delivered."""
        first_ms = delivered_ms.copy()
        for since_ms, end_ms in (part for event in self.events for part in self._parts(event)):
            opened_ms = np.maximum(since_ms[user], arrival_ms)
            first_ms = np.where(opened_ms < end_ms[user], np.minimum(first_ms, opened_ms), first_ms)
        return first_ms

    def without_mail(self, moments_ms: I64) -> I64:
        """How many users could neither read nor send at each past moment."""
        inside, lost = self._inside(self._covered(), None, moments_ms)
        return lost - inside

    def able_at(self, whom: Flags, moments_ms: I64) -> tuple[I64, I64]:
        """(able, lost) at each past moment: how many of `whom` did not reach the mail server, and how many of
        these could have been in an event.
        """
        return self._inside(self._covered(able=True), whom, moments_ms)

    def _inside(self, covered: list[tuple[I64, I64]], whom: Flags | None, moments_ms: I64) -> tuple[I64, I64]:
        """(inside `covered`, all) of those of `whom` (None: all) who did not reach the server, then."""
        inside, lost = np.zeros(len(moments_ms), dtype=np.int64), np.zeros(len(moments_ms), dtype=np.int64)
        for start_ms, end_ms, who in self._stretches:
            counted = who if whom is None else who & whom
            have = np.zeros(len(moments_ms), dtype=np.int64)
            for since_ms, until_ms in covered:
                some = counted & (since_ms < until_ms)
                have += np.searchsorted(np.sort(since_ms[some]), moments_ms, side="right")
                have -= np.searchsorted(np.sort(until_ms[some]), moments_ms, side="right")
            within = (start_ms <= moments_ms) & (moments_ms < end_ms)
            inside += np.where(within, have, 0)
            lost += np.where(within, int(counted.sum()), 0)
        return inside, lost

    def lost_user_ms(self, to_ms: int) -> int:
        """User-milliseconds without mail up to `to_ms`."""
        total = 0
        covered = self._covered()
        for start_ms, end_ms, who in self._stretches:
            b_ms = min(end_ms, to_ms)
            total += int(who.sum()) * max(0, b_ms - start_ms)
            for since_ms, until_ms in covered:
                inside = np.minimum(b_ms, until_ms) - np.maximum(since_ms, start_ms)
                total -= int(np.maximum(inside[who], 0).sum())
        return total

    def _covered(self, *, able: bool = False) -> list[tuple[I64, I64]]:
        """When each user was in an event, or could be, as stretches that do not overlap for any user."""
        if not self.events:
            return []
        parts = [part for event in self.events for part in self._parts(event, able=able)]
        since_ms = np.stack([np.minimum(since_ms, end_ms) for since_ms, end_ms in parts])
        end_ms = np.stack([end_ms for _since_ms, end_ms in parts])
        order = np.argsort(since_ms, axis=0, kind="stable")
        since_ms = np.take_along_axis(since_ms, order, axis=0)
        end_ms = np.take_along_axis(end_ms, order, axis=0)
        reached_ms = np.maximum.accumulate(end_ms, axis=0)
        since_ms[1:] = np.maximum(since_ms[1:], reached_ms[:-1])
        return list(zip(since_ms, end_ms, strict=True))

    def in_part_user_ms(self, to_ms: int) -> int:
        """User-ms up to `to_ms` with a mailbox, but with nothing of the gateway: no links, no portal."""
        total = 0
        for from_ms, until_ms in self._apart:
            end_ms = min(until_ms, to_ms)
            total += self.count * max(0, end_ms - from_ms)
            for start_ms, stop_ms, who in self._stretches:
                total -= int(who.sum()) * max(0, min(stop_ms, end_ms) - max(start_ms, from_ms))
        return total

    def calls(self, a_ms: int, b_ms: int) -> I64:
        """Moments in [a, b), sorted, at which users call who have no word: they are without mail, or links
        that open, or what they expect from outside does not come.
        """
        parts = [
            self._calls_for_mail(a_ms, b_ms),
            self._calls_for_links(a_ms, b_ms),
            self._calls_for_absence(a_ms, b_ms),
        ]
        return np.sort(np.concatenate(parts))

    def _calls_for_mail(self, a_ms: int, b_ms: int) -> I64:
        if not self._stretches:
            return np.empty(0, dtype=np.int64)
        first = np.flatnonzero((self._call_ms >= a_ms) & (self._call_ms < b_ms))
        again_ms, again = self._again.between(a_ms, b_ms)
        later = again_ms >= self._lost_ms[again] + HOUR_MS
        user = np.concatenate([first, again[later]])
        moment_ms = np.concatenate([self._call_ms[first], again_ms[later]])
        if not len(user):
            return moment_ms
        calling = self.lost_at(user, moment_ms) & ~self.in_continuity(user, moment_ms)
        return moment_ms[calling & ~self.have_word(user, moment_ms, self._lost_ms[user])]

    def _calls_for_links(self, a_ms: int, b_ms: int) -> I64:
        """The links of the gateway's click-time check do not open; whoever lost mail calls for that."""
        found = [np.empty(0, dtype=np.int64)]
        for from_ms, until_ms in self._apart:
            if until_ms <= a_ms or b_ms <= from_ms:
                continue
            moment_ms, user = self._links.between(max(a_ms, from_ms), min(b_ms, until_ms))
            since_ms = np.full(len(user), from_ms, dtype=np.int64)
            without = self.have_word(user, moment_ms, since_ms) | self.lost_at(user, moment_ms)
            found.append(moment_ms[~without])
        return np.concatenate(found)

    def _calls_for_absence(self, a_ms: int, b_ms: int) -> I64:
        """What they wait for does not come; whoever is in an event sees it there."""
        moment_ms, user, since_ms = self.away.callers(a_ms, b_ms)
        if not len(user):
            return moment_ms
        without = self.have_word(user, moment_ms, since_ms) | self.lost_at(user, moment_ms)
        return moment_ms[~without & ~self.in_continuity(user, moment_ms)]

    def have_word(self, user: I64, moment_ms: I64, since_ms: I64) -> Flags:
        """Whether a word that each took in after `since_ms` still holds at its moment."""
        held = np.zeros(len(user), dtype=np.bool_)
        for telling in self._tellings:
            informed_ms = telling.informed_ms[user]
            taken_in = (since_ms <= informed_ms) & (informed_ms <= moment_ms)
            held |= taken_in & (moment_ms < telling.until_ms)
        return held
