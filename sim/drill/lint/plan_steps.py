"""Lint of a plan: steps that can never be due, unreachable places, and checks without effect.

Cheap, since it runs nothing. Each finding is reported at the entry that has to be changed.
"""

from collections.abc import Iterator

from sim.drill.commands.command import Command
from sim.drill.commands.gateway.continuity import ContinuityStart
from sim.drill.commands.grammar import parse
from sim.drill.lint.idle_plan_entries import beyond_range, idle_approver, idle_newcomers
from sim.drill.lint.objectives import alerts_come
from sim.drill.lint.promises import promise_findings
from sim.drill.lint.runbook_steps import in_vain
from sim.drill.lint.story import foretold
from sim.drill.plan.circular import circles, taken_away
from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep
from sim.drill.scenario.anchor import BadAnchor, Elapsed, resolve
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.console_sessions import PLACES
from sim.drill.session.load_plan import LoadedPlan
from sim.kernel.duration import format_duration, in_words
from sim.kernel.file_mistakes import Findings

_AFTER_RECOVERY = frozenset(
    {
        Milestone.OUTAGE_END,
        Milestone.SERVER_REPORTED_BACK,
        Milestone.QUEUE_DRAINED,
        Milestone.QUEUE_SHORT,
        Milestone.MX_RESTORED,
    }
)
_LATER = "plan it for after outage.end, or do it another way"
_EVIDENCE = ("probe mx", "diagnose ")
_CHECKS = {
    "probe mx": ("mx", "ttl", "mta-sts", "dns", "lock", "firewall", "backup"),
    "dns ask": ("mx", "ttl", "mta-sts", "dns"),
    "backup test": ("mx", "lock", "firewall", "backup", "enhanced-filtering", "filter-rule"),
    "connector test": ("connector",),
    "continuity test": ("continuity", "permissions", "signin", "sms"),
    "openings prove": (
        "mx",
        "ttl",
        "lock",
        "firewall",
        "filter-rule",
        "enhanced-filtering",
        "connector",
        "signin",
    ),
}
"""First words of the commands whose result each check can show."""
_DECLARING = ("declar", "assembl", "convene", "major incident", "decide continuity", "continuity start")


def plan_findings(loaded: LoadedPlan) -> Findings:
    """Contradictions between a plan and its scenario."""
    plan, scenario = loaded.plan, loaded.scenario
    dead = dict(_dead(plan, scenario))
    for index, step in enumerate(plan.steps):
        yield from _refused(step, index, scenario)
        yield from _undone(plan, step, index)
        if step.at is not None and (early := foretold(step.at)):
            yield ("steps", index, "at"), early
        yield from _before_the_onset(step, index, plan, scenario)
        if step.id in dead:
            key, why = dead[step.id]
            yield ("steps", index, key), f"{step.id} can never be due: {why}"
    yield from _out_of_reach(plan, scenario)
    for circle in circles(plan, scenario):
        step = plan.steps[circle.step]
        if not _after_recovery(step, plan):
            what = f"{step.id} needs {circle.place}, but {circle.because}"
            console = circle.leans in ("gateway console", "mail server console")
            signs_in = "prepare another way to sign in, or `break_glass: true`"
            yield ("steps", circle.step, "needs"), f"{what}; {_LATER if console else signs_in}"
    yield from promise_findings(plan, scenario, dead)
    yield from idle_approver(plan)
    yield from idle_newcomers(plan, scenario)
    yield from beyond_range(plan, scenario)
    yield from _without_evidence(plan, scenario)
    if not any(_declares(step) for step in plan.steps):
        what = "no step declares the incident or assembles people, where real plans lose the most time"
        yield ("steps",), f"{what}; add a `manual` step with its owner"


def _before_the_onset(step: PlanStep, index: int, plan: Plan, scenario: Scenario) -> Findings:
    """A step at a time of day, or counted from the drill's start, which is before the outage.

    If the onset varies, times of day come at another time after it in each run.
    """
    if step.at is None or step.after or step.at.milestones or step.at.for_alert:
        return
    fixed = all(isinstance(one, Elapsed) for one in step.at.moments)
    due_ms = resolve(step.at, {}, scenario.starts_utc_ms, scenario.zone)
    early_ms = 0 if due_ms is None else scenario.outage_start_ms - due_ms
    if early_ms > 0 and (fixed or plan.varies.starts is None):
        what = f"{step.id} is due {in_words(early_ms)} before the outage begins"
        after = f"{Milestone.OUTAGE_START.value} + {format_duration(due_ms or 0) if fixed else '15m'}"
        yield ("steps", index, "at"), f"{what}; for a time after the onset, write {after}"


def _without_evidence(plan: Plan, scenario: Scenario) -> Findings:
    """Requests for approval in a plan in which nothing shows the approver that the gateway fails."""
    commands = {step.id: " ".join(step.do.split()) for step in plan.steps}
    if scenario.organisation.approvals is None or any(one.startswith(_EVIDENCE) for one in commands.values()):
        return
    for index, step in enumerate(plan.steps):
        if commands[step.id].startswith("approve ") and "emergency=yes" not in commands[step.id]:
            what = f"`{step.do[:60]}` is refused, because no step shows what is broken"
            yield ("steps", index, "do"), f"{what}; add `probe mx all` or `diagnose …` before it"


def _refused(step: PlanStep, index: int, scenario: Scenario) -> Findings:
    for key, text in (("do", step.do), ("verify", step.verify)):
        if text and (why := parse(text).ruled_out(scenario.organisation, scenario.rules)):
            yield ("steps", index, key), f"`{text[:60]}` is refused here: {why}"


def _undone(plan: Plan, step: PlanStep, index: int) -> Findings:
    """A step that is never carried out, or whose result its check cannot show."""
    begun = (one.due for one in plan.with_earlier(step.id) if one.due is not None)
    if Milestone.OUTAGE_START in step.unless and any(due.milestones for due in begun):
        what = f"{step.id} is always skipped, because the outage has started by the time it is due"
        yield ("steps", index, "unless"), f"{what}; write a later milestone"
    if step.fails == 10_000 and (step.on_failure is None or step.on_failure.do is None):
        what = f"{step.id} is never done, because every attempt fails"
        yield ("steps", index, "fails"), f"{what}; write a smaller share, or `on failure: {{ do: STEP }}`"
    checks = next(
        (words for check, words in _CHECKS.items() if f"{step.verify} ".startswith(f"{check} ")), ()
    )
    if step.do and checks and step.do.split()[0] not in checks:
        shown = f"it shows the results of {', '.join(checks)}"
        what = f"`{step.verify[:60]}` does not check `{step.do[:60]}`"
        yield ("steps", index, "verify"), f"{what}; {shown}"


def _dead(plan: Plan, scenario: Scenario) -> Iterator[tuple[str, tuple[str, str]]]:
    """Steps that can never be due, each with the key and the reason; steps that only wait for these are
    left out.
    """
    given = [f"{' '.join(step.do.split())} " for step in plan.steps]
    by_itself = {inject.marks for inject in scenario.injects}
    if scenario.colleagues:
        by_itself |= {Milestone.CONTINUITY_ACTIVE, Milestone.CONTINUITY_ENDED}
    for step in plan.steps:
        if step.at is None:
            continue
        if step.at.for_alert and not alerts_come(scenario):
            yield step.id, ("at", "it waits for an alert, but no monitor detects these faults")
            continue
        names = [name for name in step.at.milestones if not name.endswith(DONE)]
        vain = [(name, in_vain(name, given, scenario, "plan")) for name in names if name not in by_itself]
        vain = [(name, why) for name, why in vain if why]
        both = [name for name in names if name in step.unless]
        if vain:
            yield step.id, ("at", f"it waits for {vain[0][0]}, which never happens: {vain[0][1]}")
        elif both:
            yield step.id, ("unless", f"it waits for {both[0]}, and is left out once that has happened")
        elif why := _no_such_time(step, scenario):
            yield step.id, ("at", why)


def _no_such_time(step: PlanStep, scenario: Scenario) -> str:
    assert step.at is not None
    known = dict.fromkeys(step.at.milestones, 0)
    try:
        due_ms = resolve(step.at, known, scenario.starts_utc_ms, scenario.zone)
    except BadAnchor as error:
        return str(error)
    if not known and due_ms is not None and due_ms < 0:
        return f"{step.at.text} is before the drill's start, {scenario.starts}"
    return ""


def _out_of_reach(plan: Plan, scenario: Scenario) -> Findings:
    """Commands in the gateway's console that are due while the outage has made it unreachable."""
    if "gateway console" not in taken_away(scenario):
        return
    for index, step in enumerate(plan.steps):
        command: Command | None = parse(step.do) if step.do else None
        if command is None or not _by_console(command) or _after_recovery(step, plan):
            continue
        what = f"`{step.do[:60]}` is given in the {command.facts.where}, which this outage makes unavailable"
        yield ("steps", index, "do"), f"{what}; {_LATER}"


def _by_console(command: Command) -> bool:
    """True if the command can only be given in the gateway's console; for some commands, the place depends
    on the arguments.
    """
    depends = type(command).where is not Command.where and not isinstance(command, ContinuityStart)
    return command.facts.where in PLACES and not depends


def _after_recovery(step: PlanStep, plan: Plan) -> bool:
    """True if the step, or a step before it, waits for the recovery."""
    return any(
        one.at is not None and not _AFTER_RECOVERY.isdisjoint(one.at.milestones)
        for one in plan.with_earlier(step.id)
    )


def _declares(step: PlanStep) -> bool:
    text = f"{step.id} {step.manual} {step.do}".lower()
    return any(word in text for word in _DECLARING)
