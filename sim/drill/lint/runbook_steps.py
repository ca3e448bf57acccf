"""Lint of a runbook's steps: none that the organisation rules out, none that waits for what never comes.

Cheap: no run, no drill. What a step waits for comes by itself, by an inject or a colleague of the scenario,
or by a step of the same runbook: whoever plays it does nothing else.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sim.drill.commands.command import Command
from sim.drill.lint.objectives import ALERTS, alerts_come
from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.kernel.document import Loc

Findings = Iterator[tuple[Loc, str]]

BROUGHT_BY: dict[str, tuple[str, ...]] = {
    "alert.acknowledged": ("alerts ack",),
    "continuity.active": ("continuity start",),
    "continuity.verified": ("continuity test",),
    "continuity.ended": ("continuity end", "continuity start"),
    "users.told": ("notify users",),
    "executives.told": ("notify executives",),
    "partners.told": ("notify partners",),
    "deliveries.paused": ("deliveries pause inbound",),
    "deliveries.resumed": ("deliveries resume inbound",),
    "queue.retried": ("queue retry inbound",),
    "queue.extended": ("queue extend inbound",),
    "bounce.by-hand": ("queue bounce", "queue reject"),
    "pause.decided": ("decide pause", "deliveries pause inbound"),
    "continuity.decided": ("decide continuity",),
    "mx.decided": ("decide mx",),
    "outbound.decided": ("decide outbound",),
    "mx.changed": ("mx set backup", "mx set server", "mx set gateway+backup", "mx set backup+gateway"),
    "mx.restored": ("mx set gateway",),
    "inbound.moved": ("mx set backup", "mx set server", "mx set gateway+backup", "mx set backup+gateway"),
    "ttl.lowered": ("ttl set", "mx set"),
    "mta-sts.published": ("mta-sts id",),
    "lock.opened": ("lock open", "firewall open"),
    "lock.closed": ("lock close", "firewall close"),
    "lock.proven": ("openings prove lock", "openings prove firewall", "lock test", "backup test"),
    "mx.approved": ("approve mx",),
    "outbound.approved": ("approve outbound",),
    "exposure.approved": ("approve exposure",),
    "diagnosis.stated": ("diagnose",),
    "diagnosis.correct": ("diagnose",),
    "openings.closed": ("openings prove", "lock test", "backup test"),
}
"""Beginnings of the commands that bring a milestone about, the likeliest first; others come by themselves.

A continuity event that lapses has ended as well, so that starting one is enough."""


def steps(runbook: Runbook, scenario: Scenario, parse: Callable[[str], Any]) -> Findings:
    """Steps of `runbook` that nobody can carry out in `scenario`, or whose time never comes."""
    given = [" ".join(step.do.split()) + " " for step in runbook.steps]
    by_itself = {inject.marks for inject in scenario.injects}
    if scenario.colleagues:
        by_itself |= {"continuity.active", "continuity.ended"}
    for index, step in enumerate(runbook.steps):
        command: Command = parse(step.do)
        ruled_out = command.ruled_out(scenario.organisation, scenario.rules)
        if ruled_out:
            yield ("steps", index, "do"), f"`{step.do[:60]}` is refused here: {ruled_out}"
        if step.at.for_alert and not alerts_come(scenario):
            yield ("steps", index, "at"), f"{step.id} waits for an alert, and no monitor sees these faults"
        for name in step.at.milestones:
            why = "" if name in by_itself else _in_vain(name, given, scenario)
            if why:
                yield ("steps", index, "at"), f"{step.id} waits for {name}, which never comes: {why}"


def _in_vain(milestone: str, given: list[str], scenario: Scenario) -> str:
    """Why `milestone` does not come of the commands `given`; empty if it may."""
    if milestone in ALERTS and not alerts_come(scenario):
        return "no monitor sees these faults; count from outage.start"
    words = BROUGHT_BY.get(milestone)
    if words is None or any(text.startswith(f"{one} ") for text in given for one in words):
        return ""
    return f"no step gives `{words[0]}`; add one, or count from outage.start"
