"""The MSEL of a completed exercise: the time at which each row fired or was done, its state, and the
evaluators' notes.
"""

from collections.abc import Sequence
from dataclasses import replace

from sim.drill.scenario.objective import Objective
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.kernel.local_time import utc_ms_to_local
from sim.table.msel.columns import MselRow
from sim.table.msel.of_scenario import EXPECTED, FAULT
from sim.table.running import RowState, running_script

_WORST_FIRST: tuple[RowState, ...] = ("overdue", "done late", "open", "done", "no longer required")


def as_played(rows: Sequence[MselRow], session: Session) -> list[MselRow]:
    """`rows` of the session's scenario with `Status`, `Fired at`, `Seen at` and the notes of each objective.

    A milestone of several objectives has the worst of their states. `Seen at`: the time from which people
    could know of the milestone.
    """
    return [_played(row, session) for row in rows]


def as_sent(session: Session) -> Scenario:
    """The scenario with its injects as they were sent, including those that the facilitator edited or
    wrote.
    """
    sent = tuple(session.drill.scripted.as_now.values())
    return session.scenario.model_copy(update={"injects": sent})


def _played(row: MselRow, session: Session) -> MselRow:
    drill = session.drill
    if row.kind == EXPECTED:
        asking = [
            one
            for one in session.scenario.objectives
            if any(deadline.milestone == row.milestone for deadline in one.met)
        ]
        return replace(
            row,
            status=_state(asking, session),
            fired_at=_shown(drill.milestones.get(row.milestone), session),
            seen_at=_shown(drill.known.get(row.milestone), session),
            notes=_notes(asking, session),
        )
    if row.kind == FAULT:
        begun = [event.t_ms for event in drill.events if event.kind == "fault" and event.ref == row.id]
        fired_at = _shown(min(begun, default=None), session)
        return replace(row, status="began" if begun else "", fired_at=fired_at)
    came_ms = drill.scripted.came_ms.get(row.id)
    return replace(row, status=drill.scripted.states.get(row.id, ""), fired_at=_shown(came_ms, session))


def _state(asking: Sequence[Objective], session: Session) -> str:
    ids = {one.id for one in asking}
    found = {row.state for row in running_script(session) if row.kind == EXPECTED and row.id in ids}
    return next((state for state in _WORST_FIRST if state in found), "")


def _notes(asking: Sequence[Objective], session: Session) -> str:
    ids = {one.id for one in asking}
    table = session.drill.table
    notes = [(one.t_ms, f"{one.by}: {one.text}") for one in table.observations if one.objective in ids]
    hints = [(one.t_ms, f"{one.by.person}: hint to {one.to}") for one in table.hints if one.about in ids]
    return "\n".join(f"{_shown(t_ms, session)} {text}" for t_ms, text in sorted([*notes, *hints]))


def _shown(moment_ms: int | None, session: Session) -> str:
    if moment_ms is None:
        return ""
    local = utc_ms_to_local(session.scenario.starts_utc_ms + moment_ms, session.scenario.zone)
    return f"{local:%Y-%m-%d %H:%M:%S}"
