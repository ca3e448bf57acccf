"""`mxdrill debrief`: show what has happened in a drill so far and how it scored, on screen or as files."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.session.session import Session


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
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
    parser.add_argument("--json", action="store_true", help="print one JSON document, as `run --json` does")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="write debrief.html, handout.html, Markdown, JSON and CSV files into this folder",
    )
    parser.add_argument(
        "--audience",
        choices=("all", "facilitator", "players"),
        default="all",
        help="with -o: write only the files for them (default: all)",
    )
    parser.add_argument(
        "--anonymous", action="store_true", help="with -o: roles in place of people's names in every file"
    )
    parser.add_argument(
        "--form",
        action="store_true",
        help="write the form of the after-action report next to the drill, to be filled in; -o reads it",
    )


WHOSE = "For facilitators: this drill is not over, and the debrief reveals its faults and when they began."
"""First line of the debrief of a drill that is not over."""


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.session import Session
    from tui.commands.run import report
    from tui.shell.drill_files import find_drill

    if args.output is None and (args.anonymous or args.audience != "all"):
        raise CommandMistake("--anonymous and --audience: only files have them; give -o FOLDER")
    path = find_drill(args.drill)
    session = Session.replay(path)
    if args.form:
        _write_form(session, path)
    if args.output is not None:
        _write_papers(session, path, args)
    elif args.json:
        from sim.report.document.run_document import document

        print(json.dumps(document(session, str(session.launch.get("runbook", "none")), 0.0), indent=1))
    elif not args.form:
        if not session.ended:
            print(f"{WHOSE}\n")
        report(session, with_band=args.band, with_range=args.range)
    return exit_status.YES


def _write_form(session: "Session", path: Path) -> None:
    """Write the form next to the drill; one that is there stays. Raises CommandMistake."""
    from sim.report.paper.after_action import form_path, form_text
    from sim.report.paper.facts import facts_of

    form = form_path(path)
    if form.exists():
        raise CommandMistake(f"{form}: exists; edit it, or move it elsewhere first")
    form.write_text(form_text(facts_of(session)), encoding="utf-8")
    print(f"wrote {form}; fill it in, then: mxdrill debrief {path.stem} -o FOLDER")


def _write_papers(session: "Session", path: Path, args: argparse.Namespace) -> None:
    """Write the files of the debrief. Raises CommandMistake, BadFile for a wrong form."""
    from importlib.metadata import version

    from sim.report.paper.after_action import form_path, read_form
    from sim.report.paper.evidence import Origin
    from sim.report.paper.facts import facts_of
    from sim.report.paper.folder import papers
    from tui.shell.bundle_file import sha256_of

    form = read_form(form_path(path))
    origin = Origin(f"{datetime.now().astimezone():%Y-%m-%d}", version("mxdrill"), sha256_of(path))
    texts = papers(session, facts_of(session), form, origin, audience=args.audience, anonymous=args.anonymous)
    try:
        args.output.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (args.output / name).write_text(text, encoding="utf-8")
    except OSError as error:
        where = error.filename or args.output
        raise CommandMistake(f"-o {where}: {(error.strerror or 'cannot be written').lower()}") from None
    if not session.ended and args.audience != "players":
        print(f"mxdrill: note: {WHOSE}", file=sys.stderr)
    print(f"wrote {len(texts)} files into {args.output}; begin with {next(iter(texts))}")
