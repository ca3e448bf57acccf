"""In which of a monitor's windows at least one delivery attempt failed."""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64


class FailureWindows:
    """A bitmap over consecutive windows of `width_ms`, the first of which starts at `phase_ms` <= 0."""

    def __init__(self, width_ms: int, phase_ms: int) -> None:
        self.width_ms, self.phase_ms = width_ms, phase_ms
        self._seen = np.zeros(1024, dtype=np.bool_)
        self.last_ms: int | None = None
        """The latest failed attempt."""

    def index(self, moment_ms: int) -> int:
        """The window that holds `moment_ms`."""
        return (moment_ms - self.phase_ms) // self.width_ms

    def end_ms(self, index: int) -> int:
        return self.phase_ms + (index + 1) * self.width_ms

    def mark(self, moments_ms: I64) -> None:
        """Note failed attempts at `moments_ms`, in any order."""
        if len(moments_ms):
            latest = int(moments_ms.max())
            self._seen = self._marked(self._seen, (moments_ms,), self.index(latest) + 1)
            self.last_ms = latest if self.last_ms is None else max(self.last_ms, latest)

    def outlook(self, a: int, b: int, ahead: tuple[I64, ...]) -> NDArray[np.bool_]:
        """Whether windows a <= n < b hold a failure, if also the attempts `ahead` fail; pure."""
        room = np.zeros(max(b, len(self._seen)), dtype=np.bool_)
        room[: len(self._seen)] = self._seen
        return self._marked(room, ahead, b)[a:b]

    def _marked(self, seen: NDArray[np.bool_], moments: tuple[I64, ...], need: int) -> NDArray[np.bool_]:
        if need > len(seen):
            seen = np.concatenate([seen, np.zeros(need, dtype=np.bool_)])
        for some in moments:
            windows = (some - self.phase_ms) // self.width_ms
            seen[windows[windows < len(seen)]] = True
        return seen
