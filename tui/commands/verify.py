"""`mxdrill verify`: replay a journal and compare its digests with the recorded ones."""

import argparse
import tempfile
from pathlib import Path

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the argument."""
    parser.add_argument(
        "journal",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal or bundle (default: the newest)",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 if every digest matches, 1 if one differs, 2 if the journal is damaged."""
    from tui.shell.bundle_file import read_bundle
    from tui.shell.drill_files import find_drill

    if args.journal is not None and args.journal.endswith(".zip"):
        with tempfile.TemporaryDirectory(prefix="mxdrill-") as folder:
            manifest, journal = read_bundle(Path(args.journal), Path(folder))
            return _verify(journal, manifest.drill, manifest.digest)
    path = find_drill(args.journal)
    return _verify(path, path.stem)


def _verify(path: Path, name: str, digest: str | None = None) -> int:
    """Replay the journal at `path`. `digest`: the digest that it must give; None: only those recorded in
    it.
    """
    from sim.drill.session.journal_reading import read_journal
    from sim.drill.session.session import DigestDiffers, Session
    from sim.kernel.quantities import counted

    digests = sum("digest" in entry for entry in read_journal(path))
    try:
        session = Session.replay(path)
    except DigestDiffers as differs:
        print(f"{name}: {differs}")
        return exit_status.NO
    found = session.digest()
    if digest not in (None, found):
        print(f"{name}: the replay gives {found}, the bundle has {digest}")
        return exit_status.NO
    last = session.drill.clock(session.now_ms)
    agreed = f"{counted(digests, 'digest')} {'matches' if digests == 1 else 'match'}"
    if digests == 0:
        agreed = "the journal has no digest to compare"
    print(f"{name}: {agreed}, the last at {last}: {found}")
    return exit_status.YES
