"""A scenario file from an MSEL: injects, contingencies and faults, on top of another scenario."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.condition_reader import parse_condition
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.scenario import Inject, Scenario
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, format_duration
from sim.kernel.local_time import utc_ms_to_local
from sim.table.msel.columns import MselRow
from sim.table.msel.nearest import kind_of, method_of, recipient_of
from sim.table.msel.of_scenario import EXPECTED, FAULT, INJECT, ON_FACTS
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

_SUBJECT_WORDS = 8


@dataclass(slots=True)
class Made:
    """The entries for a scenario, and remarks about the parts that were not understood, each with its
    cell.
    """

    injects: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    """For each id, the comments for its entry."""
    left_out: list[str] = field(default_factory=list)
    """Rows that are not in the scenario, each with the reason."""
    changed: list[str] = field(default_factory=list)
    """Values that were replaced by the nearest possible value."""


def made_of(sheet: MselSheet, base: Scenario) -> Made:
    """The entries for the rows of `sheet` in a scenario like `base`."""
    made = Made()
    reader = _Reader(sheet, base, made)
    for index, row in enumerate(sheet.rows):
        kind = kind_of(row)
        if kind is None:
            reader.changes(index, "kind", f"{row.kind!r:.60} is not a kind of entry; taken as an inject")
            kind = INJECT
        if kind == FAULT:
            reader.fault(index, row)
        elif kind != EXPECTED:
            reader.inject(index, row)
    if sheet.unknown:
        names = ", ".join(repr(name) for name in sheet.unknown)
        where = sheet.table.place(sheet.header, 0)
        made.changed.append(f"{where}: columns without a meaning here, kept as comments: {names:.400}")
    return made


class _Reader:
    """Turns rows into entries, one after the other."""

    def __init__(self, sheet: MselSheet, base: Scenario, made: Made) -> None:
        self._sheet, self._base, self._made = sheet, base, made
        self._start = utc_ms_to_local(base.starts_utc_ms, base.zone)
        dates = [*sheet.days, *(row.time for row in sheet.rows)]
        self._month_first = is_month_first(dates)
        self._guesses_dates = any(map(is_ambiguous, dates)) and not self._month_first
        self._first_day = self._earliest(dates)
        self._ids: set[str] = set()
        self._by_number = {row.contingency: row for row in sheet.rows if row.contingency and row.milestone}
        if self._guesses_dates:
            where = sheet.table.place(sheet.header, sheet.columns.get("time", sheet.columns.get("day", 0)))
            made.changed.append(
                f"{where}: dates such as 3/2/2026 are taken as day/month; write 2026-02-03 to be sure"
            )

    def changes(self, index: int, name: str, what: str) -> None:
        """Record that a value was replaced."""
        self._made.changed.append(f"{self._sheet.place(index, name)}: {what}")

    def _leaves_out(self, index: int, name: str, why: str) -> None:
        self._made.left_out.append(f"{self._sheet.place(index, name)}: {why}")

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

    # Entries

    def fault(self, index: int, row: MselRow) -> None:
        """Make a fault from a row that names a failing component, and that therefore needs the keys of a
        fault in its column Command.
        """
        keys = self._keys(index, row)
        if keys is None:
            return
        at = self._trigger(index, row)
        if at is None:
            return
        entry = {"id": self._id(row, "fault"), **at, **keys}
        try:
            Fault.model_validate(entry)
        except ValidationError as error:
            self._leaves_out(index, "command", f"{_first(error)}; a fault has a time such as T+1h12m")
            return
        self._made.faults.append(entry)

    def inject(self, index: int, row: MselRow) -> None:
        """Make an inject from a row that reaches people."""
        text = row.message or row.subject
        if not text:
            self._leaves_out(index, "message", "the row has neither a message nor a subject; write one")
            return
        keys = self._keys(index, row) if row.command.startswith("{") else {}
        at = self._trigger(index, row)
        if keys is None or at is None:
            return
        entry: dict[str, Any] = {
            "id": self._id(row, "inject"),
            "kind": self._method(index, row),
            **at,
            "from": row.sender or "the facilitator",
            "to": self._recipient(index, row),
            "text": text,
            **{key: keys[key] for key in ON_FACTS if key in keys},
        }
        if unless := self._milestones(index, "unless", row.unless):
            entry["unless"] = unless
        if marks := self._milestones(index, "marks", row.marks):
            entry["marks"] = marks[0]
        try:
            Inject.model_validate(entry)
        except ValidationError as error:
            self._leaves_out(index, "message", _first(error))
            return
        self._made.injects.append(entry)
        self._made.notes[entry["id"]] = [
            f"{name}: {value}"
            for name, value in (
                ("no", row.number), ("expected", row.expected), ("controller", row.controller),
                ("objective", row.objective), ("notes", row.notes), *row.extra,
            )
            if value and (name, value) != ("controller", "simulator")
        ]  # fmt: skip

    def _keys(self, index: int, row: MselRow) -> dict[str, Any] | None:
        try:
            keys = json.loads(row.command)
        except (ValueError, RecursionError):
            keys = None
        if not isinstance(keys, dict):
            right = '{"fault": "mail-server refuses", "for": "31h"}'
            self._leaves_out(index, "command", f"the column Command has no details; write {right}")
            return None
        return keys

    def _id(self, row: MselRow, usual: str) -> str:
        """An id that no other entry has."""
        words = row.id or "-".join(row.subject.split()[:_SUBJECT_WORDS]) or f"{usual}-{row.number}"
        name = re.sub(r"[^a-z0-9.-]+", "-", words.lower()).strip("-.")[:50] or usual
        found, number = name, 2
        while found in self._ids:
            found, number = f"{name}-{number}", number + 1
        self._ids.add(found)
        return found

    def _method(self, index: int, row: MselRow) -> str:
        kind, remark = method_of(row.method, is_post=bool(row.command))
        if remark:
            self.changes(index, "method", remark)
        return kind

    def _recipient(self, index: int, row: MselRow) -> str:
        to, remark = recipient_of(row.to, {person.id for person in self._base.organisation.staff})
        if remark:
            self.changes(index, "to", remark)
        return to

    def _milestones(self, index: int, name: str, text: str) -> list[str]:
        found = []
        for one in filter(None, re.split(r"[,;\s]+", text)):
            if one in MILESTONES:
                found.append(one)
            else:
                self.changes(index, name, f"{one!r:.60} is not a milestone; left out")
        return found

    # Times

    def _trigger(self, index: int, row: MselRow) -> dict[str, str] | None:
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
                self.changes(
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
                    self.changes(index, "day", f"{day!r:.60} is not a date; left out")
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


def _first(error: ValidationError) -> str:
    one = error.errors()[0]
    where = ".".join(map(str, one["loc"]))
    return " ".join(f"`{where}`: {one['msg']}".split())[:300]
