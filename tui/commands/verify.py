"""`mxdrill verify`: replay a journal and compare the digests with those that it recorded."""

import argparse

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the argument."""
    parser.add_argument(
        "journal",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a kept drill's name, or path of a journal (default: the newest)",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 if every digest matches, 1 if one differs, 2 if the journal is damaged."""
    from sim.drill.session.journal_reading import read_journal
    from sim.drill.session.session import DigestDiffers, Session
    from tui.shell.drill_files import find_drill

    path = find_drill(args.journal)
    digests = sum("digest" in entry for entry in read_journal(path))
    try:
        session = Session.replay(path)
    except DigestDiffers as differs:
        print(f"{path.stem}: {differs}")
        return exit_status.NO
    last = session.drill.clock(session.now_ms)
    print(f"{path.stem}: {digests} digests match, the last at {last}: {session.digest()}")
    return exit_status.YES
