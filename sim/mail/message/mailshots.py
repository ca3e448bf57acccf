"""Mailshots: one message to many at a fixed hour of the week, on top of the curve of the week.

A mailshot adds to the mean of every bin of `traffic` that it overlaps, and within such a bin the density of
mail is the sum of curve and mailshot. All numbers are integers. Local time, including summer time, decides
when it starts: a start in the hour that is skipped in spring is an hour later by the clock; a start in the
hour that occurs twice is in the first of the two.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import DAY_MS
from sim.kernel.frozen import frozen

LONGEST_MS = DAY_MS
"""The longest duration of a mailshot."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@frozen
class WeeklyMailshot:
    """A mailshot: every week, `mean_micro` messages (10^-6), sent evenly over `over_ms` (1 to LONGEST_MS)
    from its start.
    """

    weekday: int
    """The day of the week; 0 is Monday."""
    at_min: int
    """Local time of day, in minutes since midnight."""
    over_ms: int
    mean_micro: int

    def starts(self, zone: str, a_ms: int, b_ms: int) -> Iterator[int]:
        """The UTC milliseconds of each start whose mailshot overlaps [a_ms, b_ms)."""
        rules = ZoneInfo(zone)
        day = _local(a_ms - self.over_ms, rules).date()
        at = time(*divmod(self.at_min, 60))
        while day <= _local(b_ms, rules).date():
            if day.weekday() == self.weekday:
                start = datetime.combine(day, at, rules).astimezone(UTC)
                start_ms = (start - _EPOCH) // _MILLISECOND
                if start_ms < b_ms and a_ms < start_ms + self.over_ms:
                    yield start_ms
            day += timedelta(days=1)

    def sent_micro(self, after_ms: int) -> int:
        """The mean number of messages (10^-6) sent up to `after_ms` after the start."""
        return self.mean_micro * min(max(after_ms, 0), self.over_ms) // self.over_ms


@frozen
class Density:
    """How mail is spread over one bin: `mass_micro[k]` messages (10^-6, mean) before `edges_ms[k]`.

    Edges count from the bin's beginning, the first is 0 and the last its length; mail is even between two
    edges.
    """

    edges_ms: tuple[int, ...]
    mass_micro: tuple[int, ...]

    @property
    def mean_micro(self) -> int:
        """Messages in the whole bin."""
        return self.mass_micro[-1]

    def place(self, even_ms: I64) -> I64:
        """Moves times drawn evenly over the bin to fit its spread of mail; their order stays the same."""
        width_ms, edges_ms = self.edges_ms[-1], np.array(self.edges_ms, dtype=np.int64)
        share_ms = np.array([mass * width_ms // self.mean_micro for mass in self.mass_micro], dtype=np.int64)
        part = share_ms.searchsorted(even_ms, side="right") - 1
        wide_ms, share = edges_ms[part + 1] - edges_ms[part], share_ms[part + 1] - share_ms[part]
        placed: I64 = edges_ms[part] + (even_ms - share_ms[part]) * wide_ms // share
        return placed


def density(
    mailshots: Sequence[WeeklyMailshot], zone: str, bin_utc_ms: int, width_ms: int, usual_micro: int
) -> Density | None:
    """How mail is spread over the bin at `bin_utc_ms`; None if no mailshot overlaps it.

    `usual_micro`: messages (10^-6, mean) of the curve alone.
    """
    under_way = [
        (one, start_ms - bin_utc_ms)
        for one in mailshots
        for start_ms in one.starts(zone, bin_utc_ms, bin_utc_ms + width_ms)
    ]
    if not under_way:
        return None
    edges = {0, width_ms} | {at_ms for one, start in under_way for at_ms in (start, start + one.over_ms)}
    inside = sorted(at_ms for at_ms in edges if 0 <= at_ms <= width_ms)
    mass = [
        usual_micro * at_ms // width_ms
        + sum(one.sent_micro(at_ms - start) - one.sent_micro(-start) for one, start in under_way)
        for at_ms in inside
    ]
    return Density(tuple(inside), tuple(mass))


def _local(utc_ms: int, rules: ZoneInfo) -> datetime:
    return (_EPOCH + utc_ms * _MILLISECOND).astimezone(rules)
