"""`mxdrill resolvers`: list or show the caching rules of DNS resolvers, each number with its source."""

import argparse
from typing import TYPE_CHECKING, Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.kernel.data_files import DataFiles
    from sim.mail.dns.resolver_file import PopulationFile, ResolverFile
    from sim.mail.platforms.platform_file import Sourced


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "show"), help="list all resolvers, or show one")
    parser.add_argument("resolver", nargs="?", metavar="ID", help="id of the resolver to show")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0. Raises CommandMistake for an unknown id."""
    from sim.kernel.data_files import shipped_data_files
    from sim.mail.dns.resolver import population_ids, read_population, read_resolver, resolver_ids
    from sim.mail.platforms.platform import BadSetting

    files = shipped_data_files()
    if args.action == "list":
        if args.resolver:
            raise CommandMistake(
                f"resolvers list {args.resolver}: `list` does not take an id; use resolvers show"
            )
        return _list(files, args.json)
    if not args.resolver:
        known = ", ".join((*resolver_ids(files), *population_ids(files)))
        raise CommandMistake(f"resolvers show: name one of {known}")
    try:
        if args.resolver in population_ids(files):
            mix = read_population(files, args.resolver)
            return _print_json(mix.model_dump(mode="json")) if args.json else _print(_mix(mix))
        file = read_resolver(files, args.resolver)
    except BadSetting as error:
        raise CommandMistake(str(error)) from None
    return _print_json(file.model_dump(mode="json")) if args.json else _print(_sheet(file))


def _list(files: "DataFiles", as_json: bool) -> int:
    from sim.mail.dns.resolver import load_resolver, population_ids, read_population, resolver_ids
    from sim.mail.probes.dns_report import seconds

    rows = []
    for resolver_id in resolver_ids(files):
        resolver = load_resolver(files, resolver_id)
        facts = resolver.file.facts().values()
        guessed = sum(fact.confidence == "assumed" for fact in facts)
        rows.append(
            {
                "id": resolver.id,
                "name": resolver.name,
                "what": resolver.file.what,
                "life_of_ttl_3600_s": seconds(resolver.lives(3_600_000)[-1].life.renewed_ms),
                "settings": list(resolver.file.settings),
                "assumed_share": round(guessed / len(facts), 3),
            }
        )
    if as_json:
        return _print_json(rows)
    lines = [f"{'id':<17} {'MX of TTL 3600':>15}  {'assumed':>7}  what"]
    for row in rows:
        kept = f"up to {row['life_of_ttl_3600_s']:g} s" if row["life_of_ttl_3600_s"] else "not cached"
        lines.append(
            f"{row['id']:<17} {kept:>15}  {row['assumed_share']:>7.0%}  {row['name']}: {row['what']}"
        )
    lines += [
        f"{name:<17} {'':>15}  {'':>7}  {read_population(files, name).what}" for name in population_ids(files)
    ]
    return _print(lines)


def _sheet(file: "ResolverFile") -> list[str]:
    lines = [f"{file.name}{f' {file.version}' if file.version else ''}: {file.what}", ""]
    if file.settings:
        lines.append("settings (probe dns --set NAME=VALUE)")
    for name, setting in file.settings.items():
        other = f" (also {', '.join(setting.also)})" if setting.also else ""
        lines += _fact(f" {name} = {setting.value}{other}", setting, setting.means)
    lines += ["", "fixed numbers"]
    for role, number in file.fixed.items():
        lines += _fact(f" {role.replace('_', ' ')}: {number.value}", number, number.means)
    lines += _fact(f" when authoritative servers are down: {file.dead_authority.value}", file.dead_authority)
    if file.flush_page:
        lines += _fact(f" public flush page: {file.flush_page.value}", file.flush_page)
    lines += [f"differs: {text}" for text in file.contradictions]
    lines += [f"not modelled: {text}" for text in file.not_modelled]
    return [*lines, "", *_sources(file)]


def _mix(file: "PopulationFile") -> list[str]:
    lines = [f"{file.name}: {file.what}", ""]
    for name, share in file.shares.items():
        lines += _fact(f" {name:<17} {share.ppm / 10_000:>6.2f} %", share)
    return [*lines, "", *_sources(file)]


def _sources(file: "ResolverFile | PopulationFile") -> list[str]:
    return [
        "sources",
        *(f" {key}: {s.title}{f', {s.url}' if s.url else ''}" for key, s in file.sources.items()),
    ]


def _fact(head: str, fact: "Sourced", means: str = "") -> list[str]:
    tail = "; ".join(text for text in (means, fact.note) if text)
    return [f"{head}   [{fact.confidence}: {fact.source}]", *([f"     {tail}"] if tail else [])]


def _print(lines: list[str]) -> int:
    print("\n".join(lines))
    return exit_status.YES


def _print_json(value: Any) -> int:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1))
    return exit_status.YES
