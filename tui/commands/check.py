"""`mxdrill check`: run a continuity plan many times, and say how surely each of its promises holds."""

import argparse
import json
from collections.abc import Iterable, Sequence
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.arguments import add_settings, study_seed
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.session.plan_run import PlanRun
    from sim.study.check import Check
    from sim.study.one_run import Study

MOST_RUNS = 100_000


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("plan", metavar="PLAN", help="name of a shipped plan or path of a file")
    parser.add_argument(
        "--runs", type=int, default=800, metavar="N", help="number of runs at most (default: 800)"
    )
    parser.add_argument(
        "--seed", type=study_seed, default=1, metavar="N", help="seed of the study (default: 1)"
    )
    add_settings(parser)
    parser.add_argument(
        "--family", action="store_true", help="share the error out among all promises of the plan"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 all promises hold, 1 one fails, 3 undecided, 130 interrupted."""
    from sim.drill.session.load import settings_from
    from sim.drill.session.load_plan import load_plan
    from sim.study.check import check
    from sim.study.one_run import Study

    if not 1 <= args.runs <= MOST_RUNS:
        raise CommandMistake(f"--runs {args.runs}: give a whole number from 1 to {MOST_RUNS:,}")
    study = Study(load_plan(args.plan, settings_from(args.set)), args.seed)
    began_s, cpu_s = perf_counter(), process_time()
    last: list[Check] = []
    try:
        found = check(study, _serial, args.runs, last.append, family=args.family)
    except KeyboardInterrupt:
        if last:
            _print(last[-1], args, perf_counter() - began_s, process_time() - cpu_s)
        return exit_status.INTERRUPTED
    _print(found, args, perf_counter() - began_s, process_time() - cpu_s)
    return {"holds": exit_status.YES, "fails": exit_status.NO, "undecided": exit_status.UNDECIDED}[
        found.verdict
    ]


def _serial(study: "Study", numbers: Sequence[int]) -> "Iterable[PlanRun]":
    from sim.study.one_run import run_of

    return (run_of(study, number) for number in numbers)


def _print(check: "Check", args: argparse.Namespace, wall_s: float, cpu_s: float) -> None:
    from sim.study.documents.check_json import check_document
    from sim.study.documents.check_text import check_text

    if args.json:
        print(json.dumps(check_document(check, wall_s, cpu_s), indent=1, ensure_ascii=False))
    else:
        print(check_text(check))
