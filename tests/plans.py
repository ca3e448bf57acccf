"""Plans that a test writes, and their runs: few users, so that a run costs little."""

from pathlib import Path

from sim.drill.session.load_plan import LoadedPlan, load_plan
from sim.drill.session.plan_run import PlanRun
from sim.study.one_run import Study, run_of

HEAD = """\
mxdrill: 2
id: tried
scenario: {scenario}
set: {{ users: 20 }}
until: {until}
"""


def written(folder: Path, rest: str, scenario: str = "exchange-down", until: str = "6h") -> Path:
    """The file of a plan whose other keys are `rest`."""
    path = folder / "tried.yaml"
    path.write_text(HEAD.format(scenario=scenario, until=until) + rest, encoding="utf-8")
    return path


def loaded(folder: Path, rest: str, scenario: str = "exchange-down", until: str = "6h") -> LoadedPlan:
    """The plan whose other keys are `rest`."""
    return load_plan(str(written(folder, rest, scenario, until)))


def runs(plan: LoadedPlan, count: int, seed: int = 1) -> list[PlanRun]:
    """Its first runs."""
    return [run_of(Study(plan, seed), number) for number in range(1, count + 1)]


def minutes(run: PlanRun, step: str) -> float:
    """Time from the onset to the end of a step."""
    done_ms = run.steps[step].done_ms
    return float("inf") if done_ms is None else (done_ms - run.onset_ms) / 60_000
