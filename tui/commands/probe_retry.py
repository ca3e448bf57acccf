"""`mxdrill probe retry`: simulate the attempts to deliver one message to a destination that fails."""

import argparse
from typing import TYPE_CHECKING, Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.mail.probes.retry_report import Report

HELP = """change a parameter of the sender, in its own notation: --set minimal_backoff_time=2s,
--set "retry=F,2h,15m; G,16h,1h,1.5; F,4d,6h"; a bare number is seconds.
scan_phase=D is the time from the arrival of the message to the next queue run
(default: one interval; `random` draws it from the seed)"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("platform", metavar="PLATFORM", help="id from `mxdrill platforms list`")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=HELP)
    ways = parser.add_mutually_exclusive_group()
    for way, text in (
        ("refuse", "the connection is refused (the default)"),
        ("timeout", "packets are dropped: the connection times out"),
        ("defer", "the recipient is deferred: 451 at RCPT"),
        ("reject", "the recipient is rejected: 550 at RCPT"),
    ):
        ways.add_argument(f"--{way}", dest="way", action="store_const", const=way, help=text)
    parser.add_argument(
        "--for", dest="for_", metavar="D", help="fail for this long, then accept (default: never accept)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed for scan_phase=random (default: 1)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document, times in seconds from arrival"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0. Raises CommandMistake for a wrong name or value."""
    report = _report(args)
    if args.json:
        import json

        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        from tui.shell.retry_text import lines

        print("\n".join(lines(report)))
    return exit_status.YES


def _report(args: argparse.Namespace) -> "Report":
    from sim.kernel.data_files import shipped_data_files
    from sim.kernel.duration import parse_duration
    from sim.mail.platforms.platform import BadSetting
    from sim.mail.platforms.retry.failure import AttemptFailure
    from sim.mail.probes.retry import TooLong
    from sim.mail.probes.retry_report import report_on

    ways = {
        "refuse": AttemptFailure.REFUSED,
        "timeout": AttemptFailure.TIMEOUT,
        "defer": AttemptFailure.DEFER,
        "reject": AttemptFailure.REJECT,
    }
    try:
        recovers_ms = None if args.for_ is None else parse_duration(args.for_)
    except ValueError as error:
        raise CommandMistake(f"--for: {error}") from None
    try:
        failure, settings = ways[args.way or "refuse"], settings_from(args.set)
        return report_on(shipped_data_files(), args.platform, settings, failure, recovers_ms, args.seed)
    except (BadSetting, TooLong) as error:
        raise CommandMistake(str(error)) from None


def settings_from(pairs: list[str]) -> dict[str, str]:
    """`NAME=VALUE` pairs; for the same name, the last one counts. Raises CommandMistake."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandMistake(f"--set {pair}: not NAME=VALUE, such as minimal_backoff_time=300s")
        settings[name.strip()] = value.strip()
    return settings
