"""`mxdrill debrief`: events and results of a drill so far."""

import argparse

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the argument."""
    parser.add_argument(
        "drill", nargs="?", metavar="DRILL|FILE", help="a kept drill, or a journal (default: the newest)"
    )
    parser.add_argument(
        "--band",
        action="store_true",
        help="also run the reference runbook, as written and with human delays, and show all side by side",
    )
    parser.add_argument(
        "--range",
        action="store_true",
        help="also run it with other mixes of senders: bounced, late and duplicate mail for each",
    )


WHOSE = "For the facilitator: the drill is not over, and this debrief shows what is broken and since when."
"""First line of the debrief of a drill that can still go on."""


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
