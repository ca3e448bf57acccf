"""`mxdrill table`: a tabletop exercise with a facilitator and players in roles, around one running outage."""

import argparse
import getpass
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell.arguments import add_seed_and_settings
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.table.exercise import Exercise
    from tui.table.ways_back import KeptWays

USUAL_SEATS = "messaging,dns,comms,lead"
DOORS = ("browser", "ssh", "lines")
USUAL_DOORS = "browser" if sys.platform == "win32" else "browser,lines"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", help="name of a shipped scenario or path of a file"
    )
    parser.add_argument(
        "--seats",
        default=USUAL_SEATS,
        metavar="LIST",
        help=f"the players' seats (default: {USUAL_SEATS}; others: server, security, helpdesk)",
    )
    parser.add_argument("--facilitator", metavar="NAME", help="your name (default: the user's)")
    parser.add_argument("--speed", type=int, default=60, metavar="X", help="speed of the clock (default: 60)")
    add_seed_and_settings(parser)
    parser.add_argument(
        "--doors",
        metavar="LIST",
        help=f"how players reach their seats: browser, ssh, lines (default: {USUAL_DOORS})",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port for browsers (default: a free one)"
    )
    parser.add_argument(
        "--ssh-port", type=int, default=0, metavar="N", help="port for SSH (default: a free one)"
    )
    parser.add_argument(
        "--lan", default="", metavar="ADDRESS", help="also open the seats at this network address"
    )
    parser.add_argument(
        "--socket", type=Path, metavar="FILE", help="socket for JSON lines (default: next to the journal)"
    )
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="save the exercise in this file (default: data folder)"
    )
    parser.add_argument(
        "--plain", action="store_true", help="use typed lines for the facilitator, even in a terminal"
    )
    parser.add_argument("--resume", metavar="DRILL|FILE", help="continue an exercise that was left or killed")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 130 after Ctrl+C."""
    if (args.scenario is None) == (args.resume is None):
        raise CommandMistake("table: name a scenario, such as gateway-down, or give --resume DRILL")
    if args.lan:
        from tui.table.address import lan_address

        lan_address(args.lan)  # before anything is written
    if args.resume is not None:
        from tui.shell.drill_files import find_drill

        return resume(find_drill(args.resume), args)
    return _serve(_new(args), args)


def resume(path: Path, args: argparse.Namespace) -> int:
    """Continue the exercise of the journal at `path`. Raises BadSeat if it is not one."""
    from sim.table.exercise import Exercise
    from tui.table.ways_back import kept

    return _serve(Exercise.resume(path), args, kept(path))


def _new(args: argparse.Namespace) -> "Exercise":
    from datetime import datetime

    from sim.drill.facilitation.seats import FASTEST
    from sim.drill.room.table_record import FACILITATOR
    from sim.drill.session.load import load_scenario, settings_from
    from sim.table.exercise import Exercise
    from tui.shell.drill_files import new_journal

    if not 1 <= args.speed <= FASTEST:
        raise CommandMistake(f"--speed {args.speed}: give a whole number from 1 to {FASTEST}")
    scenario = load_scenario(args.scenario, settings_from(args.set))
    path = args.journal or new_journal("table", datetime.now().astimezone())
    names = [one.strip() for one in args.seats.split(",") if one.strip()]
    exercise = Exercise.start(scenario, args.seed, path, names, {"mode": "exam", "speed": args.speed})
    person = args.facilitator or _user()
    exercise.sit(FACILITATOR, person)
    for word in (f"speed {args.speed}", "freeze start the clock with `go` when everyone is here"):
        exercise.do(FACILITATOR, person, word)
    return exercise


def _serve(exercise: "Exercise", args: argparse.Namespace, before: "KeptWays | None" = None) -> int:
    """Serve it until the facilitator leaves. `before`: the doors that it had, for one that comes back."""
    from tui.shell.terminal import is_terminal
    from tui.table.doors import WantedDoors, doors_of
    from tui.table.serving import serve
    from tui.table.ways_back import KeptWays

    asked = getattr(args, "doors", None)
    if asked is None:
        asked = ",".join(before.doors) if before is not None else USUAL_DOORS
    names = tuple(one for one in asked.split(",") if one)
    wrong = [one for one in names if one not in DOORS]
    if wrong:
        exercise.close()
        raise CommandMistake(f"--doors {wrong[0]}: not a door; choose from {', '.join(DOORS)}")
    was = before or KeptWays(names)
    wanted = WantedDoors(
        names,
        getattr(args, "port", 0) or was.port,
        getattr(args, "ssh_port", 0) or was.ssh_port,
        getattr(args, "lan", "") or was.lan,
        getattr(args, "socket", None),
    )
    person = getattr(args, "facilitator", None) or _user()
    screen = is_terminal() and not getattr(args, "plain", False)
    return serve(exercise, person, partial(doors_of, wanted=wanted), screen=screen)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a machine without a name for this user
        return "facilitator"
