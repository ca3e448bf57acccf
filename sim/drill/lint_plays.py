"""Lint by playing: doing nothing must lose, and the reference runbook must meet every objective.

It takes some seconds a scenario: `mxdrill scenarios lint --deep`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sim.drill.measures import verdicts_of
from sim.drill.player import play
from sim.drill.runbook import Runbook, reference_runbook
from sim.drill.scenario import Scenario
from sim.drill.session import Session
from sim.kernel.document import Loc

SEEDS = range(1, 6)


def plays(scenario: Scenario, parse_command: Callable[[str], Any] | None = None) -> Iterator[tuple[Loc, str]]:
    """What is wrong with how `scenario` comes out, over five seeds. Raises BadFile for its runbook."""
    index = {objective.id: n for n, objective in enumerate(scenario.objectives)}
    if "failed" not in verdicts(scenario, None, SEEDS[0]).values():
        yield ("objectives",), "whoever does nothing fails at nothing; ask for something that must be done"
    for name in _earned_by_nothing(scenario):
        yield ("objectives", index[name]), f"whoever does nothing meets {name}, a decision; ask for the deed"
    runbook = reference_runbook(scenario, parse_command)
    if runbook is None:
        return
    missed: dict[str, list[int]] = {}
    for seed in SEEDS:
        for name, state in verdicts(scenario, runbook, seed).items():
            if state not in ("met", "open"):  # open: nothing to judge it by
                missed.setdefault(name, []).append(seed)
    for name, seeds in missed.items():
        told = ", ".join(map(str, seeds))
        what = f"the reference runbook does not meet {name} with seed {told}"
        yield ("objectives", index[name]), f"{what}; mend the runbook, or ask for less"


def verdicts(scenario: Scenario, runbook: Runbook | None, seed: int) -> dict[str, str]:
    """What became of each objective when `runbook` (None: nothing) was played to the end."""
    session = Session(scenario, seed, None)
    play(session, runbook)
    return {one.id: one.state for one in verdicts_of(session.drill)}


def _earned_by_nothing(scenario: Scenario) -> list[str]:
    """Objectives with a deadline for a deed that are met although nobody did anything."""
    found = verdicts(scenario, None, SEEDS[0])
    return [
        one.id
        for one in scenario.objectives
        if one.judges == "decision" and one.met and found[one.id] == "met"
    ]
