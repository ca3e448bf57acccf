"""`mxdrill replay`: show a played drill again, event by event."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.room.events import Event

LONGEST_WAIT_S = 5.0
"""Maximum wall time between two events, so that quiet nights are short."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument("--from", dest="since", metavar="T", help="begin at this moment, such as T+26:14")
    parser.add_argument(
        "--speed",
        type=float,
        metavar="X",
        help="show events at X times their real speed (default: all at once)",
    )
    parser.add_argument(
        "--truth", action="store_true", help="also show faults and milestones, which trainees did not see"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from sim.drill.room.events import HIDDEN_FROM_TRAINEE
    from sim.drill.session.session import Session
    from sim.kernel.duration import drill_time
    from tui.shell.arguments import moment_ms
    from tui.shell.drill_files import find_drill

    if args.speed is not None and not 1 <= args.speed <= 1_000_000:
        raise CommandMistake(f"--speed {args.speed:g}: give a number from 1 to 1000000")
    since_ms = 0 if args.since is None else moment_ms("--from", args.since)
    session = Session.replay(find_drill(args.drill))
    if since_ms > session.now_ms:
        raise CommandMistake(f"--from {args.since}: the drill has only reached {drill_time(session.now_ms)}")
    before_ms = since_ms
    for event in session.events():
        if event.t_ms < since_ms or (event.kind in HIDDEN_FROM_TRAINEE and not args.truth):
            continue
        if args.speed is not None:
            _wait(event.t_ms - before_ms, args.speed)
        before_ms = event.t_ms
        print(_line(f"{session.drill.local(event.t_ms):%a %H:%M:%S}", event))
    return exit_status.YES


def _wait(span_ms: int, speed: float) -> None:
    sys.stdout.flush()
    time.sleep(min(span_ms / 1000 / speed, LONGEST_WAIT_S))


def _line(local: str, event: "Event") -> str:
    """An event in one line: `Mon 09:21:00 T+01:21:00 > alerts ack`."""
    from sim.kernel.duration import drill_time
    from sim.kernel.plain_line import on_one_line

    sign = {"command": ">", "refused": "!", "failed": "!"}.get(event.kind, " ")
    said = on_one_line(f"{event.source}: {event.text}")
    return f"{local}  {drill_time(event.t_ms, seconds=True):>11} {sign} {said}"
