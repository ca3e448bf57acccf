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
    from collections.abc import Sequence

    from sim.drill.session.session import Session
    from sim.report.paper.regret_rows import RegretRow, ValleyRow, Worth
    from sim.study.what_if.regret import Regret
    from sim.study.what_if.seeds import Confirmed
    from sim.study.what_if.valley import Valley
    from tui.shell.parallel_regret import Following


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
        worth, nothing = _worth(session, args.seeds, begun) if args.regret else (None, None)
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
            _print_worth(worth)
    return exit_status.YES


def _worth(session: "Session", seeds: int, begun: "Following | None") -> "tuple[Worth, Session | None]":
    """The value of each command, and its best time, from about seventy runs on all cores.

    Ctrl+C stops them, and the debrief is then shown without them. The second part of the result is the
    drill with no action, if known.
    """
    from sim.report.debrief import ghost_of
    from sim.report.paper.regret_rows import STOPPED, Worth
    from sim.study.what_if.prepared import preparations, readiness_worth
    from sim.study.what_if.regret import choices, regrets
    from sim.study.what_if.seeds import confirmed
    from sim.study.what_if.valley import valleys
    from tui.shell.parallel_regret import on_all_cores, on_other_seeds
    from tui.shell.standard_streams import tell

    try:
        with on_all_cores(session, begun) as (studied, runs):
            nothing = ghost_of(session)
            runs(preparations(studied))  # needed last, but begun now because a core would otherwise be idle
            found = regrets(session, studied, runs, nothing)
            moved = valleys(studied, found, runs)
            ready = readiness_worth(studied, found, runs)
        surer = confirmed(studied, choices(found), seeds, on_other_seeds)
    except KeyboardInterrupt:
        tell(f"mxdrill: note: {STOPPED}")
        return Worth((), stopped=True), None
    return _told_worth(session, found, moved, ready, surer), nothing


def _told_worth(
    session: "Session",
    found: "Sequence[Regret]",
    moved: "Sequence[Valley]",
    ready: "Sequence[Regret]",
    surer: "Sequence[Confirmed]",
) -> "Worth":
    """The results of a study of `session` as rows: choices that would have been better, other moments,
    then choices that paid off.
    """
    from sim.report.paper.regret_rows import RegretRow, Worth
    from sim.report.timeline import when
    from sim.study.documents.regret_text import chain, difference, what_if, with_seeds
    from sim.study.what_if.regret import choices, is_trade, timing

    seeds = {one.variation: one for one in surer}

    def told(one: "Regret", *, timed: bool = False) -> RegretRow:
        change = difference(one)
        if one.variation in seeds:
            change += f"; {with_seeds(seeds[one.variation])}"
        local, elapsed = when(session, one.first_ms)
        return RegretRow(
            local,
            elapsed,
            one.variation.text,
            what_if(one),
            change,
            one.gain > 0,
            timed,
            is_trade(one),
            chain(one),
        )

    rows = [told(one) for one in choices(found)]
    ordered = (
        *(one for one in rows if one.better),
        *(told(one, timed=True) for one in timing(found)),
        *reversed([one for one in rows if not one.better]),
    )
    return Worth(ordered, tuple(_drawn(session, one) for one in moved), tuple(told(one) for one in ready))


def _drawn(session: "Session", one: "Valley") -> "ValleyRow":
    from sim.kernel.duration import MINUTE_MS
    from sim.report.paper.regret_rows import ValleyRow
    from sim.report.timeline import when

    late_ms = one.too_late_ms
    return ValleyRow(
        one.text,
        tuple(
            ((t_ms - one.given_ms) // MINUTE_MS, when(session, t_ms)[0], 0.0 - 100 * gain)
            for t_ms, gain in one.points
        ),
        when(session, one.given_ms)[0],
        when(session, one.best_ms)[0],
        "" if late_ms is None else when(session, late_ms)[0],
        0.0 - 100 * one.never,
    )


def _print_worth(worth: "Worth") -> None:
    """Print the value of each command; if the calculation was stopped, only say so."""
    from sim.report.paper.html.valley import said
    from sim.report.paper.regret_rows import PREPARED, STOPPED, TOLD_EMPTY

    if worth.stopped:
        print(f"\n{STOPPED}")
        return
    print("\nThe value of each command: the same seed, with one difference")
    for title, rows in worth.groups:
        if title == PREPARED and worth.valleys:
            print(
                "\nThe cost of a decision at other times (the command at other moments, everything else "
                "the same)"
            )
            print("".join(f"  {one.command}\n{'':<4}{said(one)}\n" for one in worth.valleys), end="")
        if rows or title in TOLD_EMPTY:
            _print(title, rows)


def _print(title: str, rows: "Sequence[RegretRow]") -> None:
    from sim.report.paper.regret_rows import NOTHING

    print(f"\n{title}")
    for one in rows:
        print(f"  {one.local:<10}  {one.elapsed:>7}  {one.command}")
        print(f"{'':<21}{one.what_if}: {one.told}")
    if not rows:
        print(f"  {NOTHING}")


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
