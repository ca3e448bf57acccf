"""`mxdrill resume`: continue a drill that was left or killed, from its last time mark."""

import argparse
from typing import TYPE_CHECKING, Any, cast

from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui.playing.opened import Opened


def add(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument(
        "drill",
        nargs="?",
        metavar="DRILL|FILE",
        help="beginning of a saved drill's name, or path of a journal (default: the newest)",
    )
    parser.add_argument("--speed", type=float, metavar="X", help="initial speed of the clock (default: 60)")
    parser.add_argument(
        "--until", metavar="D", help="for a lab without the console: stop this long after the start"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 130 after Ctrl+C."""
    from tui.commands.play import show
    from tui.shell.drill_files import find_drill
    from tui.shell.standard_streams import is_terminal

    path = find_drill(args.drill)
    launch = _launch(path)
    if "table" in launch:
        from tui.commands.table import resume

        return resume(path, args)
    if "lab" in launch and (launch.get("console") is False or not is_terminal()):
        return _lab(path, args, launch)
    speed = 60 if args.speed is None else args.speed
    if not (1 <= speed <= 3600 and speed == int(speed)):
        raise CommandMistake(f"--speed {speed:g}: give a whole number from 1 to 3600")
    if args.until is not None:
        raise CommandMistake("--until: works only for a lab without the console")
    if not is_terminal():
        raise CommandMistake(f"{path.name}: the console needs a terminal; `mxdrill debrief` does not")

    def opener() -> "Opened":
        from tui.playing.open_drill import go_on

        return go_on(path)

    return show(opener, int(speed))


def _launch(path: "Path") -> "Mapping[str, Any]":
    """The launch options in the journal's header. Raises BadJournal."""
    from sim.drill.session.journal_reading import read_header

    return cast("Mapping[str, Any]", read_header(path).get("launch", {}))


def _lab(path: "Path", args: argparse.Namespace, launch: "Mapping[str, Any]") -> int:
    """Continue a drill with real mail and no console. Returns the exit status."""
    from sim.drill.session.session import Session
    from sim.live.certificate import TLS
    from tui.commands.lab import check_speed, until_ms
    from tui.shell.lab.options import LabOptions
    from tui.shell.lab.run import run_lab

    speed = launch.get("speed", 60) if args.speed is None else args.speed
    options = LabOptions(
        check_speed(speed),
        until_ms(args.until),
        launch.get("smtp_port", 0),
        launch.get("dns_port", 0),
        tls=launch.get("tls", "offered") if launch.get("tls") in TLS else "offered",
        truth=bool(launch.get("truth")),
        quiet=bool(launch.get("quiet")),
        mail_server_port=launch.get("mail_server_port", 0),
    )
    return run_lab(Session.resume(path), options)
