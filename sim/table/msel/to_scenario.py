"""A scenario file from an MSEL: injects, contingencies and faults, on top of another scenario."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.scenario import Inject, Scenario
from sim.table.msel.columns import MselRow
from sim.table.msel.nearest import kind_of, method_of, recipient_of
from sim.table.msel.of_scenario import EXPECTED, FAULT, INJECT, ON_FACTS
from sim.table.msel.row_times import RowTimes
from sim.table.msel.sheet import MselSheet

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
        self._ids: set[str] = set()
        self._times = RowTimes(sheet, base, self.changes, self._leaves_out)
        if self._times.guesses_dates:
            where = sheet.table.place(sheet.header, sheet.columns.get("time", sheet.columns.get("day", 0)))
            made.changed.append(
                f"{where}: dates such as 3/2/2026 are taken as day/month; write 2026-02-03 to be sure"
            )

    def changes(self, index: int, name: str, what: str) -> None:
        """Record that a value was replaced."""
        self._made.changed.append(f"{self._sheet.place(index, name)}: {what}")

    def _leaves_out(self, index: int, name: str, why: str) -> None:
        self._made.left_out.append(f"{self._sheet.place(index, name)}: {why}")

    # Entries

    def fault(self, index: int, row: MselRow) -> None:
        """Make a fault from a row that names a failing component, and that therefore needs the keys of a
        fault in its column Command.
        """
        keys = self._keys(index, row)
        if keys is None:
            return
        at = self._times.trigger(index, row)
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
        at = self._times.trigger(index, row)
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


def _first(error: ValidationError) -> str:
    one = error.errors()[0]
    where = ".".join(map(str, one["loc"]))
    return " ".join(f"`{where}`: {one['msg']}".split())[:300]
