"""The organisation's users: their access to mail at a moment, and their calls when they have none.

A user has mail while the mail server is reachable, or while their app is in a continuity event. Everything
about one user is a keyed draw.
"""

from collections.abc import Sequence

import numpy as np

from sim.kernel.duration import NEVER_MS
from sim.mail.users.absences import Absences, Flags
from sim.mail.users.announcements import Announcements, UpdateChannel
from sim.mail.users.callers import Callers
from sim.mail.users.calls import NOBODY_TURNED_AWAY, TurnedAway, UserCalls
from sim.mail.users.continuity_access import AccessGroup, AppShare, Ways
from sim.mail.users.membership import ContinuityEvent, Membership
from sim.mail.users.missing_mail import MailAway


class Users:
    """All users, in four parts; this class has the changes that affect more than one part."""

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
        patience_ms: tuple[int, ...] = (0, 0),
        session_ms: Sequence[int] = (),
        turned_away: TurnedAway = NOBODY_TURNED_AWAY,
        informed_percent: int = 0,
        keyed_by_time: bool = False,
    ):
        """Shares of users who call: `again_permille` (without mail), `links_permille` (links do not open),
        `absent_permille` (mail from outside is missed, by `patience_ms`): see `Callers`, `MailAway`;
        `session_ms`: see `Ways`; `turned_away`: see `TurnedAway`; `informed_percent`: share of calls made
        despite a valid update. `keyed_by_time`: the draws after a loss of mail are keyed by its time, not by
        the number of losses so far.
        """
        self.count, self._keyed_by_time = count, keyed_by_time
        self._changes = 0
        self.absences = Absences(count)
        self.membership = Membership(Ways(seed, count, apps, groups, cloud_percent, session_ms))
        self.announcements = Announcements(seed, count)
        self.calls = UserCalls(
            seed,
            count,
            (self.absences, self.membership, self.announcements),
            calls_percent,
            call_after_ms,
            again_permille,
            links_permille,
            MailAway(seed, Callers(seed, count, absent_permille, "misses mail"), patience_ms),
            turned_away,
            informed_percent,
        )

    def reach(self, now_ms: int, lost: Flags) -> None:
        """Set the users who cannot reach the mail server from now on to `lost`; all other users can."""
        self._changes += 1
        fresh = lost & ~self.absences.lost & ~self._in_continuity(now_ms)
        self.absences.become(now_ms, lost)
        self.calls.lose(now_ms, fresh, self._loss_key(now_ms))

    def start_event(
        self,
        now_ms: int,
        end_ms: int,
        start_ms: int | None = None,
        who: Flags | None = None,
        key: int | None = None,
    ) -> ContinuityEvent:
        """Start an event for `who` (None: all), from `start_ms` (None: now) on. `key`: key of its draws; if
        None, its number.
        """
        self._changes += 1
        members = np.ones(self.count, dtype=np.bool_) if who is None else who
        self.membership.start(now_ms if start_ms is None else start_ms, end_ms, members, key)
        self.ways_changed(now_ms)
        return self.membership.events[-1]

    def end_event(self, now_ms: int, event: ContinuityEvent | None = None) -> None:
        """End an event (None: the newest) now, by hand or because it expires; users who used it are
        without mail again.
        """
        self._changes += 1
        ending = event or self.membership.events[-1]
        self.calls.lose(now_ms, self.membership.end(now_ms, ending) & self.absences.lost, ending.key)

    def apps_reach(self, now_ms: int, reach: bool) -> None:
        """Let the gateway's apps work from now on, or not; without them, an event does not help users."""
        self._changes += 1
        thrown_out = self.membership.apps_reach(now_ms, reach) & self.absences.lost
        self.calls.lose(now_ms, thrown_out, self._loss_key(now_ms))

    def tell(
        self,
        now_ms: int,
        channel: UpdateChannel,
        until_ms: int = NEVER_MS,
        who: Flags | None = None,
        *,
        advises: bool = False,
        key: int | None = None,
    ) -> int:
        """Notify `who` (None: everyone) over `channel`; returns how many users it reaches.

        `until_ms`: the time until which users who have read the update do not call. `advises`: the update
        asks users not to send anything again. `key`: key of the update's draws; None: its number.
        """
        self._changes += 1
        reached = self.announcements.announce(
            now_ms,
            channel,
            until_ms,
            who,
            lambda: ~self.absences.lost | self._in_continuity(now_ms),
            advises=advises,
            key=key,
        )
        self.ways_changed(now_ms)
        return reached

    def ways_changed(self, now_ms: int) -> None:
        """Must be called after a change to `membership.ways`: recomputes when each user enters an event."""
        self._changes += 1
        told = self.announcements
        self.membership.reckon(now_ms, told.informed_ms, told.told_ms)

    @property
    def version(self) -> int:
        """The number of changes so far: of access to mail, of calls, and of the mail that users miss."""
        return self._changes + self.calls.away.changes

    def _loss_key(self, now_ms: int) -> int | None:
        return now_ms if self._keyed_by_time else None

    def _in_continuity(self, now_ms: int) -> Flags:
        return self.membership.in_continuity(self.membership.ways.everyone, np.int64(now_ms))
