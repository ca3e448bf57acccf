"""The organisation's users: who can read and send at a moment, and who calls because they cannot.

A user has mail while the mail server answers, or while their app is in a continuity event: an app
that polls switches over by itself, another one when its user has been told. Everything about one
user is a keyed draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, pick, quantile, within
from sim.mail.rows import NEVER_MS

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class App:
    """Share of users with an app; how it gets into a continuity event."""

    share_percent: int
    polls_ms: int | None
    """It switches over by itself within this time."""
    when_told: bool
    """Its user can switch over (or take another app) once told; else never."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to tell users something."""

    reaches_percent: int
    acts_after_ms: tuple[int, ...]
    """Quantiles of the time from being told to having acted on it."""
    needs_mail: bool
    """Reaches only who has mail at that moment."""


@dataclass(slots=True)
class ContinuityEvent:
    """An event in force over [start_ms, end_ms), and when each user's app is in it."""

    start_ms: int
    end_ms: int
    poll_ms: I64
    """When each user's app switches over by itself; NEVER_MS if it does not."""
    since_ms: I64
    """When each user's app is in the event: by itself, or because the user was told."""
    over: bool = False


class Users:
    """All users as vectors indexed by user number."""

    def __init__(
        self, seed: int, count: int, apps: Sequence[App], calls_percent: int, call_after_ms: tuple[int, ...]
    ):
        self._seed, self.count = seed, count
        self._everyone = np.arange(count, dtype=np.int64)
        app = pick(mix(seed, "app", self._everyone), [one.share_percent for one in apps])
        self._polls_ms = np.array([one.polls_ms or 0 for one in apps], dtype=np.int64)[app]
        self._when_told = np.array([one.when_told for one in apps], dtype=np.bool_)[app]
        self._calls_percent, self._call_after_ms = calls_percent, call_after_ms
        self.informed_ms = np.full(count, NEVER_MS, dtype=np.int64)
        """When each user has acted on having been told."""
        self.events: list[ContinuityEvent] = []
        self.outages: list[tuple[int, int]] = []
        """Stretches without the mail server; the last one ends at NEVER_MS while it lasts."""
        self._call_ms = np.full(count, NEVER_MS, dtype=np.int64)
        self._lost_ms = np.zeros(count, dtype=np.int64)
        """When each user last lost mail; being told before that does not keep them from calling."""
        self._losses, self._tellings = 0, 0

    # Changes

    def server_lost(self, now_ms: int) -> None:
        self.outages.append((now_ms, NEVER_MS))
        self._lose(now_ms, ~self.in_continuity(self._everyone, np.int64(now_ms)))

    def server_back(self, now_ms: int) -> None:
        self.outages[-1] = (self.outages[-1][0], now_ms)

    def start_event(self, now_ms: int, end_ms: int) -> None:
        polls = self._polls_ms > 0
        poll_ms = np.full(self.count, NEVER_MS, dtype=np.int64)
        draw = within(
            mix(self._seed, "poll", len(self.events), self._everyone), np.maximum(self._polls_ms, 1)
        )
        poll_ms[polls] = now_ms + draw[polls]
        event = ContinuityEvent(now_ms, end_ms, poll_ms, poll_ms)
        self.events.append(event)
        self._let_in(event)

    def end_event(self, now_ms: int) -> None:
        """The event in force ends or lapses now; who relied on it is without mail again."""
        were_in = self.in_continuity(self._everyone, np.int64(now_ms - 1))
        self.events[-1].end_ms, self.events[-1].over = now_ms, True
        if self.server_down(now_ms):
            self._lose(now_ms, were_in)

    def tell(self, now_ms: int, channel: Channel) -> int:
        """Tell everyone over `channel`; returns how many it reaches."""
        self._tellings += 1
        reached = (
            below(mix(self._seed, "reached", self._tellings, self._everyone), 100) < channel.reaches_percent
        )
        if channel.needs_mail and self.server_down(now_ms):
            reached &= self.in_continuity(self._everyone, np.int64(now_ms))
        delay_ms = quantile(
            mix(self._seed, "acts", self._tellings, self._everyone), list(channel.acts_after_ms)
        )
        self.informed_ms[reached] = np.minimum(self.informed_ms, now_ms + delay_ms)[reached]
        if self.events and now_ms < self.events[-1].end_ms:
            self._let_in(self.events[-1])
        return int(reached.sum())

    def _let_in(self, event: ContinuityEvent) -> None:
        told_ms = np.where(self._when_told, np.maximum(self.informed_ms, event.start_ms), NEVER_MS)
        event.since_ms = np.minimum(event.since_ms, told_ms)

    def _lose(self, now_ms: int, who: NDArray[np.bool_]) -> None:
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

    def server_down(self, moment_ms: int) -> bool:
        return bool(self.outages) and self.outages[-1][0] <= moment_ms < self.outages[-1][1]

    def in_continuity(self, user: I64 | NDArray[np.int32], moment_ms: I64 | np.int64) -> NDArray[np.bool_]:
        """Whether each user's app is in an event at each moment."""
        inside = np.zeros(np.broadcast(user, moment_ms).shape, dtype=np.bool_)
        for event in self.events:
            inside |= (event.since_ms[user] <= moment_ms) & (moment_ms < event.end_ms)
        return inside

    def readable_from(self, user: NDArray[np.int32], arrival_ms: I64, delivered_ms: I64) -> I64:
        """When each message could first be read: in an event that covers it, else when delivered."""
        first_ms = delivered_ms.copy()
        for event in self.events:
            opened_ms = np.maximum(event.since_ms[user], arrival_ms)
            first_ms = np.where(opened_ms < event.end_ms, np.minimum(first_ms, opened_ms), first_ms)
        return first_ms

    def without_mail(self, moments_ms: I64) -> I64:
        """How many users could neither read nor send at each past moment."""
        down = np.zeros(len(moments_ms), dtype=np.bool_)
        for start_ms, end_ms in self.outages:
            down |= (start_ms <= moments_ms) & (moments_ms < end_ms)
        have = np.zeros(len(moments_ms), dtype=np.int64)
        for event in self.events:
            inside = (event.start_ms <= moments_ms) & (moments_ms < event.end_ms)
            have += np.where(inside, np.searchsorted(np.sort(event.since_ms), moments_ms, side="right"), 0)
        return np.where(down, self.count - have, 0)

    def lost_user_ms(self, to_ms: int) -> int:
        """User-milliseconds without mail up to `to_ms`."""
        total = 0
        for start_ms, end_ms in self.outages:
            a, b = start_ms, min(end_ms, to_ms)
            total += self.count * max(0, b - a)
            for event in self.events:
                inside = np.minimum(b, event.end_ms) - np.maximum(event.since_ms, a)
                total -= int(np.maximum(inside, 0).sum())
        return total

    def calls(self, a_ms: int, b_ms: int) -> I64:
        """Moments in [a_ms, b_ms), sorted, at which users call: without mail and not told by then."""
        due = np.flatnonzero((self._call_ms >= a_ms) & (self._call_ms < b_ms))
        moment_ms = self._call_ms[due]
        informed_ms = self.informed_ms[due]
        silent = (self._lost_ms[due] <= informed_ms) & (informed_ms <= moment_ms)
        silent |= self.in_continuity(due, moment_ms)
        if self.outages:
            silent |= moment_ms >= self.outages[-1][1]
        return np.sort(moment_ms[~silent])
