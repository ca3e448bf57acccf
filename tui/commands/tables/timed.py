"""The runs that give an MSEL its times: `--plays`, `--jobs`, and a line of progress."""

import argparse
import os
from contextlib import nullcontext

from sim.drill.scenario.scenario import Scenario
from sim.table.msel.timings import NO_TIMINGS, PLAYS, Timings, timings
from tui.shell.arguments import add_settings, study_seed
from tui.shell.command_mistake import CommandMistake

MOST_PLAYS = 1_000
MOST_JOBS = 64


def add_plays(parser: argparse.ArgumentParser) -> None:
    """Declare `--plays`, `--seed`, `--jobs`, `--set`."""
    parser.add_argument(
        "--plays",
        type=int,
        default=PLAYS,
        metavar="N",
        help=f"runs of the reference with human delays that give the times of expected actions "
        f"(default: {PLAYS}; 0: no times)",
    )
    parser.add_argument(
        "--seed", type=study_seed, default=1, metavar="N", help="seed of these runs (default: 1)"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="J", help="number of processes (default: one for each processor)"
    )
    add_settings(parser)


def timed(args: argparse.Namespace, scenario: Scenario) -> Timings:
    """The times of expected actions, as `args` ask for them. Raises CommandMistake, BadFile."""
    from sim.study.workers import Serial, Workers
    from tui.shell.checking.run_progress import RunProgress

    jobs = (os.cpu_count() or 1) if args.jobs is None else args.jobs
    if not 0 <= args.plays <= MOST_PLAYS:
        raise CommandMistake(f"--plays {args.plays}: give a whole number from 0 to {MOST_PLAYS:,}")
    if not 1 <= jobs <= MOST_JOBS:
        raise CommandMistake(f"--jobs {jobs}: give a whole number from 1 to {MOST_JOBS}")
    if args.plays == 0:
        return NO_TIMINGS
    progress = RunProgress()
    progress.expect(args.plays)
    try:
        with nullcontext(Serial(progress.told)) if jobs == 1 else Workers(jobs, progress.told) as play:
            return timings(scenario, play, args.plays, args.seed)
    finally:
        progress.clear()
