"""`mxdrill debrief`: show the course of a drill so far and its scores, on screen or as files."""

import argparse
import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.arguments import add_seed_and_settings
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.session.session import Session
    from sim.report.paper.regret_rows import Worth


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument(
        "--run",
        metavar="PLAN#N",
        help="debrief run N of a check of this plan; --seed and --set are the check's",
    )
    add_seed_and_settings(parser)
    parser.add_argument(
        "--band",
        action="store_true",
        help="also run the reference runbook, exactly and with human delays, and compare all three",
    )
    parser.add_argument(
        "--range",
        action="store_true",
        help="also run with other values of unpublished numbers, and show bands for bounces, late mail, "
        "duplicates and backlog",
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
        "--anonymous", action="store_true", help="with -o: replace people's names with roles in every file"
    )
    parser.add_argument(
        "--regret",
        action="store_true",
        help="show each command's value: run the drill again without it, or with it an hour earlier or later",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=0,
        metavar="N",
        help="with --regret: also run the costliest choices with N other seeds (at most 20)",
    )
    parser.add_argument(
        "--form",
        action="store_true",
        help="write an after-action form next to the drill, to fill in; -o reads it",
    )


WHOSE = "For facilitators: this drill is not over, and the debrief reveals its faults and when they began."
"""First line of the debrief of a drill that is not over."""


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.kernel.garbage import nothing_collected

    if args.output is None and (args.anonymous or args.audience != "all"):
        raise CommandMistake("--anonymous and --audience: apply only to files; add -o FOLDER")
    if args.seeds and not args.regret:
        raise CommandMistake("--seeds: works only with --regret; add it")
    if not 0 <= args.seeds <= 20:
        raise CommandMistake(f"--seeds {args.seeds}: give a number from 0 to 20")
    if args.output is not None and args.output.exists() and not args.output.is_dir():
        # checked now, so that no run is saved and no value of a command computed in vain
        raise CommandMistake(f"-o {args.output}: file exists; name a folder to write to")
    with _asked_for(args) as path:
        return nothing_collected(_debrief)(path, args)


def _asked_for(args: argparse.Namespace) -> AbstractContextManager[Path]:
    """The journal of the drill, or of the run of a plan. A run is saved only if the files of its debrief, or
    its form, refer to its journal. Raises CommandMistake.
    """
    from tui.shell.checking.kept_run import run_saved_once, unsaved_run
    from tui.shell.drill_files import find_drill

    if args.run is None:
        if args.set or args.seed != 1:
            raise CommandMistake("--seed and --set: a saved drill has its own; they belong to --run PLAN#N")
        return nullcontext(find_drill(args.drill))
    if args.drill is not None:
        raise CommandMistake(f"{args.drill}: give either a saved drill or --run")
    return nullcontext(run_saved_once(args)) if args.output is not None or args.form else unsaved_run(args)


def _debrief(path: Path, args: argparse.Namespace) -> int:
    from sim.drill.session.session import Session
    from tui.commands.run import report
    from tui.shell.parallel_regret import followed

    with followed(path) if args.regret else nullcontext() as begun:
        session = Session.replay(path)
        if args.form:
            _write_form(session, path)
        worth, nothing = None, None
        if args.regret:
            from tui.shell.command_worth import worth_of

            worth, nothing = worth_of(session, args.seeds, begun)
    if args.output is not None:
        _write_papers(session, path, args, worth, nothing)
    elif args.json:
        from sim.report.document.run_document import document

        print(json.dumps(document(session, str(session.launch.get("runbook", "none")), 0.0), indent=1))
    elif not args.form:
        if not session.ended:
            print(f"{WHOSE}\n")
        report(session, with_band=args.band, with_range=args.range)
        if worth is not None:
            from tui.shell.command_worth import print_worth

            print_worth(worth)
    return exit_status.YES


def _write_form(session: "Session", path: Path) -> None:
    """Write the form next to the drill, but keep an existing form. Raises CommandMistake."""
    from sim.report.paper.after_action import form_path, form_text
    from sim.report.paper.facts import facts_of
    from tui.shell.drill_files import usable_name
    from tui.shell.output_files import write_file

    form = form_path(path)
    if form.exists():
        raise CommandMistake(f"{form}: exists; edit it, or move it elsewhere first")
    write_file(form, form_text(facts_of(session)))
    print(f"wrote {form}; fill it in, then: mxdrill debrief {usable_name(path)} -o FOLDER")


_FOR = {"debrief.html": "the facilitator", "handout.html": "the players"}


def _write_papers(
    session: "Session", path: Path, args: argparse.Namespace, worth: "Worth | None", nothing: "Session | None"
) -> None:
    """Write the files of the debrief. Raises CommandMistake, BadFile for a wrong form."""
    from sim.report.outcome import outcome
    from sim.report.paper.facts import facts_of
    from tui.shell.output_files import paper_texts, write_all

    facts = facts_of(session, worth, None if nothing is None else outcome(nothing))
    texts = paper_texts(session, facts, path, audience=args.audience, anonymous=args.anonymous)
    write_all(args.output, texts, "-o ")
    if not session.ended and args.audience != "players":
        print(f"mxdrill: note: {WHOSE}", file=sys.stderr)
    said = [f"{name} is for {whom}" for name, whom in _FOR.items() if name in texts]
    print(f"wrote {len(texts)} files into {args.output}: {'; '.join(said)}")
