"""The MSEL of a scenario: faults, injects, contingencies and expected actions, in chronological order."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sim.drill.commands.command_facts import Where
from sim.drill.commands.registry import COMMANDS
from sim.drill.scenario.anchor import Anchor, resolve
from sim.drill.scenario.condition import InTime
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.objective import Deadline, Objective
from sim.drill.scenario.scenario import Inject, Scenario
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.kernel.local_time import utc_ms_to_local
from sim.table.msel.columns import MselRow
from sim.table.msel.timings import NO_TIMINGS, Timings, WhenCame, expected_milestones
from sim.table.seats import KINDS

INJECT, CONTINGENCY, FAULT, EXPECTED = "inject", "contingency", "fault", "expected action"
METHODS = {
    "call": "phone",
    "ticket": "ticket",
    "sms": "text message",
    "email": "email",
    "post": "status page",
}
"""For each kind of inject, how it reaches a person, in words."""
ON_FACTS = ("number", "began", "back_by")
"""Keys of an inject that do not have a column of their own; they are in the column Command."""


def seat_of(role: str) -> str:
    """The seat that plays `role`; any other name is returned unchanged."""
    return next((kind.name for kind in KINDS if role in kind.roles), role)


def rows_of(scenario: Scenario, timed: Timings = NO_TIMINGS) -> list[MselRow]:
    """Every row, numbered. Times that depend on people are the P50 of the runs, if any were made."""
    known = known_moments(scenario, timed)
    found: list[tuple[int, MselRow]] = []
    for fault in scenario.timeline:
        keys = fault.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        row = MselRow(
            kind=FAULT, sender="simulator", subject=fault.fault, message=fault.says or "", id=fault.id,
            command=_flow({key: value for key, value in keys.items() if key not in {"id", "at"}}),
            trigger=f"T+{format_duration(fault.at_ms)}",
        )  # fmt: skip
        found.append((fault.at_ms, row))
    for inject in scenario.injects:
        found.append((_due_ms(scenario, inject, known), _inject(scenario, inject)))
    found += _expected(scenario, timed, known)
    found.sort(key=lambda one: one[0])
    rows = [_timed(scenario, at_ms, replace(row, number=str(n))) for n, (at_ms, row) in enumerate(found, 1)]
    return list(_with_contingencies(rows))


def known_moments(scenario: Scenario, timed: Timings) -> dict[str, int]:
    """Milestones whose times the file gives, and the P50 of the others."""
    told = {Milestone.OUTAGE_START: scenario.outage_start_ms, Milestone.OUTAGE_END: scenario.outage_end_ms}
    return {**timed.median(), **{name.value: at_ms for name, at_ms in told.items()}}


NEVER_DUE = 1 << 60


def _due_ms(scenario: Scenario, inject: Inject, known: dict[str, int]) -> int:
    """The time of the entry, if known; for contingencies, also the moment for which they wait."""
    anchors = (inject.at,) if inject.at else inject.when.anchors if inject.when else ()
    due = [_resolved(scenario, anchor, known) for anchor in anchors]
    return max((one for one in due if one is not None), default=NEVER_DUE) if None not in due else NEVER_DUE


def _resolved(scenario: Scenario, anchor: Anchor, known: dict[str, int]) -> int | None:
    return resolve(anchor, known, scenario.starts_utc_ms, scenario.zone)


def _inject(scenario: Scenario, inject: Inject) -> MselRow:
    written = inject.model_dump(mode="json", by_alias=True, exclude_none=True)
    misses = inject.when is not None and any(
        isinstance(one, InTime) and one.missed for one in inject.when.leaves
    )
    return MselRow(
        kind=CONTINGENCY if misses else INJECT,
        sender=inject.from_,
        to=seat_of(inject.to),
        method=METHODS[inject.kind],
        subject=inject.id.replace("-", " "),
        message=inject.text.strip(),
        milestone=inject.marks or "",
        controller="simulator",
        command=_flow({key: written[key] for key in ON_FACTS if key in written}),
        id=inject.id,
        trigger=inject.at.text if inject.at else inject.when.text if inject.when else "",
        unless=", ".join(inject.unless),
        marks=inject.marks or "",
    )


def _flow(keys: dict[str, Any]) -> str:
    """The keys as one line of JSON, which YAML can also read; empty if there are none."""
    return json.dumps(keys, ensure_ascii=False) if keys else ""


def _expected(scenario: Scenario, timed: Timings, known: dict[str, int]) -> Iterator[tuple[int, MselRow]]:
    for name in expected_milestones(scenario):
        facts = MILESTONES[name].facts
        asking = [one for one in scenario.objectives if any(d.milestone == name for d in one.met)]
        deadline = next(d for one in asking for d in one.met if d.milestone == name)
        when = timed.came.get(name)
        at_ms = when.p50_ms if when is not None and when.p50_ms is not None else limit_ms(deadline, known)
        row = MselRow(
            kind=EXPECTED,
            sender="players",
            to=seat_for(facts.brought_by),
            subject=name,
            expected=f"{facts.marks[:1].upper()}{facts.marks[1:]}." + _came(scenario, when),
            milestone=name,
            objective=", ".join(one.id for one in asking),
            controller="evaluator",
            if_not_by=limit_text(deadline),
            command=facts.tried[0] if facts.tried else facts.brought_by[0] if facts.brought_by else "",
            unless=_cancelled(asking),
        )
        yield NEVER_DUE if at_ms is None else at_ms, row


def _cancelled(asking: list[Objective]) -> str:
    return ", ".join(dict.fromkeys(name for one in asking for name in one.unless))


def limit_text(deadline: Deadline) -> str:
    """The limits of a deadline as moments: `alert.first + 15m and outage.start + 30m`; the first one
    counts.
    """
    return "; ".join(f"{anchor} + {format_duration(ms)}" for anchor, ms in deadline.within.items())


def limit_ms(deadline: Deadline, known: Mapping[str, int]) -> int | None:
    """The earliest limit in ms since the start, if the milestones in `known` are reached at those times;
    None if unknown.
    """
    limits = []
    for anchor, allowed_ms in deadline.within.items():
        moments = [known.get(name) for name in anchor.split(" and ")]
        if None not in moments:
            limits.append(max(one for one in moments if one is not None) + allowed_ms)
    return min(limits, default=None)


def seat_for(brought_by: tuple[str, ...]) -> str:
    """The seat that owns the first of those commands, by its console, otherwise by its role."""
    for text in brought_by:
        for kind in COMMANDS:
            if text.startswith(" ".join(kind.words)):
                return owner_of(kind.facts.role, kind.facts.where)
    return ""


def owner_of(role: str, where: Where) -> str:
    """The seat of a command with that role and console."""
    by_console = (kind.name for kind in KINDS if where in kind.owns and role not in kind.roles)
    return next(by_console, seat_of(role))


def _came(scenario: Scenario, when: WhenCame | None) -> str:
    """The times in the runs: ` P10 Mon 09:24 · P50 …`."""
    if when is None:
        return ""
    shown = [
        f"{name} {clock(scenario, ms) if ms is not None else 'not reached'}"
        for name, ms in (("P10", when.p10_ms), ("P50", when.p50_ms), ("P90", when.p90_ms))
    ]
    return f"\n{' · '.join(shown)} ({when.came} of {when.plays} runs of the reference with human delays)"


def clock(scenario: Scenario, ms: int) -> str:
    """Local time, such as `Mon 09:24`."""
    return f"{utc_ms_to_local(scenario.starts_utc_ms + ms, scenario.zone):%a %H:%M}"


def _timed(scenario: Scenario, at_ms: int, row: MselRow) -> MselRow:
    if at_ms >= NEVER_DUE:
        return row
    at_ms = at_ms // MINUTE_MS * MINUTE_MS
    local = utc_ms_to_local(scenario.starts_utc_ms + at_ms, scenario.zone)
    return replace(row, time=f"{local:%Y-%m-%d %H:%M}", elapsed=f"T+{format_duration(at_ms)}")


def _with_contingencies(rows: list[MselRow]) -> Iterator[MselRow]:
    """Add to each expected action the contingency that fires if the action is not taken."""
    waits: dict[str, list[str]] = {}
    for row in rows:
        if row.kind == CONTINGENCY:
            for name in MILESTONES:
                if f"not {name} by " in row.trigger:
                    waits.setdefault(name, []).append(row.number)
    for row in rows:
        if row.kind == EXPECTED and row.milestone in waits:
            yield replace(row, contingency=", ".join(waits[row.milestone]))
        else:
            yield row
