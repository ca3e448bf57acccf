"""`make bench`: what programs cost, and the engine against its goals; as tables, or one JSON document."""

import argparse
import dataclasses
import json
import os
import platform
import sys

from bench.engine import Figure, figures
from bench.measure import Cost, cost
from bench.smtp_throughput import rates

PROGRAMS = {
    "help": ["--help"],
    "run, 1,000 users": ["run", "exchange-down", "--json"],
    "run, 1,000 users, 96 h outage": ["run", "exchange-down", "--set", "outage=96h", "--json"],
    "run, 10,000 users": ["run", "exchange-down", "--set", "users=10000", "--json"],
    "run, gateway fails, 1,000 users": ["run", "gateway-down", "--json"],
    "run, reference runbook": ["run", "exchange-down", "--runbook", "reference", "--json"],
}


def main() -> int:
    """Exit status: 0 measured (goals met or not), 1 a program failed or fates differ (said in a line)."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each case (default: 5)")
    parser.add_argument("--only", choices=("programs", "engine", "smtp"), help="one of the three parts")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    costs: dict[str, Cost] = {}
    found: list[Figure] = []
    try:
        for name, arguments in PROGRAMS.items() if asked.only in {None, "programs"} else ():
            print(f"bench: {name}", file=sys.stderr)
            costs[name] = cost(arguments, asked.runs)
        for figure in figures(asked.runs) if asked.only in {None, "engine"} else ():
            print(f"bench: {figure.name.strip()}: {figure.value:.3g} {figure.unit}", file=sys.stderr)
            found.append(figure)
        smtp = rates() if asked.only in {None, "smtp"} else None
    except RuntimeError as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    if asked.json:
        programs = {name: dataclasses.asdict(measured) for name, measured in costs.items()}
        engine = [{**dataclasses.asdict(one), "met": one.met} for one in found]
        whole = {"machine": machine, "runs": asked.runs, "programs": programs, "engine": engine}
        if smtp is not None:
            whole["smtp"] = {"lab_per_s": smtp[0], "sink_per_s": smtp[1], "ratio": smtp[0] / smtp[1]}
        print(json.dumps(whole))
        return 0
    print(f"{machine}; median of {asked.runs} runs\n")
    print_tables(costs, found)
    if smtp is not None:
        ours, bare = smtp
        print(f"\nsmtp: lab {ours:.0f}/s, bare sink {bare:.0f}/s: ratio {ours / bare:.2f} (goal: 0.8)")
    return 0


def print_tables(costs: dict[str, Cost], found: list[Figure]) -> None:
    if costs:
        print(f"{'program':34}{'CPU s':>8}{'wall s':>8}{'MiB':>8}")
    for name, measured in costs.items():
        print(f"{name:34}{measured.cpu_s:8.2f}{measured.wall_s:8.2f}{measured.memory_mib:8.0f}")
    if found:
        print(f"\n{'engine':52}{'measured':>10}  {'goal':18}")
    for figure in found:
        goal = (
            "" if figure.goal is None else f"{'≥' if figure.at_least else '≤'} {figure.goal:g} {figure.unit}"
        )
        missed = "" if figure.met else "  missed"
        print(f"{figure.name:52}{figure.value:10.3g}  {goal}{missed}")


if __name__ == "__main__":
    sys.exit(main())
