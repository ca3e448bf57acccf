"""The times at which a server goes through its queue: scans, or queue runs."""

from sim.kernel.frozen import frozen


@frozen
class Scans:
    """Scans at `phase_ms + k * interval_ms`, for any integer k. `interval_ms` 0: the ideal server of
    published tables, which scans all the time.
    """

    interval_ms: int
    phase_ms: int = 0

    @property
    def ideal(self) -> bool:
        """True if messages do not have to wait for a scan."""
        return self.interval_ms == 0

    def at_or_after(self, time_ms: int) -> int:
        """The first scan at or after `time_ms`."""
        if self.ideal:
            return time_ms
        return time_ms + (self.phase_ms - time_ms) % self.interval_ms

    def after(self, time_ms: int) -> int:
        """The first scan later than `time_ms`."""
        return self.at_or_after(time_ms + 1)
