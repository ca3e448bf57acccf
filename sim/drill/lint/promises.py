"""Lint of a plan's promises: moments that never come, and promises that are always or never kept."""

from sim.drill.lint.runbook_steps import in_vain
from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.promise import PlanPromise
from sim.drill.scenario.anchor import Anchor, Since
from sim.drill.scenario.milestones import MILESTONES, Milestone
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import format_duration
from sim.kernel.file_mistakes import Findings

_WHOLE = 100
"""The largest value of a figure whose name ends in `-percent`."""


def promise_findings(plan: Plan, scenario: Scenario, dead: dict[str, tuple[str, str]]) -> Findings:
    """Promises that say nothing. `dead`: steps that can never be due, each with the key and the reason."""
    given = [f"{' '.join(step.do.split())} " for step in plan.steps]
    by_itself = {inject.marks for inject in scenario.injects}
    for index, one in enumerate(plan.assumptions):
        for key, anchor in (("from", one.from_), ("to", one.to)):
            for name in anchor.milestones if anchor else ():
                if name in by_itself:
                    continue
                instead = "count from outage.start" if key == "from" else "promise another moment"
                why = _cannot_come(name, given, plan, scenario, dead, instead)
                if why:
                    yield ("assumptions", index, key), f"{one.id} needs {name}, which can never happen: {why}"
        if Milestone.OUTAGE_START in one.unless or not set(one.unless).isdisjoint(one.from_.milestones):
            what = f"{one.id} never applies, because its `unless` always comes before its limit"
            yield ("assumptions", index, "unless"), f"{what}; write another milestone"
        yield from _always_or_never(one, index, plan)
        if one.sure == 0:
            yield (
                ("assumptions", index, "with"),
                f"{one.id} promises 0 %, which always holds; write a larger share",
            )
        if one.sure == 10_000:
            what = f"{one.id} promises 100 %, which no number of runs can show"
            yield ("assumptions", index, "with"), f"{what}; write a smaller share, such as 99%"
        longest_ms = (one.within_ms or 0) + (one.stays_ms or 0)
        if plan.until_ms is not None and longest_ms > plan.until_ms:
            stop = format_duration(plan.until_ms)
            what = f"{one.id} allows {format_duration(longest_ms)}, but runs stop after {stop}"
            yield ("assumptions", index, "within"), f"{what}; write a longer `until`"


def _cannot_come(
    name: str,
    given: list[str],
    plan: Plan,
    scenario: Scenario,
    dead: dict[str, tuple[str, str]],
    instead: str,
) -> str:
    if name in MILESTONES:
        before = MILESTONES[name].facts.after
        reasons = (
            in_vain(one, given, scenario, "plan", instead) for one in (name, before) if one in MILESTONES
        )
        return next((found for found in reasons if found), "")
    earlier = plan.with_earlier(name.removesuffix(DONE))
    return next((f"{step.id} can never be due" for step in earlier if step.id in dead), "")


def _always_or_never(one: PlanPromise, index: int, plan: Plan) -> Findings:
    """A promise that no run can break, or no run can keep."""
    if one.to is not None and (why := _comes_first(one.to, one.from_, plan)):
        what = f"{one.id} measures nothing, because {why}"
        yield ("assumptions", index, "from"), f"{what}; count from an earlier moment"
    if one.figure is None or not one.figure.endswith("-percent"):
        return
    if one.at_least is not None and one.at_least > _WHOLE:
        yield ("assumptions", index, "at least"), f"{one.figure} is at most {_WHOLE}; write a smaller limit"
    if one.at_most is not None and one.at_most >= _WHOLE:
        what = f"{one.figure} is at most {_WHOLE}, so {one.id} always holds"
        yield ("assumptions", index, "at most"), f"{what}; write a smaller limit"


def _comes_first(to: Anchor, from_: Anchor, plan: Plan) -> str:
    """The reason why `to` cannot come after `from_`; empty if it can. Milestones may come by themselves, so
    only the ends of steps are compared.
    """
    if to == from_:
        return "`from` and `to` are the same moment"
    moments, names = (*to.moments, *from_.moments), (*to.milestones, *from_.milestones)
    plain = all(isinstance(one, Since) and not one.offset_ms for one in moments)
    if not plain or not all(name.endswith(DONE) for name in names):
        return ""
    first = {
        step.id
        for name in from_.milestones
        for step in plan.with_earlier(name.removesuffix(DONE))
        if step.id + DONE != name
    }
    done = {name.removesuffix(DONE) for name in to.milestones} <= first
    return f"{to.text} cannot come after {from_.text}" if done else ""
