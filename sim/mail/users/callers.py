"""Users who call the helpdesk, hour by hour and mostly in working hours, until they are notified.

The users who would call in an hour are drawn once. Those users really call if they lack something at that
time (mail, or links that open), unless an update keeps them from calling.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix, within

HOUR_MS = 3_600_000
_NOBODY = np.empty(0, dtype=np.int64)


class Callers:
    """Users who may call, by hour since the drill's start."""

    def __init__(
        self, seed: int, count: int, permille: tuple[int, ...], purpose: str = "calls again"
    ) -> None:
        """`permille`: share of users who would call in each hour since the start; 0 after the last.

        `purpose` is the key of the draws.
        """
        self._seed, self._count, self._permille, self._purpose = seed, count, permille, purpose
        self._known: dict[int, tuple[I64, I64]] = {}

    def between(self, a_ms: int, b_ms: int) -> tuple[I64, I64]:
        """Times and users, by time, of those who would call in [a, b)."""
        hours = range(a_ms // HOUR_MS, min(-(-b_ms // HOUR_MS), len(self._permille)))
        parts = [(_NOBODY, _NOBODY), *map(self._hour, hours)]
        moments, users = (np.concatenate(column) for column in zip(*parts, strict=True))
        some = slice(int(moments.searchsorted(a_ms)), int(moments.searchsorted(b_ms)))
        return moments[some], users[some]

    def next_hour_ms(self, from_ms: int) -> int | None:
        """The beginning of the first hour from `from_ms` on in which anyone would call; None if there is
        none.
        """
        first = -(-from_ms // HOUR_MS)
        hours = (hour for hour in range(first, len(self._permille)) if self._permille[hour])
        hour = next(hours, None)
        return None if hour is None else hour * HOUR_MS

    def _hour(self, hour: int) -> tuple[I64, I64]:
        if hour not in self._known:
            everyone = np.arange(self._count, dtype=np.int64)
            calls = below(mix(self._seed, self._purpose, hour, everyone), 1000) < self._permille[hour]
            users = everyone[calls]
            moments = hour * HOUR_MS + within(mix(self._seed, f"{self._purpose} at", hour, users), HOUR_MS)
            order = np.lexsort((users, moments))
            self._known[hour] = moments[order], users[order]
        return self._known[hour]
