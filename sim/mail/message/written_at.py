"""The times at which delayed mail was written, from which its delays count."""

import numpy as np

from sim.kernel.draws import I64


class Written:
    """Messages by id, with the time at which each was written; only messages that were delayed."""

    def __init__(self) -> None:
        self._id = np.empty(0, dtype=np.int64)
        self._written_ms = self._id

    def note(self, ids: I64, written_ms: I64) -> None:
        """Record that `ids`, none of them known, were written at `written_ms`."""
        if len(ids):
            ids, written_ms = np.concatenate([self._id, ids]), np.concatenate([self._written_ms, written_ms])
            order = np.argsort(ids)
            self._id, self._written_ms = ids[order], written_ms[order]

    def of(self, ids: I64, arrival_ms: I64) -> I64:
        """The time at which each of `ids` was written, if recorded; otherwise the time of its arrival."""
        if not len(self._id):
            return arrival_ms
        place = np.minimum(self._id.searchsorted(ids), len(self._id) - 1)
        return np.where(self._id[place] == ids, self._written_ms[place], arrival_ms)

    def forget(self, ids: I64) -> None:
        """Forget `ids`, which will not be looked up again."""
        if len(self._id) and len(ids):
            place = np.minimum(self._id.searchsorted(ids), len(self._id) - 1)
            keep = np.ones(len(self._id), dtype=np.bool_)
            keep[place[self._id[place] == ids]] = False
            self._id, self._written_ms = self._id[keep], self._written_ms[keep]
