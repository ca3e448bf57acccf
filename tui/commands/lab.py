"""`mxdrill lab`: open real SMTP ports on loopback that behave as in the outage, without the console."""

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell.arguments import add_seed_and_settings, span_ms
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.drill.scenario.scenario import Scenario
    from sim.drill.session.session import Session
    from tui.shell.lab.options import LabOptions


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        help="name of a shipped scenario or path of a file; required unless --rules is given",
    )
    parser.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="open one test server that fails by the rules in this file, without a scenario",
    )
    parser.add_argument(
        "--mail",
        type=Path,
        metavar="FOLDER",
        help="with --rules: Maildir for accepted messages (default: mxdrill-mail)",
    )
    _add_ports(parser)
    parser.add_argument(
        "--speed", type=float, default=60, metavar="X", help="simulated seconds per second (default: 60)"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="send one message through each port, report, and end (with --until: at that moment)",
    )
    parser.add_argument(
        "--truth", action="store_true", help="also print what is hidden from trainees: faults and their ends"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="print only real mail, replies to commands, and problems"
    )
    add_seed_and_settings(parser)
    parser.add_argument(
        "--journal",
        type=Path,
        metavar="FILE",
        help="save the drill in this file, and its mail next to it",
    )
    parser.add_argument(
        "--until",
        metavar="D",
        help="stop this long after the start, such as 40h (default: at the end)",
    )


def _add_ports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--smtp-port", type=int, default=0, metavar="N", help="port of the MX (default: a free one)"
    )
    parser.add_argument(
        "--dns-port",
        type=int,
        default=0,
        metavar="N",
        help="port of the zone's name servers (default: a free one)",
    )
    parser.add_argument(
        "--mail-server",
        type=int,
        metavar="N",
        help="deliver to your own SMTP server on this port of 127.0.0.1, in place of the lab's mail server",
    )
    parser.add_argument(
        "--ports", type=Path, metavar="FILE", help="write the ports to this file as JSON, once they answer"
    )
    parser.add_argument(
        "--tls",
        choices=("offered", "expired", "missing"),
        default="offered",
        help="STARTTLS: with a valid certificate (default), an expired one, or none; needs the extra `lab`",
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="N",
        help="serve figures for Prometheus on this port (0: a free one); needs the extra `lab`",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 130 after Ctrl-C; 2 for a mistake, with one line of text; 1 for a failed check."""
    if args.rules is not None:
        return _by_rules(args)
    if args.scenario is None:
        raise CommandMistake("lab: name a scenario, such as exchange-down, or give --rules FILE")
    if args.tls == "expired" and find_spec("cryptography") is None:
        raise CommandMistake("--tls expired: needs an extra; install it with `pip install 'mxdrill[lab]'`")
    if args.mail is not None:
        raise CommandMistake("--mail: only with --rules; a drill keeps its mail next to its journal")
    from sim.drill.session.load import load_scenario, settings_from
    from tui.shell.lab.options import LabOptions
    from tui.shell.lab.run import run_lab

    options = LabOptions(
        check_speed(args.speed),
        until_ms(args.until),
        _port("--smtp-port", args.smtp_port),
        _port("--dns-port", args.dns_port),
        args.ports,
        truth=args.truth,
        quiet=args.quiet,
        metrics_port=_metrics_port(args.metrics_port),
        tls=args.tls,
        mail_server_port=_own_server(args.mail_server),
    )
    scenario = load_scenario(args.scenario, settings_from(args.set))
    if args.check:
        return _check(scenario, args, options)
    return run_lab(_new_session(scenario, args), options)


def _check(scenario: "Scenario", args: argparse.Namespace, options: "LabOptions") -> int:
    """Run `--check`: without `--journal`, no file is left behind."""
    from tempfile import TemporaryDirectory

    from tui.shell.lab.check import CheckOptions, run_check

    asked = CheckOptions(options.until_ms or 0, options.smtp_port, options.dns_port, options.mail_server_port)
    with TemporaryDirectory(prefix="mxdrill-check-") as folder:
        args.journal = args.journal or Path(folder) / "check.jsonl"
        return run_check(_new_session(scenario, args), asked)


def _by_rules(args: argparse.Namespace) -> int:
    from sim.live.rule_file import read_rules
    from tui.shell.lab.rules_run import run_rules

    if args.scenario is not None:
        raise CommandMistake(f"lab: give a scenario ({args.scenario}) or --rules, not both")
    if args.mail_server is not None:
        raise CommandMistake("--mail-server: only with a scenario; a test server delivers nothing")
    rules = read_rules(args.rules)
    return run_rules(rules, args.mail or Path("mxdrill-mail"), _port("--smtp-port", args.smtp_port))


def _metrics_port(number: int | None) -> int | None:
    """The port for metrics, checked before a drill begins; None if there is none. Raises CommandMistake."""
    if number is None:
        return None
    if find_spec("prometheus_client") is None:
        raise CommandMistake("--metrics-port: needs an extra; install it with `pip install 'mxdrill[lab]'`")
    return _port("--metrics-port", number)


def _own_server(number: int | None) -> int:
    """The port of the user's own mail server; 0 if there is none. Raises CommandMistake."""
    if number is not None and not 0 < number <= 65535:
        raise CommandMistake(f"--mail-server {number}: give the port of your server, from 1 to 65535")
    return number or 0


def check_speed(speed: float) -> float:
    """`speed`, checked. Raises CommandMistake."""
    from tui.shell.lab.words import FASTEST

    if not 0 < speed <= FASTEST:
        raise CommandMistake(f"--speed {speed:g}: give a number above 0 and at most {FASTEST}")
    return speed


def until_ms(text: str | None) -> int | None:
    """Milliseconds of `--until`, None if it was not given. Raises CommandMistake."""
    return None if text is None else span_ms("--until", text)


def _port(option: str, number: int) -> int:
    if not 0 <= number <= 65535:
        raise CommandMistake(f"{option} {number}: give a port from 1 to 65535, or 0 for a free one")
    return _free(option, number)


def _free(option: str, port: int) -> int:
    """`port`, checked to be free before a drill begins and is stored. Raises CommandMistake."""
    from sim.live.ports import PortTaken, hold

    try:
        hold(port).close()
    except PortTaken as taken:
        raise CommandMistake(f"{option}: {taken}") from None
    return port


def _new_session(scenario: "Scenario", args: argparse.Namespace) -> "Session":
    from datetime import datetime

    from sim.drill.session.session import Session
    from sim.live.disk.mail_folder import launch_of_a_lab
    from tui.shell.drill_files import new_journal

    path = args.journal or new_journal(scenario.id, datetime.now().astimezone())
    launch = {
        **launch_of_a_lab(),
        "console": False,
        "speed": args.speed,
        "smtp_port": args.smtp_port,
        "dns_port": args.dns_port,
        "tls": args.tls,
        "mail_server_port": args.mail_server or 0,
        "truth": args.truth,
        "quiet": args.quiet,
    }
    return Session.start(scenario, args.seed, path, launch)
