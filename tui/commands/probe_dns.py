"""`mxdrill probe dns`: show how long resolvers keep old answers after a change."""

import argparse
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.mail.probes.dns import Question

HELP = """change a setting of the resolver, in its own notation: --set cache-max-ttl=300, --set cache-rr=MX;
`mxdrill resolvers show ID` lists them; a bare number is seconds"""
LEAST_RATE, MOST_RATE = 1e-6, 1e6


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--ttl",
        default="3600",
        metavar="S",
        help="TTL of the record; for a negative answer, the lesser of the SOA's TTL and minimum (default: "
        "3600)",
    )
    parser.add_argument(
        "--resolver",
        default="mix",
        metavar="KIND",
        help="id from `mxdrill resolvers list` (default: mix, the resolvers of a domain's correspondents)",
    )
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=HELP)
    parser.add_argument(
        "--rate",
        default="busy",
        metavar="Q",
        help="random queries per second for the name (default: busy, queried all the time)",
    )
    parser.add_argument("--type", default="MX", metavar="TYPE", help="type of the record (default: MX)")
    parser.add_argument(
        "--was",
        choices=("record", "nxdomain", "nodata"),
        default="record",
        help="kind of the old answer (default: record)",
    )
    parser.add_argument(
        "--flush", metavar="D", help="flush the name at the public flush page this long after the change"
    )
    parser.add_argument("--lowered-from", metavar="S", help="TTL before it was lowered; needs --lead")
    parser.add_argument(
        "--lead", metavar="D", help="time between lowering the TTL and the change; needs --lowered-from"
    )
    parser.add_argument("--dead", metavar="D", help="also take the authoritative servers down for this long")
    parser.add_argument(
        "--draws",
        type=int,
        default=0,
        metavar="N",
        help="show percentiles of N randomly drawn caches instead of exact ones",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of --draws (default: 1)")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document, times in seconds after the change"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0. Raises CommandMistake for a wrong name or value."""
    from sim.kernel.data_files import shipped_data_files
    from sim.mail.platforms.platform import BadSetting
    from sim.mail.probes.dns import probe

    try:
        answer = probe(shipped_data_files(), _question(args))
    except BadSetting as error:
        raise CommandMistake(str(error)) from None
    if args.json:
        import json

        from sim.mail.probes.dns_report import as_json

        print(json.dumps(as_json(answer), ensure_ascii=False))
    else:
        from tui.shell.dns_text import lines

        print("\n".join(lines(answer)))
    return exit_status.YES


def _question(args: argparse.Namespace) -> "Question":
    from sim.mail.dns.cache_policy import Kind
    from sim.mail.probes.dns import MOST_DRAWS, Question

    if (args.lowered_from is None) != (args.lead is None):
        raise CommandMistake("--lowered-from and --lead: write both or neither")
    if not 0 <= args.draws <= MOST_DRAWS:
        raise CommandMistake(f"--draws {args.draws}: write a number from 1 to {MOST_DRAWS}")
    lowered = None
    if args.lowered_from is not None:
        lowered = (_time("--lowered-from", args.lowered_from), _time("--lead", args.lead))
    return Question(
        resolver=args.resolver,
        ttl_ms=_time("--ttl", args.ttl),
        settings=_settings(args.set),
        gap_ms=_gap_ms(args.rate),
        rrtype=_rrtype(args.type),
        was=Kind(args.was),
        flush_ms=None if args.flush is None else _time("--flush", args.flush),
        lowered=lowered,
        dead_ms=None if args.dead is None else _time("--dead", args.dead),
        draws=args.draws,
        seed=args.seed,
    )


def _settings(pairs: list[str]) -> dict[str, str]:
    """`NAME=VALUE` pairs; for the same name, the last one counts."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandMistake(f"--set {pair}: not NAME=VALUE, such as cache-max-ttl=300")
        settings[name.strip()] = value.strip()
    return settings


def _time(option: str, text: str) -> int:
    from sim.mail.dns.setting_notation import parse_ttl

    try:
        return parse_ttl(text)
    except ValueError as error:
        raise CommandMistake(f"{option}: {error}") from None


def _rrtype(text: str) -> str:
    if text.upper() == "MX":
        return "MX"
    from dns.exception import DNSException
    from dns.rdatatype import from_text, is_metatype

    try:
        known = not is_metatype(from_text(text))
    except (DNSException, ValueError):
        known = False
    if not known:
        raise CommandMistake(f"--type {text[:20]}: not a record type; write one such as MX, A or TXT")
    return text.upper()


def _gap_ms(text: str) -> int:
    """Mean milliseconds between queries; 0 for `busy`."""
    if text == "busy":
        return 0
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise CommandMistake(
            f"--rate {text}: not a number of queries per second from {LEAST_RATE:g} to {MOST_RATE:g},"
            " such as 0.01, or busy"
        )
    return max(round(1000 / rate), 1)
