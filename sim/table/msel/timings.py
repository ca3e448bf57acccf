"""The times at which milestones are reached if people carry out the reference runbook: quantiles over many
runs.

The reference runbook becomes a plan (`mxdrill runbook new`): each step waits for its time and its person, who
takes a random time. Only people and chance differ between runs; the outage is that of the scenario.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.drill.commands.grammar import parse
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.promise import PlanPromise
from sim.drill.plan.varies import Varies
from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.objective import with_figures
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.load_plan import LoadedPlan
from sim.drill.session.new_plan import new_plan
from sim.drill.session.plan_run import PlanRun
from sim.kernel.document import check_tree, parse_tree
from sim.study.check import Play
from sim.study.looks import ERROR
from sim.study.one_run import Study
from sim.study.statistics.order_statistics import NEVER, quantile

PLAYS = 50


@dataclass(frozen=True, slots=True)
class WhenCame:
    """Time of a milestone, in ms since the start; None if too few of the runs had reached it by then."""

    p10_ms: int | None
    p50_ms: int | None
    p90_ms: int | None
    came: int
    plays: int


@dataclass(frozen=True, slots=True)
class Timings:
    """The times of each milestone; empty if there were no runs."""

    came: dict[str, WhenCame]
    plays: int

    def median(self) -> dict[str, int]:
        """The P50 of each milestone that has one."""
        return {name: one.p50_ms for name, one in self.came.items() if one.p50_ms is not None}


NO_TIMINGS = Timings({}, 0)


def timings(scenario: Scenario, play: Play, plays: int = PLAYS, seed: int = 1) -> Timings:
    """Quantiles over `plays` runs. Raises BadFile for mistakes in the reference runbook."""
    loaded = reference_plan(scenario)
    if loaded is None or not plays:
        return NO_TIMINGS
    runs = list(play(Study(loaded, seed, digests=frozenset()), range(1, plays + 1)))
    names = dict.fromkeys(name for run in runs for name in run.milestones)
    return Timings({name: _when(name, runs) for name in names}, plays)


def expected_milestones(scenario: Scenario) -> list[str]:
    """Milestones that objectives ask for, in the order of the file."""
    asked = (deadline.milestone for objective in scenario.objectives for deadline in objective.met)
    return list(dict.fromkeys(asked))


def reference_plan(scenario: Scenario) -> LoadedPlan | None:
    """The reference runbook as a plan whose runs end once every expected milestone has been reached."""
    reference = reference_runbook(scenario, parse)
    if reference is None:
        return None
    path = Path(f"{scenario.id}-plan.yaml")
    tree = parse_tree(new_plan(scenario, reference), path)
    plan = check_tree(tree, Plan, path, with_figures(FIGURES), by_id=True)
    long_ms = scenario.outage_end_ms + scenario.ends.after_recovery_at_most_ms
    promises = tuple(
        PlanPromise(id=name, to=parse_anchor(name), within=f"{long_ms}ms")  # type: ignore[arg-type]
        for name in expected_milestones(scenario)
    )
    update = {"varies": Varies(), "until_ms": long_ms, "assumptions": promises or plan.assumptions}
    return LoadedPlan(plan.model_copy(update=update), scenario, path)


def _when(name: str, runs: Sequence[PlanRun]) -> WhenCame:
    ordered = sorted(float(run.milestones.get(name, NEVER)) for run in runs)
    found = (quantile(ordered, share, ERROR).value for share in (0.1, 0.5, 0.9))
    p10, p50, p90 = (None if value == NEVER else int(value) for value in found)
    return WhenCame(p10, p50, p90, sum(value < NEVER for value in ordered), len(runs))
