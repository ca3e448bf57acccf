"""Users' access to a continuity event: their mail program, its permissions, its sign-in.

A program that polls switches over by itself, other programs once their users have been notified. The program
must be permitted for the user's group, and signing in through the directory needs a directory that answers.
Users who are signed in to their own program when the directory fails can use the event without it, and drop
out when the session has to be renewed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, pick, quantile, within
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen


@frozen
class AppShare:
    """An app: the share of users who have it, and how it is used in a continuity event."""

    share_percent: int
    polls_ms: int | None
    """The app switches over by itself within this time; None: it does not."""
    when_told: bool
    """True if users can switch the app over themselves once they have been notified."""
    falls_back_to: int | None = None
    """The index of another app that users of this app can use once they have been notified."""
    asks_directory: bool = False
    """True if signing in to the app requires the organisation's directory."""


@frozen
class AccessGroup:
    """A group: its share of users, and the apps (by index) that the settings permit it to use."""

    share_percent: int
    permitted: frozenset[int]


class Ways:
    """Every user's access to continuity, as vectors by user number."""

    def __init__(
        self,
        seed: int,
        count: int,
        apps: Sequence[AppShare],
        groups: Sequence[AccessGroup],
        cloud_percent: int,
        session_ms: Sequence[int] = (),
    ) -> None:
        """Without `groups`, all users are in one group that may use every app. `cloud_percent`: share of
        users who know a password that does not need the directory. `session_ms`: quantiles of the time
        from one renewal of a session to the next; empty: no user is signed in beforehand.
        """
        self._seed, self._apps = seed, tuple(apps)
        self.everyone = np.arange(count, dtype=np.int64)
        groups = groups or (AccessGroup(100, frozenset(range(len(apps)))),)
        self.app = pick(mix(seed, "app", self.everyone), [one.share_percent for one in apps])
        self.group = pick(mix(seed, "group", self.everyone), [one.share_percent for one in groups])
        self.permitted_ms = np.full((len(groups), len(apps)), NEVER_MS, dtype=np.int64)
        """The time from which each group (row) may use each app (column)."""
        for number, group in enumerate(groups):
            self.permitted_ms[number, sorted(group.permitted)] = 0
        self.knows_cloud_password = below(mix(seed, "cloud password", self.everyone), 100) < cloud_percent
        self._cloud_ms, self._directory_ms = NEVER_MS, 0
        """`_cloud_ms`: the time from which the apps accept cloud passwords; `_directory_ms`: the time from
        which the directory answers.
        """
        self._cloud_withdrawn = False
        """True if the apps have stopped accepting cloud passwords; signed-in users stay signed in."""
        self._whole_session_ms = list(session_ms)
        self._session_ms = np.full(count, -1, dtype=np.int64)
        """For each user, the end of the session in their own program, as determined when the directory
        last failed.
        """
        self._losses = 0
        self._gaps: list[tuple[I64, I64]] = []

    # Changes

    def permit(self, group: int, app: int, from_ms: int) -> None:
        """Permit `app` for `group` from then on."""
        self.permitted_ms[group, app] = min(int(self.permitted_ms[group, app]), from_ms)

    def directory_lost(self, now_ms: int) -> None:
        """Record that the directory has failed: existing sessions last until they have to be renewed; the
        age of each is drawn.
        """
        if not self.directory_answers:
            return
        self._gaps = self.gaps()
        if self._cloud_withdrawn:
            self._cloud_ms, self._cloud_withdrawn = NEVER_MS, False
        self._losses += 1
        self._directory_ms = NEVER_MS
        if self._whole_session_ms:
            drawn = mix(self._seed, "app's session", self._losses, self.everyone)
            whole_ms = quantile(drawn, self._whole_session_ms)
            age_ms = within(
                mix(self._seed, "age of the app's session", self._losses, self.everyone), whole_ms
            )
            self._session_ms = now_ms + whole_ms - age_ms

    def directory_back(self, now_ms: int) -> None:
        self._directory_ms = now_ms

    def take_cloud_passwords(self, from_ms: int) -> None:
        """Let the apps accept cloud passwords from then on."""
        self._cloud_ms, self._cloud_withdrawn = min(self._cloud_ms, from_ms), False

    def ask_directory(self) -> None:
        """Let the apps no longer accept cloud passwords. The directory answers now, so this matters only
        at its next failure.
        """
        self._cloud_withdrawn = True

    # Looking up

    @property
    def directory_answers(self) -> bool:
        return self._directory_ms < NEVER_MS

    def open_ms(self, start_ms: int, key: int, informed_ms: I64) -> I64:
        """The time from which each user's app is in the event that starts at `start_ms` and whose draws have
        that `key`, under present conditions.

        `informed_ms`: the time from which each user knows what to do. NEVER_MS: the app is never in the
        event.
        """
        polls_ms = self._of([app.polls_ms or 0 for app in self._apps])
        draw_ms = within(mix(self._seed, "poll", key, self.everyone), np.maximum(polls_ms, 1))
        own_ms = np.maximum(self._usable_ms(self.app), start_ms)
        by_itself = np.where((polls_ms > 0) & (own_ms < NEVER_MS), own_ms + draw_ms, NEVER_MS)
        told_ms = np.maximum(own_ms, informed_ms)
        if self._losses:  # users who are signed in
            let_in_ms = np.maximum(self.permitted_ms[self.group, self.app], start_ms)
            session_ms = np.where(self.asks_directory(self.app), self._session_ms, -1)
            polled = (polls_ms > 0) & (let_in_ms + draw_ms < session_ms)
            by_itself = np.where(polled, let_in_ms + draw_ms, by_itself)
            let_in_ms = np.maximum(let_in_ms, informed_ms)
            told_ms = np.where(let_in_ms < session_ms, let_in_ms, told_ms)
        found = np.where(self._of([app.when_told for app in self._apps]) > 0, told_ms, NEVER_MS)
        other = self.falls_back
        other_ms = np.maximum(np.maximum(self._usable_ms(np.maximum(other, 0)), start_ms), informed_ms)
        found = np.minimum(found, np.where(other >= 0, other_ms, NEVER_MS))
        return np.minimum(found, by_itself)

    def gaps(self) -> list[tuple[I64, I64]]:
        """Periods (from, to) of each user, in no particular order, in which their session has ended and they
        cannot sign in yet.

        Users with a second program that does not sign in through the directory continue in that program.
        """
        if not self._losses or not self._whole_session_ms:
            return self._gaps
        thrown_out = self.asks_directory(self.app) & (self.falls_back < 0)
        from_ms = np.where(thrown_out, self._session_ms, NEVER_MS)
        return [*self._gaps, (from_ms, np.maximum(from_ms, self.signs_in_ms()))]

    @property
    def falls_back(self) -> I64:
        """The app that each user can use instead, -1 if there is none."""
        return self._of([-1 if app.falls_back_to is None else app.falls_back_to for app in self._apps])

    @property
    def switches_by_itself(self) -> NDArray[np.bool_]:
        """True for users whose program switches over by itself."""
        return self._of([app.polls_ms is not None for app in self._apps]) > 0

    @property
    def takes_part(self) -> NDArray[np.bool_]:
        """True for users with a program that can be used in an event, if permitted, and to which they can
        sign in.

        After a failure of the directory, this requires a program that does not use the directory, or a
        password that does not need it.
        """
        own = self._of([app.polls_ms is not None or app.when_told for app in self._apps]) > 0
        other = self.falls_back
        if self._directory_ms == 0 or not any(app.asks_directory for app in self._apps):
            return own | (other >= 0)
        knows = self.knows_cloud_password
        own &= knows | ~self.asks_directory(self.app)
        return own | ((other >= 0) & (knows | ~self.asks_directory(np.maximum(other, 0))))

    def signs_in_ms(self) -> I64:
        """The time from which each user can sign in, through the directory or in another way."""
        instead_ms = np.where(self.knows_cloud_password, self._cloud_ms, NEVER_MS)
        return np.minimum(instead_ms, self._directory_ms)

    def asks_directory(self, app: I64) -> NDArray[np.bool_]:
        """True for apps that sign in through the directory."""
        return np.array([one.asks_directory for one in self._apps], dtype=np.bool_)[app]

    def _usable_ms(self, app: I64) -> I64:
        """The time from which each user may use that app."""
        permitted_ms = self.permitted_ms[self.group, app]
        return np.where(self.asks_directory(app), np.maximum(permitted_ms, self.signs_in_ms()), permitted_ms)

    def _of(self, per_app: Sequence[int | bool]) -> I64:
        return np.array(per_app, dtype=np.int64)[self.app]
