"""`python -m bench.debrief`: the time of a debrief of five days, without and with the value of commands.

The drill is gateway-down with 1,000 users, ended after five days, with 40 commands of its reference runbook:
each once, and then as many commands that only read as there is room for.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.measure import MXDRILL, once
from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import Input
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.branch import give_again
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.forks.copies import DrillCopies
from sim.forks.origin import origin_of
from sim.kernel.duration import DAY_MS
from sim.report.debrief import ghost_of
from sim.study.what_if.cost import RunCost, run_cost
from sim.study.what_if.prepared import readiness_worth
from sim.study.what_if.regret import regrets
from sim.study.what_if.session_subject import subject
from sim.study.what_if.splices import changes_something
from sim.study.what_if.subject import Variation
from sim.study.what_if.valley import valleys
from sim.study.what_if.variation_runs import each_once

COMMANDS = 40
GOAL_S, BARE_GOAL_S = 20, 2
CORES = 2


def main() -> None:
    """Print CPU and wall time of both, and the time that the first would take on two idle cores."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "five-days.jsonl"
        _made(journal)
        bare, _said = once([MXDRILL, "debrief", str(journal), "-o", f"{folder}/a"])
        print(f"without: CPU {bare.cpu_s:.1f} s (goal: {BARE_GOAL_S} s)")
        whole, _said = once([MXDRILL, "debrief", str(journal), "-o", f"{folder}/b", "--regret"])
        print(f"with: wall {whole.wall_s:.1f} s (goal: {GOAL_S} s) at a load of {os.getloadavg()[0]:.1f}")
        _study(journal, bare.cpu_s)


def _made(journal: Path) -> None:
    scenario = load_scenario("gateway-down", {})
    whole = Session(scenario, 1, None)
    runbook = reference_runbook(scenario, parse)
    play(whole, runbook, 5 * DAY_MS)
    session = Session.start(scenario, 1, journal, {"runbook": "gateway-down"})
    give_again(session, _chosen(whole.inputs), 5 * DAY_MS)
    session.finish()
    session.close()


def _chosen(inputs: Sequence[Input]) -> list[Input]:
    """COMMANDS of `inputs`, in order of time."""
    first = list({str(what): (t_ms, what) for t_ms, what in reversed(inputs)}.values())
    acts = [one for one in first if changes_something(str(one[1]))]
    looks = sorted(one for one in first if one not in acts)
    return sorted((*acts, *looks[: COMMANDS - len(acts)]), key=lambda one: one[0])


def _cost_and_cpu(session: Session) -> tuple[RunCost, float]:
    """In a copy, which begins at 0 CPU seconds."""
    return run_cost(session), time.process_time()


def _study(journal: Path, bare_s: float) -> None:
    """The CPU time of each part: a program's own sum leaves out copies that were killed."""
    # imported under its name, so that another process finds it
    from bench.debrief import _cost_and_cpu as reading

    session = Session.replay(journal)
    one = subject(session)
    copies = DrillCopies(origin_of(session))
    copies.follow(one.given, one.to_ms)
    began_s = time.process_time()
    Session.replay(journal)
    follow_s = time.process_time() - began_s  # one process does the same work, and makes the copies
    times: list[float] = []

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        found = []
        for variation in variations:
            cost, cpu_s = copies.play(one.inputs(variation), one.to_ms, reading)
            times.append(cpu_s)
            found.append(cost)
        return found

    price = each_once(one, runs)
    found = regrets(session, one, price, ghost_of(session))
    valleys(one, found, price)
    readiness_worth(one, found, price)
    copies.close()
    idle_s = bare_s + (sum(times) + follow_s) / CORES
    print(
        f"worth: {len(times)} runs of {len(list(session.commands))} commands, {sum(times):.1f} CPU s; "
        f"two idle cores: about {idle_s:.0f} s (goal: {GOAL_S} s){'  missed' if idle_s > GOAL_S else ''}"
    )


if __name__ == "__main__":
    main()
