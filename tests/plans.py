"""Plans that a test writes, and their runs: few users, so that a run costs little."""

import json
from collections.abc import Mapping
from pathlib import Path

from sim.drill.session.load_plan import LoadedPlan, load_plan
from sim.drill.session.plan_run import PlanRun
from sim.kernel.document import read_tree
from sim.kernel.shipped_folder import shipped_folder
from sim.study.one_run import Study, run_of

HEAD = """\
mxdrill: 2
id: tried
scenario: {scenario}
set: {{ users: {users} }}
until: {until}
"""


def written(
    folder: Path, rest: str, scenario: str = "exchange-down", until: str = "2h", users: int = 20
) -> Path:
    """The file of a plan whose other keys are `rest`."""
    path = folder / "tried.yaml"
    path.write_text(HEAD.format(scenario=scenario, until=until, users=users) + rest, encoding="utf-8")
    return path


def loaded(
    folder: Path, rest: str, scenario: str = "exchange-down", until: str = "2h", users: int = 20
) -> LoadedPlan:
    """The plan whose other keys are `rest`."""
    return load_plan(str(written(folder, rest, scenario, until, users)))


def runs(plan: LoadedPlan, count: int, seed: int = 1) -> list[PlanRun]:
    """Its first runs."""
    return [run_of(Study(plan, seed), number) for number in range(1, count + 1)]


def minutes(run: PlanRun, step: str) -> float:
    """Time from the onset to the end of a step."""
    done_ms = run.steps[step].done_ms
    return float("inf") if done_ms is None else (done_ms - run.onset_ms) / 60_000


def organisation_with(folder: Path, outage: str, **blocks: Mapping[str, object]) -> str:
    """A scenario in `folder` like the shipped `outage`, of an organisation in which those keys differ.

    `blocks`: for each block of the organisation's file, its keys that differ. Returns the scenario's name.
    """
    tree = dict(read_tree(shipped_folder() / "organisations" / "harbour-1000.yaml"))
    for block, keys in blocks.items():
        tree[block] = _merged(tree[block], keys)
    (folder / "mine-org.yaml").write_text(json.dumps(tree | {"id": "mine"}, default=str), encoding="utf-8")
    text = f"mxdrill: 1\nlike: {outage}\nid: mine\ntitle: Mine\norganisation: {{ include: mine-org.yaml }}\n"
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return "mine.yaml"


def _merged(old: object, new: object) -> object:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
