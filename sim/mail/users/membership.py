"""Continuity events and the users who are in them: one event, and all events of a drill."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.users.absences import Flags
from sim.mail.users.continuity_access import Ways


@dataclass(slots=True, eq=False)
class ContinuityEvent:
    """An event in force over [start_ms, end_ms), its users, and the time from which each user's app is in
    it.
    """

    number: int
    start_ms: int
    end_ms: int
    who: Flags
    since_ms: I64
    """The time from which each user's app is in the event; NEVER_MS if that does not happen under present
    conditions.
    """
    able_ms: I64
    """The time from which each user could be in the event: the time at which they are permitted, and have
    been notified if the app does not switch over by itself.
    """
    over: bool = False
    """True if the event has been ended or has expired."""
    key: int | None = None
    """Key of the event's draws; None: the event's number."""

    @property
    def draws(self) -> int:
        """Key of the event's draws."""
        return self.number if self.key is None else self.key


class Membership:
    """The users who are in a continuity event at a moment, as vectors indexed by user number."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.events: list[ContinuityEvent] = []
        self.cut_off: list[tuple[int, int]] = []
        """Periods in which the gateway's apps cannot reach anything; the end is NEVER_MS if a period has
        not ended.
        """

    # Changes

    def start(self, begins_ms: int, end_ms: int, members: Flags, key: int | None = None) -> None:
        """Add a new event for `members`; `reckon` has to be called afterwards. `key`: see
        `ContinuityEvent`.
        """
        never_ms = np.full(len(members), NEVER_MS, dtype=np.int64)
        number, able_ms = len(self.events), never_ms.copy()
        self.events.append(ContinuityEvent(number, begins_ms, end_ms, members, never_ms, able_ms, key=key))

    def end(self, now_ms: int, ending: ContinuityEvent) -> Flags:
        """End an event now, by hand or because it expires; returns the users who are no longer in any
        event.
        """
        were_in = self.in_continuity(self.ways.everyone, np.int64(now_ms - 1))
        ending.end_ms, ending.over = now_ms, True
        ending.start_ms = min(ending.start_ms, now_ms)
        return were_in & ~self.in_continuity(self.ways.everyone, np.int64(now_ms))

    def apps_reach(self, now_ms: int, reach: bool) -> Flags:
        """Let the gateway's apps work from now on, or not; returns the users who drop out of an event."""
        nobody = np.zeros(len(self.ways.everyone), dtype=np.bool_)
        if reach != self.apart:
            return nobody
        if reach:
            self.cut_off[-1] = (self.cut_off[-1][0], now_ms)
            return nobody
        were_in = self.in_continuity(self.ways.everyone, np.int64(now_ms))
        self.cut_off.append((now_ms, NEVER_MS))
        return were_in

    def reckon(self, now_ms: int, informed_ms: I64, told_ms: I64) -> None:
        """Recompute the time at which each user enters each event; users who are in an event stay in it.

        `informed_ms`: the time from which each user knows what to do; `told_ms`: the time at which each has
        been notified.
        """
        for event in self.events:
            if event.over or event.end_ms <= now_ms:
                continue
            event.since_ms = self._in_event_from(event, event.since_ms, informed_ms, now_ms)
            event.able_ms = self._in_event_from(event, event.able_ms, told_ms, now_ms)

    def _in_event_from(self, event: ContinuityEvent, before_ms: I64, known_ms: I64, now_ms: int) -> I64:
        """The times at which users enter `event` if they know what to do from `known_ms` on; users who are in
        it (`before_ms`) stay.
        """
        from_ms = self.ways.open_ms(event.start_ms, event.draws, known_ms)
        from_ms = np.where(event.who, from_ms, NEVER_MS)
        stays: I64 = np.where(before_ms <= now_ms, before_ms, from_ms)
        return stays

    # Looking up

    @property
    def apart(self) -> bool:
        """True if the gateway's apps, and the links that it checks, cannot be reached now."""
        return bool(self.cut_off) and self.cut_off[-1][1] == NEVER_MS

    def in_continuity(self, user: I64 | NDArray[np.int32], moment_ms: I64 | np.int64) -> Flags:
        """True where a user's app is in an event at the time given for them."""
        inside = np.zeros(np.broadcast(user, moment_ms).shape, dtype=np.bool_)
        for event in self.events:
            inside |= (event.since_ms[user] <= moment_ms) & (moment_ms < event.end_ms)
        for from_ms, to_ms in self.cut_off:
            inside &= (moment_ms < from_ms) | (to_ms <= moment_ms)
        for out_ms, back_ms in self.ways.gaps():
            inside &= (moment_ms < out_ms[user]) | (back_ms[user] <= moment_ms)
        return inside

    def _parts(self, event: ContinuityEvent, *, able: bool = False) -> Iterator[tuple[I64, I64]]:
        """The periods in which each user is in `event`, or could be, part by part."""
        since_ms = event.able_ms if able else event.since_ms
        parts = [(since_ms, np.full(len(self.ways.everyone), event.end_ms, dtype=np.int64))]
        cuts: list[tuple[int | I64, int | I64]] = [*self.cut_off, *self.ways.gaps()]
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
        """The time at which each message could first be read: in an event that covers it, otherwise on
        delivery.
        """
        first_ms = delivered_ms.copy()
        for since_ms, end_ms in (part for event in self.events for part in self._parts(event)):
            opened_ms = np.maximum(since_ms[user], arrival_ms)
            first_ms = np.where(opened_ms < end_ms[user], np.minimum(first_ms, opened_ms), first_ms)
        return first_ms

    def covered(self, *, able: bool = False) -> list[tuple[I64, I64]]:
        """The periods that each user spent in an event, or could have spent; a user's periods do not
        overlap.
        """
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
