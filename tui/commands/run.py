"""`mxdrill run`: run an outage headless, with or without a runbook."""

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.arguments import add_seed_and_settings, span_ms
from tui.shell.command_mistake import CommandMistake
from tui.shell.output_files import write_file

if TYPE_CHECKING:
    from sim.drill.scenario.runbook import Runbook
    from sim.drill.scenario.scenario import Scenario
    from sim.drill.session.player import Followed
    from sim.drill.session.session import Session


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenario", help="name of a shipped scenario or path of a file")
    parser.add_argument(
        "--runbook",
        default="none",
        metavar="FILE|none|reference",
        help="the runbook that the staff follow (default: none)",
    )
    add_seed_and_settings(parser)
    parser.add_argument(
        "--until",
        metavar="D",
        help="stop at the latest this long after the start, such as 48h",
    )
    parser.add_argument("--series", metavar="FILE.csv", type=Path, help="write the queue minute by minute")
    parser.add_argument(
        "--band",
        action="store_true",
        help="also run this runbook with human delays, and the reference runbook without and with them",
    )
    parser.add_argument(
        "--range",
        action="store_true",
        help="also run with other values of unpublished numbers, and show bands for bounces, late mail, "
        "duplicates and backlog",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="save the run in this file, as a drill")


def run(args: argparse.Namespace) -> int:
    """Run it and print the result. Returns the exit status."""
    if args.range:
        return _run(args)  # this means many runs, whose garbage adds up
    from sim.kernel.garbage import nothing_collected

    return nothing_collected(_run)(args)


def _run(args: argparse.Namespace) -> int:
    session, runbook, followed, wall_s = _played(args)
    if args.series:
        write_series(session, args.series)
    if not args.json:
        report(session, with_band=args.band, with_range=args.range, runbook=runbook, followed=followed)
        return exit_status.YES
    from sim.report.document.run_document import document
    from sim.report.reference_band import band
    from sim.report.sender_ranges import played

    by_mix = played(session) if args.range else None
    columns = band(session, runbook) if args.band else None
    name = runbook.id if runbook else "none"
    print(json.dumps(document(session, name, wall_s, by_mix, followed, columns), indent=1))
    return exit_status.YES


def _played(args: argparse.Namespace) -> "tuple[Session, Runbook | None, Followed, float]":
    """The run, its runbook, how the runbook was followed, and the seconds that the run took. Raises
    Mistake.
    """
    from sim.drill.session.load import load_scenario, settings_from
    from sim.drill.session.player import play
    from sim.drill.session.session import Session
    from sim.kernel.conductor import FOREVER_MS

    scenario = load_scenario(args.scenario, settings_from(args.set))
    runbook = chosen_runbook(args.runbook, scenario)
    until_ms = FOREVER_MS if args.until is None else span_ms("--until", args.until)
    began_s = perf_counter()
    session = Session.start(scenario, args.seed, args.journal, {"runbook": runbook.id if runbook else "none"})
    followed = play(session, runbook, until_ms)
    session.close()
    return session, runbook, followed, perf_counter() - began_s


def chosen_runbook(name: str, scenario: "Scenario") -> "Runbook | None":
    """The runbook that `--runbook` names; None for `none`. Raises BadFile, CommandMistake."""
    from sim.drill.commands.grammar import parse
    from sim.drill.scenario.runbook import load_runbook, reference_runbook

    if name == "none":
        return None
    if name != "reference":
        runbook = load_runbook(name, parse)
        if runbook.scenario != scenario.id and not runbook.scenario.endswith((".yaml", ".yml")):
            told = f"runbook {runbook.id} is written for {runbook.scenario}, not for {scenario.id}"
            print(f"mxdrill: note: {told}", file=sys.stderr)
        return runbook
    found = reference_runbook(scenario, parse)
    if found is None:
        raise CommandMistake(f"{scenario.id} does not have a reference runbook; give --runbook FILE")
    return found


def report(
    session: "Session",
    *,
    with_band: bool = False,
    with_range: bool = False,
    runbook: "Runbook | None" = None,
    followed: "Followed | None" = None,
) -> None:
    """Print the debrief on standard output.

    `with_band`: also compare with the reference band; `with_range`: also with other mixes of senders.
    `runbook`: the runbook that the session followed; `followed`: how it was followed.
    """
    from sim.report.debrief import debrief, ghost_of
    from sim.report.outcome import outcome
    from sim.report.range_text import range_text
    from sim.report.sender_ranges import played
    from sim.report.text import debrief_text, followed_text

    if sys.stderr.isatty():
        print("comparing with a run without any action …", file=sys.stderr)
    ghost = ghost_of(session)
    ranges = (played(session), played(ghost)) if with_range else (None, None)
    print(debrief_text(debrief(session, outcome(ghost, ranges[1]), outcome(session, ranges[0]))))
    lines = followed_text(followed, session.drill.clock) if followed else []
    if lines:
        print("\n".join(["", *lines]))
    if with_band:
        from sim.report.reference_band import band
        from sim.report.text import band_text

        print(f"\n{band_text(band(session, runbook))}")
    if ranges[0] is not None and ranges[1] is not None:
        print(f"\n{range_text(*ranges)}")


def write_series(session: "Session", path: Path) -> None:
    """Write the series that the console plots, with one row a minute. Raises CommandMistake."""
    from sim.drill.session.series import SERIES
    from sim.kernel.duration import MINUTE_MS

    minutes = session.now_ms // MINUTE_MS
    columns = [session.true_series(what, 0, minutes * MINUTE_MS, minutes + 1) for what in SERIES]
    lines = [",".join(("t_s", *SERIES))]
    lines += [
        ",".join(map(str, (minute * 60, *row)))
        for minute, *row in zip(range(minutes + 1), *columns, strict=True)
    ]
    write_file(path, "\n".join(lines) + "\n", "--series ")
