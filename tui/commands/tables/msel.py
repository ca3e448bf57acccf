"""`mxdrill table msel`: write the injects and expected actions of a scenario to a CSV or XLSX file."""

import argparse
from pathlib import Path

from sim.kernel.quantities import counted
from tui.commands.tables.timed import add_plays, timed
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.output_files import write_file


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", help="name of a shipped scenario or path of a file"
    )
    parser.add_argument(
        "--played",
        metavar="DRILL",
        help="instead of SCENARIO: the list of a saved exercise, with actual times, states and notes",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="FILE.csv or FILE.xlsx to write"
    )
    add_plays(parser)


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.load import load_scenario, settings_from
    from sim.drill.session.session import Session
    from sim.table.msel.files import FORMATS, csv_bytes, xlsx_bytes
    from sim.table.msel.of_scenario import rows_of
    from sim.table.played import as_played, as_sent
    from tui.shell.drill_files import find_drill

    ending = args.output.suffix.lower()
    if ending not in FORMATS:
        raise CommandMistake(f"-o {args.output}: write the name of a .csv or .xlsx file")
    if (args.scenario is None) == (args.played is None):
        raise CommandMistake("name a scenario, such as gateway-down, or give --played DRILL")
    if args.played is not None and args.set:
        raise CommandMistake("--set: a saved exercise already has its settings; leave it out")
    session = None if args.played is None else Session.replay(find_drill(args.played))
    scenario = as_sent(session) if session else load_scenario(args.scenario, settings_from(args.set))
    if ending == ".xlsx":
        xlsx_bytes(())  # a missing extra is reported before the runs
    times = timed(args, scenario)
    rows = rows_of(scenario, times)
    if session is not None:
        rows = as_played(rows, session)
    about = (
        ("EXERCISE", "Everything in this file is simulated."),
        ("Scenario", args.scenario or scenario.id),
        ("Title", scenario.title),
        ("Starts", scenario.starts),
        ("Plays", f"{times.plays} runs of the reference with human delays, seed {args.seed}"),
        (
            "Columns",
            "Trigger, Unless and Marks are those of a scenario file; `mxdrill table import` reads them.",
        ),
    )
    write_file(args.output, csv_bytes(rows) if ending == ".csv" else xlsx_bytes(rows, about), "-o ")
    print(f"{args.output}: {counted(len(rows), 'row')}")
    return exit_status.YES
