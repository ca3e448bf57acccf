"""`mxdrill table`: a tabletop exercise with a facilitator and players in roles, around one running outage."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell.arguments import add_seed_and_settings
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.table.exercise import Exercise
    from tui.table.doors import WantedDoors
    from tui.table.ways_back import KeptWays

USUAL_SEATS = "messaging,dns,comms,lead"
DOORS = ("browser", "ssh", "lines")
HIGHEST_PORT = 65_535
RESUMED = "the exercise has been resumed; `go` starts the clock when everyone is back"
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
    parser.add_argument(
        "--facilitator", metavar="NAME", help="your name, which players see (default: facilitator)"
    )
    parser.add_argument(
        "--stop-word",
        metavar="WORDS",
        help="words that stop the clock when anyone types them in a real emergency (default: REAL EMERGENCY)",
    )
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
        "--plain",
        action="store_true",
        help="give the facilitator typed lines, not a screen, even in a terminal",
    )
    parser.add_argument("--resume", metavar="DRILL|FILE", help="continue an exercise that was left or killed")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 130 after Ctrl+C."""
    if args.scenario is not None and args.resume is not None:
        raise CommandMistake(
            f"table: {args.scenario} starts an exercise and --resume continues one; give only one of them"
        )
    if args.scenario is None and args.resume is None:
        raise CommandMistake("table: name a scenario, such as gateway-down, or give --resume DRILL")
    if args.lan:
        from tui.table.address import lan_address

        lan_address(args.lan)  # checked before anything is written
    if args.resume is not None:
        from tui.shell.drill_files import find_drill

        return resume(find_drill(args.resume), args)
    doors = _doors(args, None)
    return _serve(_new(args), args, doors, new=True)


def resume(path: Path, args: argparse.Namespace) -> int:
    """Continue the exercise of the journal at `path`. Raises BadSeat if it is not one."""
    from sim.drill.room.table_record import FACILITATOR
    from sim.table.exercise import Exercise
    from tui.table.ways_back import kept

    ways = kept(path)
    doors = _doors(args, ways)
    exercise = Exercise.resume(path)
    if not (exercise.ended or exercise.frozen):
        exercise.do(FACILITATOR, exercise.person(FACILITATOR), f"freeze {RESUMED}")
    return _serve(exercise, args, doors)


def _new(args: argparse.Namespace) -> "Exercise":
    from datetime import datetime

    from sim.drill.facilitation.seats import FASTEST
    from sim.drill.room.table_record import FACILITATOR
    from sim.drill.session.load import load_scenario, settings_from
    from sim.table.exercise import Exercise
    from sim.table.seats import bad_name
    from tui.commands.tables.pack import stop_word_of
    from tui.shell.drill_files import new_journal

    if not 1 <= args.speed <= FASTEST:
        raise CommandMistake(f"--speed {args.speed}: give a whole number from 1 to {FASTEST}")
    person = _name(args)
    if mistake := bad_name(person):
        raise CommandMistake(f"--facilitator: {mistake}")
    scenario = load_scenario(args.scenario, settings_from(args.set))
    path = args.journal or new_journal("table", datetime.now().astimezone())
    names = [one.strip() for one in args.seats.split(",") if one.strip()]
    launch = {"mode": "exam", "speed": args.speed, "stop_word": stop_word_of(args)}
    exercise = Exercise.start(scenario, args.seed, path, names, launch)
    exercise.sit(FACILITATOR, person)
    for word in (f"speed {args.speed}", "freeze start the clock with `go` when everyone is here"):
        exercise.do(FACILITATOR, person, word)
    return exercise


def _doors(args: argparse.Namespace, before: "KeptWays | None") -> "WantedDoors":
    """The requested doors (servers for clients). `before`: the doors that the exercise had before. Raises
    CommandMistake.
    """
    from tui.table.doors import WantedDoors
    from tui.table.ways_back import KeptWays

    asked = getattr(args, "doors", None)
    if asked is None:
        asked = ",".join(before.doors) if before is not None else USUAL_DOORS
    names = tuple(one for one in asked.split(",") if one)
    wrong = [one for one in names if one not in DOORS]
    if wrong:
        raise CommandMistake(f"--doors {wrong[0]}: not a door; choose from {', '.join(DOORS)}")
    for option in ("port", "ssh_port"):
        if not 0 <= (port := getattr(args, option, 0)) <= HIGHEST_PORT:
            raise CommandMistake(f"--{option.replace('_', '-')} {port}: give a port from 0 to {HIGHEST_PORT}")
    was = before or KeptWays(names)
    return WantedDoors(
        names,
        getattr(args, "port", 0) or was.port,
        getattr(args, "ssh_port", 0) or was.ssh_port,
        getattr(args, "lan", "") or was.lan,
        getattr(args, "socket", None),
    )


def _serve(
    exercise: "Exercise", args: argparse.Namespace, wanted: "WantedDoors", *, new: bool = False
) -> int:
    """Serve the exercise until the facilitator leaves. `new`: its journal is deleted if no door can be
    opened.
    """
    from tui.shell.standard_streams import is_terminal
    from tui.table.doors import doors_of
    from tui.table.serving import serve

    screen = is_terminal() and not getattr(args, "plain", False)
    return serve(exercise, _name(args), partial(doors_of, wanted=wanted), screen=screen, new=new)


def _name(args: argparse.Namespace) -> str:
    return getattr(args, "facilitator", None) or "facilitator"
