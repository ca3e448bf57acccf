"""Simulated time as local dates and times of the organisation, in fixed forms."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sim.kernel.duration import DAY_MS
from sim.kernel.local_time import day_clock, local_to_utc_ms, near, utc_ms_to_local

SHORT = 12
"""Number of cells for the longest date and time in a column, `12 Apr 10:12`."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Turns ms since the drill's start into local time, including summer time."""

    starts_utc_ms: int
    zone: str

    def at(self, t_ms: int) -> datetime:
        """Local date and time of `t_ms`, with time zone."""
        return utc_ms_to_local(self.starts_utc_ms + t_ms, self.zone)

    def clock(self, t_ms: int) -> str:
        """The time in the form `09:12`."""
        return f"{self.at(t_ms):%H:%M}"

    def clock_s(self, t_ms: int) -> str:
        """The time in the form `09:12:04`."""
        return f"{self.at(t_ms):%H:%M:%S}"

    def day_clock(self, t_ms: int, now_ms: int) -> str:
        """`Mon 09:12` if that is unambiguous, otherwise `Wed 1 Apr 10:12`: 9 cells, or up to 16."""
        return day_clock(self.at(t_ms), self.at(now_ms))

    def short(self, t_ms: int, now_ms: int) -> str:
        """The form for columns: `Mon 09:12` if that is unambiguous, otherwise `1 Apr 10:12`: 9 cells, or
        up to `SHORT`.
        """
        at = self.at(t_ms)
        return f"{at:%a %H:%M}" if self.is_near(t_ms, now_ms) else f"{at.day} {at:%b %H:%M}"

    def is_near(self, t_ms: int, now_ms: int) -> bool:
        """True if the weekday alone identifies the day."""
        return near(self.at(t_ms), self.at(now_ms))

    def full(self, t_ms: int) -> str:
        """The time in the form `Mon 2 Mar 11:42:10`, always nineteen cells."""
        at = self.at(t_ms)
        return f"{at:%a} {at.day:2d} {at:%b %H:%M:%S}"

    def ticks(self, a_ms: int, b_ms: int, step_ms: int) -> list[int]:
        """Times in [a, b] at which the wall clock shows a multiple of `step_ms`, which is at most a day."""
        first = datetime.combine(self.at(a_ms).date(), time())
        found: list[int] = []
        for day in range((b_ms - a_ms) // DAY_MS + 2):
            for within_ms in range(0, DAY_MS, step_ms):
                local = first + timedelta(days=day, milliseconds=within_ms)
                try:
                    t_ms = local_to_utc_ms(local, self.zone) - self.starts_utc_ms
                except ValueError:  # the clocks go forward, so this hour does not exist and has no tick
                    continue
                if a_ms <= t_ms <= b_ms:
                    found.append(t_ms)
        return found
