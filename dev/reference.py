"""Writes the pages of docs that follow from the code: commands, files, documents, the map of the tree.

`make reference` runs it; a test checks that the pages are current.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from architecture import architecture
from reference_files import name_and_meaning, plan_file, runbook_file, scenario_file, synopsis, table
from reference_lists import write_a_scenario
from reference_msel import msel_columns
from reference_run import run_document
from reference_table import table_words

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTE = "<!-- written by `make reference` from the code; change it there -->"


def pages() -> dict[str, str]:
    """Text of each generated page by its path below docs."""
    return {
        "reference/commands.md": _page(_drill_commands()),
        "reference/table.md": _page(table_words()),
        "reference/msel.md": _page(msel_columns()),
        "reference/command-line.md": _page(_command_line()),
        "reference/scenario-file.md": _page(scenario_file()),
        "reference/runbook-file.md": _page(runbook_file()),
        "reference/plan-file.md": _page(plan_file()),
        "reference/run-json.md": _page(run_document()),
        "explanation/architecture.md": _page(architecture()),
        "howto/write-a-scenario.md": write_a_scenario(DOCS / "howto" / "write-a-scenario.md"),
    }


def _page(lines: Iterator[str]) -> str:
    title, *rest = lines
    return "\n".join([title, "", NOTE, "", *rest]).rstrip() + "\n"


# The commands of a drill


def _drill_commands() -> Iterator[str]:
    from sim.drill.commands.registry import COMMANDS

    yield "# Commands of a drill"
    yield from (
        "This page lists the commands that people give in a drill. You type them in the console or in",
        "`mxdrill lab`, or write them in a [runbook](runbook-file.md). The arguments and options of",
        "`mxdrill` itself are in [the command line](command-line.md).",
        "",
        "```",
        "command  = words { word | key=value }      words first, then keys in any order",
        'value    = bare | "quoted"                  \\" and \\\\ within quotes',
        "duration = number unit { number unit }      90s, 15m, 1h30m, 2d",
        "text     = the rest of the line             the last field of note and notify",
        "```",
        "",
        "A command keeps a person busy for its hands-on time; further commands for that person wait. The",
        "command takes effect after its hands-on time and its lead time. A command that cannot be carried",
        "out is refused, and the reason is shown. *Exposes* names the protection from spam, malware and",
        "forgery that the command gives up.",
        "",
    )
    yield from table(
        ("command", "does"),
        [(f"[`{' '.join(kind.words)}`](#{'-'.join(kind.words)})", _first(kind.__doc__)) for kind in COMMANDS],
    )
    for kind in COMMANDS:
        yield from _drill_command(kind)


def _drill_command(kind: Any) -> Iterator[str]:
    from sim.kernel.duration import in_words

    facts, product = kind.facts, kind.facts.product
    yield from synopsis(kind, 2)
    told = [(*name_and_meaning(field), _values(field), _default(field)) for field in fields(kind)]
    if told:
        yield from table(("field", "meaning", "values", "default"), told)
    if kind.words == ("continuity", "start"):
        yield from (_portal_offers(), "")
    from sim.drill.organisation.house_rules import read_house_rules
    from sim.kernel.data_files import shipped_data_files

    hands_on_ms = kind.usual_hands_on_ms(read_house_rules(shipped_data_files()))
    lead = "at once" if kind.facts.lead_ms == 0 else f"up to {in_words(facts.lead_ms)} later"
    yield from table(
        ("", ""),
        [
            ("carried out by", facts.given_by),
            ("where", facts.given_at),
            ("hands-on", in_words(hands_on_ms) if hands_on_ms else "none"),
            ("takes effect", lead),
            ("undone by", _undo(facts.undo)),
            ("exposes", facts.exposes),
            *([("needs", f"approval of `{facts.needs_approval}`")] if facts.needs_approval else []),
            *([("enters on the register", f"`{facts.opens}`")] if facts.opens else []),
            ("in your product", product.path),
            ("there, by", product.who),
            ("there, it takes", product.how_long),
            ("simplified", product.simplified),
        ],
    )


def _portal_offers() -> str:
    """Durations of an event that is started with an alert's link, in the shipped organisations' files."""
    from sim.drill.organisation.shipped_files import find_file, shipped_names
    from sim.drill.session.load import load_organisation
    from sim.kernel.duration import format_duration

    offers: dict[str, list[str]] = {}
    for name in shipped_names("organisations"):
        events = load_organisation(find_file("organisations", name)).gateway.continuity_events
        offers.setdefault(", ".join(format_duration(one) for one in events.durations_ms), []).append(name)
    told = "; ".join(f"{known} ({', '.join(names)})" for known, names in offers.items())
    return f"With `via=sms` and `via=email`, `for=` must be a duration that the link's portal offers: {told}."


def _undo(undo: str) -> str:
    return undo if undo in {"no", "not needed"} else f"`{undo}`"


def _values(field: Any) -> str:
    choices = field.metadata["choices"]
    return ", ".join(f"`{choice}`" for choice in choices) if choices else str(field.metadata["kind"])


def _default(field: Any) -> str:
    from dataclasses import MISSING

    from sim.kernel.duration import format_duration

    if field.default is MISSING:
        return "required"
    if field.metadata["kind"] == "duration" and field.default is not None:
        return f"`{format_duration(field.default)}`"
    return f"`{field.default}`" if field.default else "nothing"


def _first(text: str | None) -> str:
    return " ".join((text or "").split()).partition(": ")[0].rstrip(".")


# The command line


def _command_line() -> Iterator[str]:
    from tui.cli import SUMMARIES, module_of

    yield "# The command line"
    yield from (
        "Usage: `mxdrill COMMAND …`. `mxdrill --help` lists the commands, `mxdrill COMMAND --help` explains",
        "a command, and `mxdrill --version` prints the version. Commands inside a drill are in",
        "[commands of a drill](commands.md).",
        "",
        "`SCENARIO` and the runbook `FILE` are names of shipped files or paths of your own files. A duration",
        "is written as `90s`, `15m`, `1h30m` or `2d`.",
        "",
    )
    yield from table(
        ("exit status", "meaning"),
        [
            ("0", "yes, or done"),
            ("1", "the answer is no, for example: a promise fails, lint has findings, a digest differs"),
            ("2", "a mistake in the command line or in a file, reported on standard error"),
            ("3", "undecided: a promise neither holds nor fails after all runs of `check`"),
            ("70", "an internal error; standard error names a file with the details"),
            ("130", "interrupted, with everything saved"),
        ],
    )
    yield from table(
        ("command", "does"),
        [(f"[`mxdrill {name}`](#mxdrill-{_anchor(name)})", text) for name, text in SUMMARIES.items()],
    )
    for name, text in SUMMARIES.items():
        parser = argparse.ArgumentParser(prog=f"mxdrill {name}", add_help=False, description=text)
        import_module(module_of(name)).add(parser)
        yield from (f"## mxdrill {name}", "", f"{text[0].upper()}{text[1:]}.", "")
        yield from _arguments(parser)


def _anchor(words: str) -> str:
    return words.replace(" ", "-")


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Usage and a table of one parser, then of its sub-parsers."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield from ("```", " ".join([parser.prog, *_usage(parser)]), "```", "")
        rows = [(f"`{_written(action)}`", " ".join(_help(action).split())) for action in parser._actions]
        if rows:
            yield from table(("argument", "meaning"), rows)
    for group in below:
        told = {choice.dest: choice.help or choice.dest for choice in group._choices_actions}
        for name, sub in group.choices.items():
            sub.prog = f"{parser.prog} {name}"
            sub._actions = [action for action in sub._actions if action.dest != "help"]
            yield from (f"### {sub.prog}", "", f"{told[name][0].upper()}{told[name][1:]}.", "")
            yield from _arguments(sub)


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Positional arguments, then options; those that exclude each other as `[--a|--b]`."""
    exclusive = {
        action.dest + str(action.option_strings): group._group_actions
        for group in parser._mutually_exclusive_groups
        for action in group._group_actions
    }
    seen: set[str] = set()
    for action in sorted(parser._actions, key=lambda action: bool(action.option_strings)):
        key = action.dest + str(action.option_strings)
        if key in seen:
            continue
        group = exclusive.get(key, [action])
        seen |= {one.dest + str(one.option_strings) for one in group}
        written = "|".join(_written(one) for one in group)
        if not action.option_strings and action.nargs == "+":
            yield f"{written} …"
        elif not action.option_strings and action.nargs not in ("?", "*"):
            yield written
        else:
            many = " …" if action.nargs == "*" or isinstance(action, argparse._AppendAction) else ""
            yield f"[{written}]{many}"


def _written(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return str(value)
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def _help(action: argparse.Action) -> str:
    text = (action.help or "").replace("%%", "%")
    many = isinstance(action, argparse._AppendAction)
    return f"{text}; may be given several times" if many else text


def main() -> int:
    """Write every page whose text has changed, and print its name."""
    for name, text in pages().items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"reference: {path.relative_to(DOCS.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
