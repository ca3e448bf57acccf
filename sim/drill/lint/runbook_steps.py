"""Lint of a runbook: steps that the organisation rules out, or that wait for an event that never comes.

Cheap, since it runs nothing. A step can wait for an event that happens by itself, for an inject or a
colleague's action in the scenario, or for another step of the same runbook; nothing else happens in a run.
"""

from collections.abc import Callable
from typing import Any

from sim.drill.commands.command import Command
from sim.drill.lint.objectives import alerts_come, is_alert
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.kernel.file_mistakes import Findings


def steps(runbook: Runbook, scenario: Scenario, parse: Callable[[str], Any]) -> Findings:
    """Steps of `runbook` that cannot be carried out in `scenario`, or that are never due."""
    given = [" ".join(step.do.split()) + " " for step in runbook.steps]
    by_itself = {inject.marks for inject in scenario.injects}
    if scenario.colleagues:
        by_itself |= {Milestone.CONTINUITY_ACTIVE, Milestone.CONTINUITY_ENDED}
    for index, step in enumerate(runbook.steps):
        command: Command = parse(step.do)
        ruled_out = command.ruled_out(scenario.organisation, scenario.rules)
        if ruled_out:
            yield ("steps", index, "do"), f"`{step.do[:60]}` is refused here: {ruled_out}"
        if step.at.for_alert and not alerts_come(scenario):
            yield (
                ("steps", index, "at"),
                (f"{step.id} waits for an alert, but monitors do not detect these faults"),
            )
        for name in step.at.milestones:
            why = "" if name in by_itself else in_vain(name, given, scenario)
            if why:
                yield ("steps", index, "at"), f"{step.id} waits for {name}, which never happens: {why}"


def in_vain(
    milestone: str,
    given: list[str],
    scenario: Scenario,
    whose: str = "runbook",
    instead: str = "count from outage.start",
) -> str:
    """The reason why the commands `given` in a runbook or plan do not reach `milestone`; empty if they may.

    `instead`: a replacement that can be written for the milestone.
    """
    if is_alert(MILESTONES[milestone]) and not alerts_come(scenario):
        return f"monitors do not detect these faults; {instead}"
    words = MILESTONES[milestone].facts.brought_by
    if not words or any(text.startswith(f"{one} ") for text in given for one in words):
        return ""
    return f"the {whose} does not contain `{words[0]}`; add such a step, or {instead}"
