"""The time of each row of an MSEL, in the notation of scenarios: a moment or a condition."""

from collections.abc import Callable
from datetime import date

from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.condition_reader import parse_condition
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, format_duration
from sim.kernel.local_time import utc_ms_to_local
from sim.table.msel.columns import MselRow
from sim.table.msel.sheet import MselSheet
from sim.table.msel.times import (
    AfterStart,
    AtClock,
    BadTime,
    MselTime,
    OnDate,
    is_ambiguous,
    is_month_first,
    read_elapsed,
    read_time,
)

Remark = Callable[[int, str, str], None]
"""Records a remark on a row and a column of the sheet."""


class RowTimes:
    """Reads the times of the rows of `sheet`, in a scenario like `base`."""

    def __init__(self, sheet: MselSheet, base: Scenario, changes: Remark, leaves_out: Remark) -> None:
        """`changes` records that a value was replaced, `leaves_out` that a row is not in the scenario."""
        self._sheet, self._changes, self._leaves_out = sheet, changes, leaves_out
        self._start = utc_ms_to_local(base.starts_utc_ms, base.zone)
        dates = [*sheet.days, *(row.time for row in sheet.rows)]
        self._month_first = is_month_first(dates)
        self.guesses_dates = any(map(is_ambiguous, dates)) and not self._month_first
        """True if dates such as 3/2/2026 are taken as day/month, without proof."""
        self._first_day = self._earliest(dates)
        self._by_number = {row.contingency: row for row in sheet.rows if row.contingency and row.milestone}

    def _earliest(self, texts: list[str]) -> date | None:
        found = []
        for text in filter(None, texts):
            try:
                moment = read_time(text, month_first=self._month_first)
            except BadTime:
                continue
            if isinstance(moment, OnDate):
                found.append(moment.date)
        return min(found, default=None)

    def trigger(self, index: int, row: MselRow) -> dict[str, str] | None:
        """The `at` or `when` of an inject; None if the row has no time that can be read."""
        if row.trigger:
            try:
                return {"at": parse_anchor(row.trigger).text}
            except ValueError:
                pass
            try:
                return {"when": parse_condition(row.trigger).text}
            except ValueError as error:
                self._leaves_out(index, "trigger", str(error))
                return None
        expected = self._by_number.get(row.number) if row.number else None
        if expected is not None and expected.milestone in MILESTONES and expected.if_not_by:
            when = f"not {expected.milestone} by {expected.if_not_by.split(';')[0].strip()}"
            try:
                return {"when": parse_condition(when).text}
            except ValueError:
                self._changes(
                    index, "number", f"`If not by` {expected.if_not_by!r:.60} is not a moment; left out"
                )
        at = self._at(index, row)
        return None if at is None else {"at": at}

    def _at(self, index: int, row: MselRow) -> str | None:
        if row.elapsed:
            try:
                return f"T+{format_duration(read_elapsed(row.elapsed).ms)}"
            except BadTime as error:
                if not row.time:
                    self._leaves_out(index, "elapsed", str(error))
                    return None
        day, texts = self._sheet.days[index], [("day", self._sheet.days[index]), ("time", row.time)]
        found: list[MselTime] = []
        for name, text in texts:
            if not text:
                continue
            try:
                found.append(read_time(text, month_first=self._month_first))
            except BadTime as error:
                if name == "day" and row.time:
                    self._changes(index, "day", f"{day!r:.60} is not a date; left out")
                    continue
                self._leaves_out(index, name, str(error))
                return None
        if not found:
            self._leaves_out(index, "time", "the row has no time; write T+1h30 or 09:12")
            return None
        return self._moment(index, found)

    def _moment(self, index: int, found: list[MselTime]) -> str | None:
        """One moment in the notation of scenarios, from a time, or from a date and a time."""
        dates = [one for one in found if isinstance(one, OnDate)]
        clocks = [one for one in found if isinstance(one, AtClock)]
        for one in found:
            if isinstance(one, AfterStart):
                return f"T+{format_duration(one.ms)}"
        hours = next(((one.hour, one.minute) for one in reversed(clocks)), None)
        if dates and hours is None:
            timed = next((one for one in dates if one.hour is not None), dates[0])
            hours = (timed.hour or 0, timed.minute)
        assert hours is not None
        day = next((one.day for one in clocks if one.day), 0)
        if dates and self._first_day is not None:
            day = (dates[0].date - self._first_day).days + 1
        weekday = next((one.weekday for one in clocks if one.weekday), "")
        if not day:
            return f"{weekday} {hours[0]:02}:{hours[1]:02}".strip()
        since_ms = (day - 1) * DAY_MS + (hours[0] - self._start.hour) * HOUR_MS
        since_ms += (hours[1] - self._start.minute) * MINUTE_MS
        if since_ms < 0 or since_ms > 60 * DAY_MS:
            start = f"{self._start:%H:%M}"
            self._leaves_out(
                index, "time", f"before the start of the scenario at {start}, or 60 days after it"
            )
            return None
        return f"T+{format_duration(since_ms)}"
