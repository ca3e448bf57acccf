"""`make bench`: what starting and running cost, as a table, or with `--json` as one document."""

import argparse
import dataclasses
import json
import os
import platform
import sys

from bench.measure import Cost, cost

CASES = {
    "help": ["--help"],
    "run, 1,000 users": ["run", "exchange-down", "--json"],
    "run, 1,000 users, 96 h outage": ["run", "exchange-down", "--set", "outage=96h", "--json"],
    "run, 10,000 users": ["run", "exchange-down", "--set", "users=10000", "--json"],
    "run, reference runbook": ["run", "exchange-down", "--runbook", "reference", "--json"],
}


def main() -> int:
    """Exit status: 0 measured, 1 a program failed (said on standard error)."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each case (default: 5)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    costs: dict[str, Cost] = {}
    for name, arguments in CASES.items():
        print(f"bench: {name}", file=sys.stderr)
        try:
            costs[name] = cost(arguments, asked.runs)
        except RuntimeError as failure:
            print(f"bench: {failure}", file=sys.stderr)
            return 1
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    if asked.json:
        cases = {name: dataclasses.asdict(measured) for name, measured in costs.items()}
        print(json.dumps({"machine": machine, "runs": asked.runs, "cases": cases}, indent=2))
        return 0
    print(f"{machine}; median of {asked.runs} runs\n")
    print(f"{'case':34}{'CPU s':>8}{'wall s':>8}{'MiB':>8}")
    for name, measured in costs.items():
        print(f"{name:34}{measured.cpu_s:8.2f}{measured.wall_s:8.2f}{measured.memory_mib:8.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
