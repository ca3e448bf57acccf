"""`mxdrill debrief`: what happened in a drill so far, and what it was worth."""

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
        help="also play the reference runbook, as written and in human hands, and show all side by side",
    )
    parser.add_argument(
        "--range",
        action="store_true",
        help="also play it with other mixes of who writes: what they give up, what comes late or twice",
    )


WHOSE = "For whoever runs the drill: it is not over, and what follows says what is broken and since when."
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
