"""Lint: each objective has a timely cue, and asks for an action that people in this organisation can take.

The needs of a milestone are derived: the sign from which a trainee can see that it is needed, and the
commands that reach it. The commands are given in a drill that has not begun: if it refuses one, the
organisation's file rules it out. Runs nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sim.drill.commands.command import Command
from sim.drill.drill import Drill
from sim.drill.room.diagnosis import names_of
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestone_facts import Sign
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.objective import Objective
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.services.console_sessions import PLACES
from sim.kernel.file_mistakes import Findings
from sim.kernel.frozen import frozen

FEW = 10
"""Number of users in the trial drill; the commands that the file rules out do not depend on it."""

NO_SIGN: dict[Sign, str] = {
    "an alert": "monitors do not detect these faults, so an alert never comes; count from outage.start",
    "a queue": "none of the faults delays mail at the gateway, so this milestone is never reached; choose "
    "another",
    "inbound": "the gateway does not stop inbound mail in this scenario, so this milestone is never "
    "reached; choose another",
    "outbound": "the gateway does not stop outbound mail in this scenario, so this milestone is never "
    "reached; choose another",
}
"""For each sign that cannot be seen: the mistake in the file, and its correction."""


@frozen
class Need:
    """The need for a milestone: the sign that calls for it, and the commands that reach it."""

    sign: Sign
    by: tuple[str, ...] = ()
    """Commands, any of which reaches the milestone; empty if it follows from earlier commands."""
    after: str = ""
    """The milestone that must come first, because these commands make sense only after it."""


def needs(scenario: Scenario, parse: Callable[[str], Any]) -> Findings:
    """Objectives of `scenario` without a sign, or that cannot be met."""
    few = scenario.organisation.model_copy(update={"users": FEW})
    drill = Drill(scenario.model_copy(update={"organisation": few}), 1)
    for index, objective in enumerate(scenario.objectives):
        for key, name in _asked(objective):
            why = _out_of_reach(drill, name, parse)
            if why:
                yield ("objectives", index, key), f"{objective.id} asks for {name}: {why}"


def need_of(scenario: Scenario, milestone: str) -> Need | None:
    """The need for `milestone` in `scenario`; None if people cannot reach it."""
    facts = MILESTONES[milestone].facts
    if audience := facts.tells:
        return Need(
            "anything",
            tuple(f"notify {audience} via={via} state=down" for via in _channels(scenario, audience)),
        )
    if subject := facts.approves:
        return Need("anything", (f"approve {subject}",) if scenario.organisation.approvals else ())
    if milestone == Milestone.DIAGNOSIS_CORRECT:
        names = sorted(name for fault in scenario.timeline for name in names_of(fault))
        return Need("anything", tuple(f"diagnose component={one} failure={how}" for one, how in names))
    return None if facts.sign is None else Need(facts.sign, facts.tried, facts.after)


def is_alert(milestone: Milestone) -> bool:
    """True for milestones that monitors reach."""
    return milestone.facts.sign == "an alert" and not milestone.facts.tried


def alerts_come(scenario: Scenario) -> bool:
    """True if a monitor detects a fault of `scenario`."""
    return any(_shows(fault, "an alert") for fault in scenario.timeline)


def _asked(objective: Objective) -> Iterator[tuple[str, str]]:
    """For every milestone that must be reached: the key in the file, and the milestone."""
    for deadline in objective.met:
        yield "met", deadline.milestone
        yield from (
            ("met", anchor)
            for anchor in deadline.within
            if anchor in MILESTONES and is_alert(MILESTONES[anchor])
        )
    for target in objective.targets:
        if milestone := FIGURES[target.measure].needs:
            yield "targets", milestone


def _out_of_reach(drill: Drill, milestone: str, parse: Callable[[str], Any]) -> str:
    """The reason why people cannot reach `milestone`; empty if they can."""
    need = need_of(drill.scenario, milestone)
    if need is None:
        return ""
    if not any(_shows(fault, need.sign) for fault in drill.scenario.timeline):
        return NO_SIGN[need.sign]
    if need.after:
        before = _out_of_reach(drill, need.after, parse)
        if before or not need.by:
            return before
    if milestone == Milestone.ALERT_FIRST:
        return ""
    reasons = [_refused(drill, text, parse, later=bool(need.after)) for text in need.by]
    if not reasons:
        return "this organisation does not have a command that reaches it; choose another milestone"
    return "" if "" in reasons else reasons[0]


def _refused(drill: Drill, text: str, parse: Callable[[str], Any], *, later: bool) -> str:
    """The reason why the organisation rules out the command `text`; empty if it does not. `later`: a
    refusal at the start of the drill does not count.
    """
    try:
        command: Command = parse(text)
    except ValueError as error:
        return f"`{text}` is not a command: {error}"
    role = command.facts.role
    if not any(role in (person.role, *person.also) for person in drill.scenario.organisation.staff):
        return f"`{text}` needs the role {role}, which is unassigned; add a person"
    if command.where(drill) in PLACES and all(_shuts(fault) for fault in drill.scenario.timeline):
        return f"`{text}` needs the {command.where(drill)}, which is unreachable during every fault"
    reason = command.ruled_out(drill.scenario.organisation, drill.scenario.rules) or (
        None if later else command.refusal(drill)
    )
    return f"`{text}` is refused: {reason}" if reason else ""


def _shuts(fault: Fault) -> bool:
    return fault.console_state == "unreachable"


def _shows(fault: Fault, sign: Sign) -> bool:
    """True if the fault produces that sign."""
    match sign:
        case "an alert":
            return fault.kind.alerts
        case "a queue":
            return fault.kind.queues
        case "inbound" | "outbound":
            return fault.kind.component == "gateway" and fault.direction in ("both", sign)
        case _:
            return True


def _channels(scenario: Scenario, audience: str) -> Iterator[str]:
    """Channels that can reach enough of the audience during the outage."""
    faults = scenario.timeline
    no_mail = any(fault.users_percent == 100 for fault in faults)
    cut_off = no_mail or any(_shows(fault, "outbound") for fault in faults)
    for channel in scenario.organisation.channels:
        by_mail = channel.via == "email" and (no_mail if audience != "partners" else cut_off)
        few = audience == "users" and channel.reaches_percent <= 50
        if not by_mail and not few:
            yield channel.via
