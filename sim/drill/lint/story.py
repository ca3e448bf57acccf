"""Lint of a scenario's story: objectives have timely cues, injects can fire, deadlines are within the drill.

Cheap, since it runs nothing. A milestone that depends on people may come at any time.
"""

from collections.abc import Iterable, Mapping

from sim.drill.lint.conditions import at_once, never
from sim.drill.scenario.anchor import Anchor, Since, resolve
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.objective import Objective
from sim.drill.scenario.scenario import Colleague, Inject, Scenario
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.kernel.file_mistakes import Findings

ONSET, RECOVERY = Milestone.OUTAGE_START, Milestone.OUTAGE_END


def story(scenario: Scenario) -> Findings:
    """Contradictions in `scenario`."""
    known: dict[str, int] = {ONSET: scenario.outage_start_ms, RECOVERY: scenario.outage_end_ms}
    known |= {
        inject.marks: due_ms
        for inject in scenario.injects
        if inject.marks
        and inject.at
        and not inject.unless
        and (due_ms := _due_ms(scenario, inject.at, known)) is not None
    }
    latest_ms = scenario.outage_end_ms + scenario.ends.after_recovery_at_most_ms
    for index, inject in enumerate(scenario.injects):
        why = _never(scenario, inject, known, latest_ms)
        if why:
            yield ("injects", index, _cause(inject)), f"{inject.id} can never arrive: {why}"
        if inject.at and (early := foretold(inject.at)):
            yield ("injects", index, "at"), early
        if inject.when and (why := at_once(inject.when)):
            yield ("injects", index, "when"), why
    yield from _leaks("injects", scenario.injects)
    yield from _leaks("colleagues", scenario.colleagues)
    first_ms = _first_cue_ms(scenario, known)
    for index, objective in enumerate(scenario.objectives):
        yield from _without_cue(objective, index, known, first_ms)
        yield from _after_the_end(objective, index, scenario.ends.after_recovery_at_most_ms)


def foretold(anchor: Anchor) -> str:
    """The finding on an anchor before a milestone: a milestone is known only after it has happened."""
    for moment in anchor.moments:
        if isinstance(moment, Since) and moment.offset_ms < 0:
            what = f"{anchor.text} cannot be known before {moment.milestone} has happened"
            return f"{what}; count from an earlier milestone, or write T+ and a duration"
    return ""


def _cause(inject: Inject) -> str:
    """The key that decides when the inject fires."""
    return "when" if inject.when else "at"


def _leaks(kind: str, told: Iterable[Inject | Colleague]) -> Findings:
    for index, one in enumerate(told):
        named = (_cause(one), one.awaits) if isinstance(one, Inject) else ("at", one.at.milestones)
        for key, names in (named, ("unless", one.unless)):
            if leak := told_by(names):
                yield (kind, index, key), leak


def told_by(milestones: Iterable[str]) -> str:
    """Findings on an inject that depends on a milestone that only the debrief reveals."""
    name = next((one for one in milestones if MILESTONES[one].facts.tells_truth), None)
    if name is None:
        return ""
    return f"only the debrief shows {name}, and this entry would reveal it; write diagnosis.stated"


def _due_ms(scenario: Scenario, anchor: Anchor, known: Mapping[str, int]) -> int | None:
    """The earliest time at which `anchor` is due, if the file gives it; None if it depends on people."""
    return resolve(anchor, known, scenario.starts_utc_ms, scenario.zone)


def _never(scenario: Scenario, inject: Inject, known: Mapping[str, int], latest_ms: int) -> str:
    """The reason why `inject` can never fire; empty if it can."""
    if inject.when is not None:
        users = scenario.organisation.users
        return never(
            inject.when, inject.unless, users, lambda anchor: _due_ms(scenario, anchor, known), latest_ms
        )
    assert inject.at is not None
    both = [name for name in inject.at.milestones if name in inject.unless]
    if both:
        return (
            f"{both[0]} is both in `at` and in `unless`, so the entry is always skipped; remove one of "
            f"the two"
        )
    due_ms = _due_ms(scenario, inject.at, known)
    if due_ms is None:
        return ""
    if due_ms < 0:
        return "this moment is before the start of the drill; write a later time"
    if due_ms >= latest_ms:
        return "the drill is over by then; write an earlier time or a longer `after_recovery_at_most`"
    before = [name for name in inject.unless if name in known and known[name] <= due_ms]
    return f"{before[0]} has always happened by then; remove it from `unless`" if before else ""


def _first_cue_ms(scenario: Scenario, known: Mapping[str, int]) -> int:
    """The time when a first sign reaches people: a monitor (at once, for this purpose), an inject, or the
    latest possible call.
    """
    cues = [fault.at_ms for fault in scenario.timeline if _seen(fault, scenario)]
    cues += [fault.at_ms + _missed_after_ms(fault, scenario) for fault in scenario.timeline]
    for inject in scenario.injects:
        due_ms = _due_ms(scenario, inject.at, known) if inject.at else None
        if due_ms is not None and due_ms >= scenario.outage_start_ms:
            cues.append(due_ms)
    return min(cues, default=scenario.outage_end_ms)


def _seen(fault: Fault, scenario: Scenario) -> bool:
    """True if a monitor or callers report the fault; callers are users who lose their mailboxes."""
    if fault.users_percent and scenario.organisation.calls.share_percent:
        return True
    return fault.kind.alerts


def _missed_after_ms(fault: Fault, scenario: Scenario) -> int:
    """The time from the start of the fault to the latest possible call of a user who misses outside mail."""
    minutes = [one.without_outside_minutes[-1] for one in scenario.organisation.stakeholders]
    felt = fault.kind.component == "gateway" and fault.hosts == "both" and fault.hits_all
    return min(minutes) * MINUTE_MS if felt and minutes else fault.for_ms


def _without_cue(objective: Objective, index: int, known: Mapping[str, int], first_ms: int) -> Findings:
    """A deadline counted from the onset must come after the first sign of the outage."""
    for deadline in objective.met:
        allowed_ms = deadline.within.get(ONSET)
        if allowed_ms is not None and known[ONSET] + allowed_ms <= first_ms:
            limit = format_duration(allowed_ms)
            what = f"{objective.id} requires {deadline.milestone} within {limit} of the onset"
            how = "before people see any sign of the outage; add an earlier inject"
            yield ("objectives", index, "met"), f"{what}, {how}"


def _after_the_end(objective: Objective, index: int, longest_ms: int) -> Findings:
    """A deadline after the drill's last moment never passes. `longest_ms`: the time from the recovery to
    that moment.
    """
    for deadline in objective.met:
        allowed_ms = deadline.within.get(RECOVERY)
        if allowed_ms is not None and allowed_ms > longest_ms:
            what = f"{objective.id} allows {format_duration(allowed_ms)} after the recovery"
            how = (
                "but the drill ends before then; write a shorter limit, or a longer `after_recovery_at_most`"
            )
            yield ("objectives", index, "met"), f"{what}, {how}"
