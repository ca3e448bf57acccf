"""`mxdrill debrief`: show what has happened in a drill so far and how it scored."""

import argparse

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the argument."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a kept drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument(
        "--band",
        action="store_true",
        help="also run the reference runbook, exactly and with human delays, and compare all three",
    )
    parser.add_argument(
        "--range",
        action="store_true",
        help="also run it with other values of unpublished numbers: bounces, late mail, duplicates, backlog",
    )


WHOSE = "For facilitators: this drill is not over, and the debrief reveals its faults and when they began."
"""First line of the debrief of a drill that is not over."""


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.session import Session
    from tui.commands.run import report
    from tui.shell.drill_files import find_drill

    session = Session.replay(find_drill(args.drill))
    if not session.ended:
        print(f"{WHOSE}\n")
    report(session, with_band=args.band, with_range=args.range)
    return exit_status.YES
