"""The curve of the week: how much mail people write in each quarter of an hour, with mailshots."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sim.kernel.frozen import frozen
from sim.mail.message.mailshots import Density, WeeklyMailshot, density

BIN_MS = 15 * 60_000


@frozen
class Week:
    """How a day's volume is spread over its hours. All integers."""

    zone: str
    weekday_permille: tuple[int, ...]
    """24 shares of a working day's volume, one for each hour of local time; they sum to 1,000."""
    day_percent: tuple[int, ...]
    """Volume on Monday … Sunday as a percentage of the volume on a plain working day."""

    def share_micro(self, moment_utc_ms: int) -> int:
        """Share of a plain working day's volume (10^-6) that falls into the bin at `moment_utc_ms`.

        Between the middle of one hour and that of the next the curve is a straight line; a day's shares still
        add up to its percentage. Local time, and so summer time, decides the hour and the day.
        """
        local = datetime.fromtimestamp(moment_utc_ms / 1000, UTC).astimezone(ZoneInfo(self.zone))
        hour, quarter = local.hour, local.minute // 15
        here = self.weekday_permille[hour]
        neighbour = self.weekday_permille[hour - 1 if quarter < 2 else (hour + 1) % 24]
        near, far = ((5, 3), (7, 1), (7, 1), (5, 3))[quarter]
        eighths = near * here + far * neighbour
        return eighths * 1000 * self.day_percent[local.weekday()] // (8 * 4 * 100)


@frozen
class Volume:
    """The volume of mail in one direction, over time."""

    week: Week
    per_workday: int
    """Messages per plain working day in the whole organisation."""
    mailshots: tuple[WeeklyMailshot, ...] = ()

    def usual_micro(self, number: int) -> int:
        """Messages (10^-6, mean) in bin `number` by the curve alone."""
        return self.per_workday * self.week.share_micro(number * BIN_MS)

    def density(self, number: int) -> Density | None:
        """The spread of mail over bin `number`; None if it is even, because no mailshot overlaps the bin."""
        if not self.mailshots:
            return None
        usual_micro = self.usual_micro(number)
        return density(self.mailshots, self.week.zone, number * BIN_MS, BIN_MS, usual_micro)
