"""The plan of a drill, stored in its journal, so that its steps can be shown even if the plan's file has
changed.
"""

from pathlib import Path
from typing import Any

from sim.drill.commands.grammar import BadCommand, parse
from sim.drill.plan.fields import WITHOUT_FILES
from sim.drill.plan.plan_file import Plan
from sim.drill.scenario.anchor import BadAnchor, resolve
from sim.drill.scenario.objective import with_figures
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.session import Session
from sim.kernel.document import BadFile, check_tree

PLACE = Path("plan of the drill")
"""The file name that messages give for mistakes in a stored plan."""


def plan_document(plan: Plan) -> dict[str, Any]:
    """`plan` as JSON values, for `launch` of a drill; `samples` are replaced by their planned times."""
    return plan.model_dump(mode="json", by_alias=True, exclude_defaults=True, context=WITHOUT_FILES)


def plan_of(session: Session) -> Plan | None:
    """The plan with which the drill began; None if it had none. Raises BadFile if the stored plan is
    damaged.
    """
    kept = session.launch.get("plan")
    if kept is None:
        return None
    plan = check_tree(kept, Plan, PLACE, with_figures(FIGURES))
    scenario = session.scenario
    for step in plan.steps:
        try:
            if step.do:
                parse(step.do)
            if step.at is not None:
                come = dict.fromkeys(step.at.milestones, 0)
                resolve(step.at, come, scenario.starts_utc_ms, scenario.zone)
        except (BadCommand, BadAnchor) as error:
            raise BadFile([f"{PLACE}: {step.id}: {error}"]) from None
    return plan
