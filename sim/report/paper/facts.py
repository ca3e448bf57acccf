"""Everything that a debrief's papers contain, as plain values that do not depend on the drill."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from sim.drill.drill import Drill
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.branch import given
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.report.debrief import Debrief, debrief, ghost_of
from sim.report.decisions.decision_findings import decision_findings
from sim.report.decisions.turned_out import DecisionRow, decision_rows
from sim.report.outcome import RunOutcome, outcome
from sim.report.paper.curves import Curves, curves, gateway_held
from sim.report.paper.delays import LongWait, delays
from sim.report.paper.moments import Moment, moments
from sim.report.paper.objective_rows import ObjectiveRow, objective_rows
from sim.report.paper.regret_rows import Worth
from sim.report.paper.tiles import Tile, tiles
from sim.report.paper.time_spent import TimeSpent, time_spent
from sim.report.timeline import when

State = str
"""`complete`, `ended by hand` or `not over`."""


@frozen
class GivenCommand:
    """A command as it was given."""

    number: int
    t_ms: int
    local: str
    elapsed: str
    text: str


@frozen
class Heard:
    """A call, ticket or message that reached people."""

    t_ms: int
    local: str
    elapsed: str
    kind: str
    who: str
    text: str


@frozen
class DebriefFacts:
    """Plain values for all papers of one debrief."""

    title: str
    scenario: str
    organisation: str
    first_day: str
    last_day: str
    state: State
    reached: str
    """The drill's current time, in local time."""
    since: str
    """The time since the onset in words: `, 118:50 after the onset`; empty before the onset."""
    runbook: str
    seed: int
    digest: str
    onset_ms: int | None
    recovery_ms: int | None
    tiles: tuple[Tile, ...]
    moments: tuple[Moment, ...]
    delays: tuple[LongWait, ...]
    waits: tuple[TimeSpent, ...]
    """How the time was spent, the longest wait first."""
    decisions: tuple[DecisionRow, ...]
    objectives: tuple[ObjectiveRow, ...]
    commands: tuple[GivenCommand, ...]
    heard: tuple[Heard, ...]
    curves: Curves
    gateway_held: bool
    """True if the gateway had a backlog after the onset, so that its retention limit mattered."""
    told: Debrief
    worth: Worth | None
    """What each command was worth; None if this was not requested."""
    findings: tuple[str, ...]
    """The lines of `told` that are not about decisions, which have rows of their own."""


def facts_of(session: Session, worth: Worth | None = None, nothing: RunOutcome | None = None) -> DebriefFacts:
    """The facts of `session` at its current time.

    `nothing`: the outcome if nothing is done; if it is missing, that run is made here.
    """
    nothing = outcome(ghost_of(session)) if nothing is None else nothing
    told = debrief(session, nothing)
    drill = session.drill
    onset_ms = drill.milestones.get(Milestone.OUTAGE_START)
    local, elapsed = when(session, session.now_ms)
    drawn = curves(session)
    return DebriefFacts(
        title=session.scenario.title,
        scenario=session.scenario.id,
        organisation=session.scenario.organisation.name,
        first_day=f"{drill.local(0):%a %d %b %Y}",
        last_day=f"{drill.local(session.now_ms):%a %d %b %Y}",
        state="complete" if session.complete else "ended by hand" if session.ended else "not over",
        reached=local,
        since="" if onset_ms is None else f", {elapsed} after the onset",
        runbook=str(session.launch.get("runbook", "none")),
        seed=session.seed,
        digest=told.digest,
        onset_ms=onset_ms,
        recovery_ms=drill.milestones.get(Milestone.OUTAGE_END),
        tiles=tiles(told.outcome, nothing, objective_rows(session), _open_unapproved_ms(drill)),
        moments=moments(session, drawn),
        delays=delays(session),
        waits=time_spent(session),
        decisions=tuple(decision_rows(session)),
        objectives=objective_rows(session),
        commands=tuple(
            GivenCommand(one.number, one.t_ms, *when(session, one.t_ms), one.text) for one in given(session)
        ),
        heard=tuple(
            Heard(event.t_ms, *when(session, event.t_ms), event.kind, event.source, event.text)
            for event in session.events()
            if event.kind in {"call", "ticket", "email", "sms", "monitor", "post"}
        ),
        curves=drawn,
        gateway_held=onset_ms is not None and gateway_held(session, onset_ms),
        told=told,
        worth=worth,
        findings=tuple(one for one in told.findings if one not in set(decision_findings(session))),
    )


def _open_unapproved_ms(drill: Drill) -> int:
    """A time in whole minutes, as in the objectives."""
    return (FIGURES["open-unapproved-min"].measure(drill) or 0) * MINUTE_MS


T = TypeVar("T")


def each_text(value: T, change: Callable[[str], str]) -> T:
    """`value`, with `change` applied to every text in it, at any depth: in records, tuples, lists,
    mappings.
    """
    return _each(value, change)  # type: ignore[no-any-return]


def _each(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple | list):
        return type(value)(_each(one, change) for one in value)
    if isinstance(value, dict):
        return {_each(key, change): _each(one, change) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _each(getattr(value, field.name), change) for field in fields(value)}
        )
    return value
