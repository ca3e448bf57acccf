"""`mxdrill check`: run a continuity plan many times, and show the probability that each promise is kept."""

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.arguments import MOST_RUNS, add_settings, study_seed
from tui.shell.checking.extras import Extras, extra_runs, extras
from tui.shell.checking.output import print_check, require_places
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.study.check import Check, Play
    from sim.study.one_run import Study

MOST_JOBS = 256
STATUS = {"holds": exit_status.YES, "fails": exit_status.NO, "undecided": exit_status.UNDECIDED}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("plan", metavar="PLAN", help="name of a shipped plan or path of a file")
    parser.add_argument(
        "--runs", type=int, default=800, metavar="N", help="maximum number of runs (default: 800)"
    )
    parser.add_argument(
        "--seed", type=study_seed, default=1, metavar="N", help="seed of the study (default: 1)"
    )
    add_settings(parser)
    _add_workers(parser)
    _add_extra_runs(parser)
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit file, for pipelines")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table for a merge request")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a row for each run")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", type=int, metavar="J", help="number of processes (default: one for each processor)"
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="run on the workers of a Dask cluster: address of its scheduler, such as tls://HOST:8786",
    )
    for name, what in (("ca", "certificate authority"), ("cert", "own certificate"), ("key", "own key")):
        parser.add_argument(
            f"--tls-{name}",
            type=Path,
            metavar="FILE",
            help=f"{what} for the cluster, as PEM (default: from Dask's configuration)",
        )
    parser.add_argument(
        "--insecure", action="store_true", help="allow an unencrypted cluster on another machine"
    )


def _add_extra_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--family",
        action="store_true",
        help="allow for the number of promises: divide the error of 5 %% among them",
    )
    parser.add_argument(
        "--against", metavar="PLAN", help="compare with another version of the plan, on the same seeds"
    )
    parser.add_argument(
        "--what-if",
        action="store_true",
        help="run again, each time with one of the three main drivers at its planned time, on the same seeds",
    )
    parser.add_argument(
        "--assumed",
        action="store_true",
        help="also check it with assumed times at their P90, and with other values of unpublished numbers",
    )
    parser.add_argument(
        "--weather",
        nargs="?",
        type=int,
        const=10,
        metavar="N",
        help="also map the week: N runs for an outage at each of its 168 hours (default: 10)",
    )
    parser.add_argument(
        "--readiness", action="store_true", help="also compute the value of the plan's preparations"
    )


def run(args: argparse.Namespace) -> int:
    """Run it. Exit status: 0 all promises hold, 1 one fails, 3 undecided, 130 interrupted."""
    from sim.drill.session.load import settings_from
    from sim.drill.session.load_plan import load_plan
    from sim.study.check import check
    from sim.study.looks import FIRST
    from sim.study.one_run import Study
    from tui.shell.checking.run_progress import RunProgress
    from tui.shell.standard_streams import tell

    if not 1 <= args.runs <= MOST_RUNS:
        raise CommandMistake(f"--runs {args.runs}: give a whole number from 1 to {MOST_RUNS:,}")
    if args.weather is not None and not 1 <= args.weather <= MOST_RUNS:
        raise CommandMistake(f"--weather {args.weather}: give a whole number from 1 to {MOST_RUNS:,}")
    _require_sense(args)
    settings = settings_from(args.set)
    study = Study(load_plan(args.plan, settings), args.seed)
    if args.readiness and not study.loaded.plan.preparations:
        raise CommandMistake(f"--readiness: {args.plan} has no `preparations`; add some to the plan")
    old = Study(load_plan(args.against, settings), args.seed) if args.against else None
    _note_findings(study)
    if old is not None and old.loaded.scenario.id != study.loaded.scenario.id:
        what = f"{args.against} is for {old.loaded.scenario.id}, not {study.loaded.scenario.id}"
        tell(f"note: {what}; the plans are not the only difference")
    began, last, progress = (perf_counter(), process_time()), list["Check"](), RunProgress()
    progress.expect(args.runs + extra_runs(study, args))
    try:
        with _players(args, progress.told) as play:
            found = check(study, play, args.runs, last.append, family=args.family)
            more = extras(found, old, play, args)
    except KeyboardInterrupt:
        progress.clear()
        if last:
            print_check(last[-1], args, began, Extras())
        else:
            tell(f"mxdrill: note: interrupted before the first {min(FIRST, args.runs)} runs: no result yet")
        return exit_status.INTERRUPTED
    finally:
        progress.clear()
    print_check(found, args, began, more)
    return STATUS[found.verdict]


def _require_sense(args: argparse.Namespace) -> None:
    """Raises CommandMistake for options that could have no effect, or would have one only after all runs."""
    require_places(args)
    alone = {f"--tls-{name}": getattr(args, f"tls_{name}") for name in ("ca", "cert", "key")}
    for option, given in {**alone, "--insecure": args.insecure}.items():
        if given and args.cluster is None:
            raise CommandMistake(f"{option}: works only with a cluster; add --cluster ADDRESS")


def _note_findings(study: "Study") -> None:
    """Print lint's findings about the plan to standard error as notes."""
    from sim.drill.commands.grammar import parse
    from sim.drill.lint.lint import lint_file
    from tui.shell.standard_streams import tell

    for line in lint_file(str(study.loaded.path.absolute()), parse):
        tell(f"note: {line}")


def _players(args: argparse.Namespace, told: Callable[[int], None]) -> "AbstractContextManager[Play]":
    """The code that makes the runs: this process, a pool of processes, or a cluster."""
    from sim.study.workers import Serial, Workers

    if args.cluster is not None:
        from tui.shell.checking.cluster import Cluster, ClusterAt

        if args.jobs is not None:
            raise CommandMistake("--jobs: a cluster has its own workers; give either this or --cluster")
        return Cluster(ClusterAt(args.cluster, args.tls_ca, args.tls_cert, args.tls_key, args.insecure), told)
    jobs = _processors() if args.jobs is None else args.jobs
    if not 1 <= jobs <= MOST_JOBS:
        raise CommandMistake(f"--jobs {jobs}: give a whole number from 1 to {MOST_JOBS}")
    return nullcontext(Serial(told)) if jobs == 1 else Workers(jobs, told)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_JOBS)
    return min(os.cpu_count() or 1, MOST_JOBS)
