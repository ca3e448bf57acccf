"""`mxdrill table compare`: the results of teams that played the same outage, each on its own copy."""

import argparse
from pathlib import Path

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

MOST_TEAMS = 8


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drills", nargs="+", metavar="DRILL", help="saved exercises of the same scenario, seed and settings"
    )
    parser.add_argument(
        "--teams",
        default="",
        metavar="LIST",
        help="names of the teams, in the same order (default: Team A, …)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="also write this HTML page")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.session import Session
    from sim.table.teams import compared, team_names
    from sim.table.teams_page import teams_page, teams_text
    from tui.shell.drill_files import find_drill
    from tui.shell.output_files import write_file

    if not 2 <= len(args.drills) <= MOST_TEAMS:
        raise CommandMistake(f"name 2 to {MOST_TEAMS} saved exercises, one for each team")
    paths = [find_drill(one) for one in args.drills]
    names = team_names([one.strip() for one in args.teams.split(",") if one.strip()], len(paths))
    told = compared(
        [Session.replay(path) for path in paths],
        names,
        lambda index, to_ms: Session.replay(paths[index], to_ms),
    )
    for line in teams_text(told):
        print(line)
    if args.output is not None:
        write_file(args.output, teams_page(told), "-o ")
        print(f"{args.output}: one page to print")
    return exit_status.YES
