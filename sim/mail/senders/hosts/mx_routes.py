"""The route of each organisation's mail over time: the MX answers from its own resolver."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS

Found = tuple[str, ...] | str
"""Hosts in order of preference, or the reason why the look-up returned none: `servfail`, `nxdomain`,
`no_data`, `null_mx`, `dangling_mx`.
"""

Version = tuple[Found, I64]
"""(result of a look-up, time from which each organisation gets it); the time is NEVER_MS if an
organisation never gets it.
"""

_TIME_BITS = 42  # 139 years


def same_versions(some: Sequence[Version], others: Sequence[Version]) -> bool:
    """True if both have the same result for each organisation at each time: because all versions are the
    same, or because there is only one result, as after a change of the TTL alone.
    """
    if len({found for found, _from_ms in (*some, *others)}) == 1:
        return True
    return len(some) == len(others) and all(
        found == other and np.array_equal(from_ms, other_from_ms)
        for (found, from_ms), (other, other_from_ms) in zip(some, others, strict=True)
    )


class Routes:
    """The spells of all organisations in one sorted column: (organisation, from_ms)."""

    def __init__(self, versions: Sequence[Version], organisations: int) -> None:
        """The latest version of an organisation is in force; of several with equal times, the one listed
        later.

        Raises ValueError if some organisation has none at the beginning.
        """
        self.found = tuple(dict.fromkeys(found for found, _ in versions))
        self.fails_slowly = np.array([found == "servfail" for found in self.found], dtype=np.int64)
        """1 for routes that are known only after the resolver's look-up has failed, which takes time."""
        numbers = [self.found.index(found) for found, _ in versions]
        route = np.repeat(np.array(numbers, dtype=np.int64), organisations)
        from_ms = np.concatenate([moments for _, moments in versions])
        organisation = np.tile(np.arange(organisations, dtype=np.int64), len(versions))
        some = from_ms < NEVER_MS
        keys = (organisation[some] << _TIME_BITS) + np.maximum(from_ms[some], 0)
        order = np.argsort(keys, kind="stable")
        self._keys, self._route = keys[order], route[some][order]
        firsts = np.arange(organisations, dtype=np.int64) << _TIME_BITS
        if not np.isin(firsts, self._keys).all():
            raise ValueError("an organisation has no route at the beginning")
        self._until_ms = np.append(self._keys[1:], -1)
        same = self._until_ms >> _TIME_BITS == self._keys >> _TIME_BITS
        self._until_ms = np.where(same, self._until_ms & ((1 << _TIME_BITS) - 1), NEVER_MS)

    def at(self, organisation: NDArray[np.int32], time_ms: I64) -> tuple[I64, I64]:
        """The index in `found` of each organisation's look-up result at the given time, and the time until
        which it applies.
        """
        if len(self.found) == 1:
            return np.zeros(len(time_ms), dtype=np.int64), np.full(len(time_ms), NEVER_MS, dtype=np.int64)
        spell = (
            self._keys.searchsorted((organisation.astype(np.int64) << _TIME_BITS) + time_ms, side="right") - 1
        )
        return self._route[spell], self._until_ms[spell]
