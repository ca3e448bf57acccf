"""The text of a plan to start from: the steps of a scenario's reference runbook, and its objectives as
promises.
"""

from collections.abc import Iterator

from sim.drill.commands.grammar import parse
from sim.drill.plan.fields import MOST_WORDS
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.runbook import Runbook, Step
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import format_duration
from sim.kernel.plain_line import on_one_line

HEAD = """\
# yaml-language-server: $schema=plan.schema.json
#
# A continuity plan to start from: the steps of {reference}, and the objectives of {scenario}
# as promises. Replace each `takes` with the time that your own people need, add their working hours, and let
# steps wait for each other with `after`. Some promises fail with the file as it is, because one person has
# several steps at a time. The file's keys: docs/reference/plan-file.md. Then:
#   mxdrill scenarios lint FILE
#   mxdrill check FILE
mxdrill: 2
id: {scenario}-plan
scenario: {scenario}
title: {title}

# What differs from run to run. Spreads: 15m, 5m..15m, pert(5m, 12m, 45m), lognormal(median=6h, p90=30h)
varies:
  starts: working hours
  # outage: lognormal(median=6h, p90=30h)

# These people replace those of the same role in the organisation; other roles are added.
people:
  - {{ role: messaging-admin, answers: "pert(0m, 2m, 15m)" }}
  - {{ role: incident-lead, answers: "pert(0m, 2m, 15m)" }}
  # - role: dns-team
  #   hours: Mon-Fri 08:00-18:00
  #   answers: 2m..20m
  #   out of hours: pert(20m, 45m, 3h)
  #   reached: 85%

# Consoles and services, which replace those of the organisation, and how people sign in. The check finds a
# second factor that is sent by the email that is down.
# places:
#   - {{ id: dns-provider, sign_in: local, second_factor: app, contact: hostmaster@elsewhere.example }}

steps:
  # Declaring the incident and assembling people: this is where real plans lose the most time.
  - id: declare-incident
    at: outage.start + 15m
    owner: incident-lead
    takes: pert(5m, 10m, 30m)
    manual: Declare the incident and assemble people
"""


def new_plan(scenario: Scenario, reference: Runbook | None) -> str:
    """The text of a plan for `scenario`; the plan loads and passes lint."""
    title = _quoted(f"Continuity plan for {scenario.id}")
    lines = [
        HEAD.format(
            scenario=scenario.id,
            reference=f"the runbook {reference.id}" if reference else "no runbook",
            title=title,
        ).rstrip()
    ]
    steps = reference.steps if reference else ()
    lines += [_step(step, scenario) for step in steps]
    lines += ["", "assumptions:", "  - { id: declared, to: declare-incident.done, within: 30m, with: 80% }"]
    lines += _promises(scenario)
    return "\n".join(lines) + "\n"


def _step(step: Step, scenario: Scenario) -> str:
    command = parse(step.do)
    minutes = command.usual_hands_on_ms(scenario.rules)
    parts = [f"id: {step.id}", f"at: {step.at.text}", f"owner: {command.facts.role}"]
    if minutes:
        low, likely, high = map(format_duration, (minutes // 2, minutes, 3 * minutes))
        parts.append(f'takes: "pert({low}, {likely}, {high})"')
    parts.append(f"do: {_quoted(step.do)}")
    if step.unless:
        parts.append(f"unless: [{', '.join(step.unless)}]")
    if step.every_ms is not None:
        parts.append(f"every: {format_duration(step.every_ms)}")
    if step.hours is not None:
        parts.append(f"hours: {step.hours}")
    return f"  - {{ {', '.join(parts)} }}"


def _promises(scenario: Scenario) -> Iterator[str]:
    """Objectives with one deadline after one milestone."""
    for objective in scenario.objectives:
        if len(objective.met) != 1 or len(objective.met[0].within) != 1:
            continue
        deadline = objective.met[0]
        ((anchor, within_ms),) = deadline.within.items()
        if anchor not in MILESTONES:
            continue
        parts = [f"id: {objective.id}", f"says: {_quoted(_sentence(objective.learns))}", f"from: {anchor}"]
        parts += [f"to: {deadline.milestone}", f"within: {format_duration(within_ms)}"]
        if objective.unless:
            parts.append(f"unless: [{', '.join(objective.unless)}]")
        yield f"  - {{ {', '.join(parts)} }}"


def _sentence(text: str) -> str:
    """`text` as a plan may have it: on one line, at most so long, with characters that can be shown."""
    return on_one_line(" ".join(text.split()))[:MOST_WORDS]


def _quoted(text: str) -> str:
    """`text` as a YAML scalar within braces."""
    return "'" + text.replace("'", "''") + "'"
