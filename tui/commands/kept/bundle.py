"""`mxdrill bundle`: put a drill and its form into one file that can be verified elsewhere."""

import argparse
from pathlib import Path

from tui.shell import exit_status


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE.zip", help="the new file (default: NAME.zip here)"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from importlib.metadata import version

    from sim.drill.session.session import Session
    from sim.report.paper.after_action import form_path
    from tui.shell.bundle_file import Manifest, sha256_of, write_bundle
    from tui.shell.drill_files import find_drill

    path = find_drill(args.drill)
    # raises DigestDiffers: a drill that cannot be verified here is not bundled
    session = Session.replay(path)
    manifest = Manifest(version("mxdrill"), path.stem, session.digest(), session.now_ms, sha256_of(path))
    bundle = args.output or Path(f"{path.stem}.zip")
    write_bundle(bundle, path, form_path(path), manifest)
    print(f"wrote {bundle}; to check it anywhere: mxdrill verify {bundle}")
    return exit_status.YES
