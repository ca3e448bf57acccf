"""`mxdrill branch`: play a drill again with one difference, as a separate drill."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.session.branch import Difference
    from sim.drill.session.session import Session


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument("--at", metavar="T", help="leave out everything after this moment, such as T+26:14")
    parser.add_argument(
        "--without",
        type=int,
        metavar="N",
        help="leave out command number N (run without options to see the numbers)",
    )
    parser.add_argument(
        "--instead", metavar="COMMAND", help="give this command in place of N, or at the moment --at"
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="save the branch in this file")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.session.branch import branch
    from sim.drill.session.session import Session
    from tui.shell.drill_files import branch_of, find_drill, usable_name

    path = find_drill(args.drill)
    change = _change(args)
    parent = Session.replay(path)
    if change is None:
        _list(parent)
        return exit_status.YES
    kept = args.journal or branch_of(path)
    session = branch(parent, path, change, kept)
    session.close()
    name = usable_name(kept)
    if change.without is None and not change.instead:
        print(f"branch at {session.drill.clock(session.now_ms)}; to continue: mxdrill resume {name}")
    else:
        _compare(parent, session)
        print(f"\nsaved as {name}")
    return exit_status.YES


def _change(args: argparse.Namespace) -> "Difference | None":
    """The change requested by the options; None if there is none, in which case the commands are listed.
    Raises CommandMistake.
    """
    from sim.drill.commands.grammar import BadCommand, parse
    from sim.drill.session.branch import Difference
    from tui.shell.arguments import moment_ms

    if args.at is None and args.without is None:
        if args.instead:
            raise CommandMistake("--instead: give the command that it replaces: --without N, or --at T")
        return None
    if args.instead:
        try:
            parse(args.instead)
        except BadCommand as error:
            raise CommandMistake(f"--instead {args.instead}: {error}") from None
    at_ms = None if args.at is None else moment_ms("--at", args.at)
    return Difference(at_ms, args.without, args.instead or "")


def _list(session: "Session") -> None:
    """Print the commands with their numbers, moments and texts."""
    from sim.drill.session.branch import given
    from sim.kernel.duration import drill_time
    from sim.kernel.plain_line import on_one_line

    print("Give a change (--at T, --without N or --instead COMMAND). The commands of this drill:\n")
    for one in given(session):
        print(f"{one.number:>4}  {drill_time(one.t_ms, seconds=True):>12}  {on_one_line(one.text)}")


def _compare(parent: "Session", session: "Session") -> None:
    """Print the figures of the drill and of the branch side by side."""
    from sim.report.outcome import outcome
    from sim.report.table import side_by_side

    print(f"{'':<29}{'the drill':>16}{'the branch':>16}")
    for name, was, now in side_by_side([outcome(parent), outcome(session)]):
        print(f"{name:<29}{was:>16}{now:>16}{'' if was == now else '  *'}")
