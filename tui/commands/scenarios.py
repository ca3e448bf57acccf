"""`mxdrill scenarios`: list, show and check scenario files; write their JSON Schemas."""

import argparse
import json
from pathlib import Path
from typing import Any

from tui.shell import exit_status
from tui.shell.output_files import write_all


def add(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list the scenarios that ship with mxdrill")
    listing.add_argument(
        "--truth", action="store_true", help="for facilitators: show titles that name the outage"
    )
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    show = actions.add_parser(
        "show", help="show the briefing of a scenario; for facilitators also outage, parameters, objectives"
    )
    show.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario or path of a file")
    show.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="set a parameter")
    what = show.add_mutually_exclusive_group()
    what.add_argument(
        "--truth",
        action="store_true",
        help="for facilitators: also the outage, the parameters, the objectives and the sources",
    )
    what.add_argument(
        "--briefing", action="store_true", help="show only the part that trainees may read (the default)"
    )
    what.add_argument(
        "--json", action="store_true", help="print everything as one JSON document, including the outage"
    )
    lint = actions.add_parser(
        "lint",
        help="check scenarios, organisations, runbooks and plans for mistakes; exit status 0: none, 1: "
        "findings, 2: a file cannot be used",
    )
    lint.add_argument("files", nargs="+", metavar="FILE", help="name of a shipped scenario or path of a file")
    lint.add_argument(
        "--deep",
        action="store_true",
        help="also run each scenario: the reference runbook must meet every objective, and a run without any "
        "action must fail at least one",
    )
    schema = actions.add_parser("schema", help="print the JSON Schemas of the files, for editors")
    schema.add_argument("--write", type=Path, metavar="DIR", help="write them to files in this folder")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0, or 1 if lint has findings."""
    actions = {"list": _list, "show": _show, "lint": _lint, "schema": _schema}
    return actions[args.action](args)


def _list(args: argparse.Namespace) -> int:
    from sim.drill.session.load import load_scenario, shipped_scenarios

    scenarios = [load_scenario(name) for name in shipped_scenarios()]
    titles = {one.id: one.title if args.truth else one.neutral_title for one in scenarios}
    if args.json:
        _print_json([{"id": s.id, "title": titles[s.id], "parameters": _parameters(s)} for s in scenarios])
        return exit_status.YES
    width = max(len(scenario.id) for scenario in scenarios)
    for scenario in scenarios:
        print(f"{scenario.id:<{width}}  {titles[scenario.id]}")
    if args.truth:
        from tui.playing.drawn_outage import seeds_of

        seeds, count = seeds_of(), len(scenarios)
        print(f"\nSeeds of `mxdrill play any` (each also plus {count}, {2 * count} and so on):")
        print("\n".join(f"{name:<{width}}  {seed}" for name, seed in seeds.items()))
    return exit_status.YES


def _show(args: argparse.Namespace) -> int:
    from sim.drill.session.load import load_scenario, settings_from

    scenario = load_scenario(args.scenario, settings_from(args.set))
    if args.json:
        _print_json(scenario.content())
        return exit_status.YES
    print("\n".join(_description(scenario) if args.truth else _briefing(scenario)))
    return exit_status.YES


def _lint(args: argparse.Namespace) -> int:
    from sim.drill.commands.grammar import parse
    from sim.drill.lint.lint import lint_file, told_once
    from sim.kernel.document import BadFile

    findings: list[str] = []
    unusable: list[str] = []
    for file in args.files:
        try:
            findings += lint_file(file, parse, deep=args.deep)
        except BadFile as error:
            unusable += error.lines
    unusable = told_once(unusable, args.files)
    findings = [line for line in told_once(findings, args.files) if not line.endswith(tuple(unusable))]
    if findings:
        print("\n".join(findings))
    if unusable:
        raise BadFile(unusable)
    return exit_status.NO if findings else exit_status.YES


def _schema(args: argparse.Namespace) -> int:
    from sim.drill.lint.json_schema import schemas

    if args.write is None:
        _print_json({name: json.loads(text) for name, text in schemas().items()})
        return exit_status.YES
    write_all(args.write, schemas(), "--write ")
    for name in schemas():
        print(args.write / name)
    return exit_status.YES


def _briefing(scenario: Any) -> list[str]:
    """The lines that trainees may read."""
    return [scenario.neutral_title, "", *_told(scenario)]


def _told(scenario: Any) -> list[str]:
    """Briefing, start and organisation: the lines for every reader."""
    organisation = scenario.organisation
    return [
        *scenario.briefing.strip().splitlines(),
        "",
        f"Starts        {scenario.starts}",
        f"Organisation  {organisation.name}, {organisation.users:,} users",
    ]


def _description(scenario: Any) -> list[str]:
    """The lines for facilitators, with the outage and the objectives."""
    from sim.kernel.duration import drill_time, in_words

    lines = [f"{scenario.title} ({scenario.id})", "", *_told(scenario)]
    for fault in scenario.timeline:
        when, length = drill_time(fault.at_ms), in_words(fault.for_ms)
        says = f" ({fault.says})" if fault.says else ""
        lines.append(f"Fault         {fault.fault} at {when} for {length}{says}")
    if scenario.reference:
        lines.append(f"Reference     runbook {scenario.reference}")
    lines += ["", "Parameters (--set name=value)"]
    lines += [
        f"  {name:<8} {one.default}  ({one.min} to {one.max})  {one.help}".rstrip()
        for name, one in scenario.parameters.items()
    ]
    lines += ["", "Objectives"]
    width = max((len(one.id) for one in scenario.objectives), default=0)
    lines += [f"  {one.id:<{width}}  {one.learns}" for one in scenario.objectives]
    return [*lines, "", "Sources", *(f"  {source}" for source in scenario.sources)]


def _parameters(scenario: Any) -> dict[str, Any]:
    return {name: one.model_dump(mode="json") for name, one in scenario.parameters.items()}


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
