"""`mxdrill platforms`: list or show the retry rules of sending systems, each number with its source."""

import argparse
from typing import TYPE_CHECKING, Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from sim.kernel.data_files import DataFiles
    from sim.mail.platforms.platform_file import PlatformFile, Sourced


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "show"), help="list all sending systems, or show one")
    parser.add_argument("platform", nargs="?", metavar="ID", help="id of the sending system to show")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0. Raises CommandMistake for an unknown id."""
    from sim.kernel.data_files import shipped_data_files
    from sim.mail.platforms.platform import BadSetting, platform_ids

    files = shipped_data_files()
    if args.action == "list":
        if args.platform:
            raise CommandMistake(
                f"platforms list {args.platform}: `list` does not take an id; use platforms show"
            )
        return _list(files, args.json)
    if not args.platform:
        raise CommandMistake(f"platforms show: name one of {', '.join(platform_ids(files))}")
    try:
        return _show(files, args.platform, args.json)
    except BadSetting as error:
        raise CommandMistake(str(error)) from None


def _list(files: "DataFiles", as_json: bool) -> int:
    from sim.kernel.duration import in_words
    from sim.mail.platforms.platform import assumed_share, load_platform, platform_ids

    found = [load_platform(files, platform_id) for platform_id in platform_ids(files)]
    rows = [
        {
            "id": platform.id,
            "name": platform.name,
            "what": platform.file.what,
            "retry": platform.kind,
            "gives_up_s": platform.expires_ms / 1000,
            "assumed_share": round(assumed_share(platform.file), 3),
        }
        for platform in found
    ]
    if as_json:
        _print_json(rows)
        return exit_status.YES
    print(f"{'id':<22} {'retry rule':<15} {'gives up':>9}  {'assumed':>7}  what")
    for platform, row in zip(found, rows, strict=True):
        gives_up = in_words(platform.expires_ms) if platform.expires_ms else "at once"
        share = f"{row['assumed_share']:.0%}"
        print(
            f"{platform.id:<22} {platform.kind:<15} {gives_up:>9}  {share:>7}  {platform.name}: {row['what']}"
        )
    return exit_status.YES


def _show(files: "DataFiles", platform_id: str, as_json: bool) -> int:
    from sim.mail.platforms.platform import read_platform

    file = read_platform(files, platform_id)
    if as_json:
        _print_json(file.model_dump(mode="json"))
    else:
        print("\n".join(_sheet(file)))
    return exit_status.YES


def _sheet(file: "PlatformFile") -> list[str]:
    lines = [
        f"{file.name}{f', {file.version}' if file.version else ''}: {file.what}",
        f"retry rule: {file.retry}",
        "",
    ]
    lines.append("parameters (probe retry --set NAME=VALUE; those marked * cannot be changed)")
    for name, parameter in file.parameters.items():
        mark = "*" if parameter.fixed else " "
        lines += _fact(f"{mark}{name} = {parameter.value}", parameter, parameter.means)
    for name, overrides in file.schedules.items():
        lines.append(
            f"   schedule {name}: " + ", ".join(f"{key} {value}" for key, value in overrides.items())
        )
    lines += ["", "delay notice, bounce"]
    repeats = "repeats" if file.notice.repeats else "once"
    lines += _fact(f" delay notice {file.notice.when}, {repeats}", file.notice, f"to {file.notice.to}")
    for cause, status in file.bounce_status.items():
        lines += _fact(f" bounce status after {cause}: {status.value}", status)
    lines += ["", "when the preferred MX or its DNS lookup fails"]
    for failure, fallback in file.fallback.items():
        lines += _fact(f" {failure}: {fallback.value}", fallback)
    for found, lookup in file.lookups.items():
        lines += _fact(f" {found} instead of a host: {lookup.value} {lookup.status}".rstrip(), lookup)
    for found, lookup in file.lookups.items():
        code = f", status {lookup.status}" if lookup.status else ""
        lines += _fact(f" {found}: {lookup.value}{code}", lookup)
    lines += ["", "other mail for the destination, its recovery, the drain"]
    pause = f" for {file.other_mail.pause}" if file.other_mail.pause else ""
    lines += _fact(f" other mail: {file.other_mail.value}{pause}", file.other_mail)
    back = file.on_return
    avoids = f", avoids the host for {back.avoids_primary}" if back.avoids_primary else ""
    keeps = f", connections kept: {back.keeps_connections}" if back.keeps_connections else ""
    lines += _fact(f" on recovery: {back.value}{avoids}{keeps}", back)
    drain = file.drain
    connections = "unknown number of" if drain.connections is None else str(drain.connections)
    lines += _fact(f" drain: {connections} connections, growth {drain.grows}, order {drain.order}", drain)
    lines += [f"contradiction: {text}" for text in file.contradictions]
    lines += [f"not modelled: {text}" for text in file.not_modelled]
    lines += [
        "",
        "sources",
        *(f" {key}: {s.title}{f', {s.url}' if s.url else ''}" for key, s in file.sources.items()),
    ]
    return lines


def _fact(head: str, fact: "Sourced", means: str = "") -> list[str]:
    tail = "; ".join(text for text in (means, fact.note) if text)
    return [f"{head}   [{fact.confidence}: {fact.source}]", *([f"     {tail}"] if tail else [])]


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1))
