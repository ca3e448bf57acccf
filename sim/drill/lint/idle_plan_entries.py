"""Lint of a plan: entries for people, and values, that change nothing or are beyond their range."""

from difflib import get_close_matches

from sim.drill.commands.grammar import parse
from sim.drill.plan.people import PlanPerson
from sim.drill.plan.plan_file import Plan
from sim.drill.room.incident_room import APPROVER
from sim.drill.scenario.parameters import size_of
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load_plan import owner_of
from sim.kernel.file_mistakes import Findings, Loc

_DRAWS, _BEYOND_PERCENT = 1_000, 5


def idle_approver(plan: Plan) -> Findings:
    """An entry for an approver who is not needed in this plan."""
    needed = any(
        step.owner == APPROVER or (step.do and parse(step.do).answered_by == APPROVER) for step in plan.steps
    )
    for index, person in enumerate(plan.people):
        if person.role == APPROVER and not needed:
            what = f"no step needs {APPROVER}, so this entry changes nothing"
            yield ("people", index, "role"), f"{what}; add a step with `do: approve …`, or delete the entry"


def idle_newcomers(plan: Plan, scenario: Scenario) -> Findings:
    """Entries for a new role that is not the owner of any step, such as a misspelt role."""
    known = [person.role for person in scenario.organisation.staff]
    owners = {owner_of(parse(step.do) if step.do else None, step.owner) for step in plan.steps}
    entries: list[tuple[Loc, PlanPerson]] = [
        (("people", index), one) for index, one in enumerate(plan.people)
    ]
    entries += [
        (("preparations", number, "people", index), one)
        for number, preparation in enumerate(plan.preparations)
        for index, one in enumerate(preparation.people)
    ]
    for loc, one in entries:
        if one.role not in known and one.role not in owners:
            near = get_close_matches(one.role, sorted(owners), n=1)
            hint = (
                f"did you mean {near[0]}?" if near else "write it as `owner` of a step, or delete the entry"
            )
            yield (*loc, "role"), f"{one.role} is a new role, and no step has it as `owner`; {hint}"


def beyond_range(plan: Plan, scenario: Scenario) -> Findings:
    """Varying parameters whose values often lie beyond the parameter's range; each then counts as the limit
    of the range.
    """
    for name, spread in plan.varies.parameters.items():
        low, high = scenario.parameters[name].min, scenario.parameters[name].max
        draws = [spread.at((2 * number + 1 << 63) // _DRAWS) for number in range(_DRAWS)]
        beyond = sum(not size_of(low) <= one <= size_of(high) for one in draws)
        if beyond * 100 > _DRAWS * _BEYOND_PERCENT:
            share = f"{beyond * 100 // _DRAWS} % of runs"
            what = f"{name} is beyond {low} to {high} in {share}, and counts as that limit"
            yield ("varies", "parameters", name), f"{what}; write a narrower distribution"
