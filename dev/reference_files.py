"""The pages of docs/reference that follow from the JSON Schemas of the files people write."""

import json
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

Schema = dict[str, Any]


WIDEST = 300
"""Characters of a table's row, at most."""
BELOW = "see below"


def synopsis(kind: Any, level: int) -> Iterator[str]:
    """The heading of a command, its usage, and its meaning."""
    from sim.drill.commands.grammar import usage

    yield from (f"{'#' * level} {' '.join(kind.words)}", "", "```", usage(kind), "```", "")
    yield from (" ".join(kind.__doc__.split()), "")


def name_and_meaning(field: Any) -> tuple[str, str]:
    """The first two cells of a command's field."""
    key = field.metadata["key"]
    return f"`{key}=`" if key else f"`{field.name.removesuffix('_ms')}`", field.metadata["help"]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Lines of a Markdown table, and an empty one; cells too long for it follow as a list."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    notes: list[str] = []
    for row in rows:
        cells = list(row)
        while len(_row(cells)) > WIDEST:
            longest = max(range(1, len(cells)), key=lambda n: len(cells[n]))
            notes.append(f"- {row[0]}{_column(head[longest])}: {_one_line(cells[longest])}")
            cells[longest] = BELOW
        yield _row(cells)
    yield ""
    if notes:
        yield from (*notes, "")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_one_line(cell).replace("|", "\\|") for cell in cells) + " |"


def _one_line(cell: str) -> str:
    return cell.replace("\n", " ")


def _column(name: str) -> str:
    return f", {name}" if name not in ("", "meaning", "does") else ""


def scenario_file() -> Iterator[str]:
    """Lines of the page on scenario and organisation files, title first."""
    from sim.drill.lint.json_schema import schemas
    from sim.drill.organisation.organisation import Organisation

    yield "# Scenario and organisation files"
    yield from (
        "Scenarios and organisations are YAML 1.2 files of at most 256 KiB. [How to write a",
        "scenario](../howto/write-a-scenario.md) explains both step by step and lists the",
        "milestones. `mxdrill scenarios lint` reports each mistake with file, line and column. A key",
        "that is not listed on this page counts as a mistake. Types:",
        "",
        *_types(),
    )
    scenario, organisation = (
        _load(schemas()[f"{name}.schema.json"]) for name in ("scenario", "organisation")
    )
    own = [name for name in scenario["$defs"] if name not in (*organisation["$defs"], Organisation.__name__)]
    yield from _record("Scenario", scenario)
    for name in own:
        yield from _record(name, scenario["$defs"][name])
    yield from fault_kinds()
    yield from (
        "## Organisation",
        "",
        "An organisation is either a file that the scenario includes, or is written in the scenario itself",
        "instead of `include`. Numbers are in blocks, each with a `source`, a `confidence` and a list of its",
        "`assumed` numbers. Unless stated otherwise, a list named `…_minutes` describes a random time by",
        "equally spaced quantiles, from 0 % to 100 %.",
        "",
        *_fields(organisation),
    )
    for name, part in organisation["$defs"].items():
        yield from _record(name, part)


def fault_kinds() -> Iterator[str]:
    """Lines of the section on kinds of fault."""
    from sim.drill.scenario.fault_kinds import FAULT_KINDS

    yield from (
        "## Kinds of fault",
        "",
        "If several faults of one component overlap, the most severe kind applies. Each component's kinds",
        "are listed from the most severe to the least.",
        "",
    )
    yield from table(
        ("`fault`", "meaning", "keys", "usual reply", "diagnosis"),
        [
            (
                f"`{kind.name}`",
                kind.means,
                ", ".join(
                    f"`{key}`" + (" (required)" if key == kind.needs else "") for key in sorted(kind.keys)
                ),
                f"`{kind.reply}`" if kind.reply else "",
                f"`component={kind.component} failure={kind.failure}`",
            )
            for kind in FAULT_KINDS.values()
        ],
    )


def runbook_file() -> Iterator[str]:
    """Lines of the page on runbook files, title first."""
    from sim.drill.lint.json_schema import schemas

    runbook = _load(schemas()["runbook.schema.json"])
    yield "# Runbook files"
    yield from (
        "A runbook lists commands and the moments at which they are given. It is a YAML 1.2 file of at most",
        "256 KiB, in version 1 of the format. `mxdrill run SCENARIO --runbook FILE` runs a runbook, and",
        "`mxdrill scenarios lint FILE` checks it.",
        "",
        "Each step's command is given as soon as `at` is reached, unless a milestone in `unless` has been",
        "reached by then. Commands that are due at the same moment are given in the order of the file. If",
        "the time of a step has already passed when its milestone is reached, its command is given at once.",
        "A refused command is not given again.",
        "",
        "[Write a scenario](../howto/write-a-scenario.md#how-times-are-written) explains how to write",
        "moments, and lists the milestones; [commands of a drill](commands.md) lists the commands.",
        "",
        *_types(),
    )
    yield from _record("Runbook", runbook)
    for name, part in runbook["$defs"].items():
        yield from _record(name, part)
    yield from (
        "## Example",
        "",
        "```yaml",
        "# yaml-language-server: $schema=schema/runbook.schema.json",
        "mxdrill: 1",
        "id: only-continuity",
        "scenario: exchange-down",
        "steps:",
        "  - { id: declare, at: alert.first + 10m, do: continuity start for=12h }",
        "  - { id: tell, at: alert.first + 15m, do: 'notify users via=sms text=\"Use the portal\"' }",
        "  - { id: end, at: outage.end + 3h, do: continuity end, unless: [continuity.ended] }",
        "```",
    )


def plan_file() -> Iterator[str]:
    """Lines of the page on plan files, title first."""
    from sim.drill.lint.json_schema import schemas

    plan = _load(schemas()["plan.schema.json"])
    yield "# Plan files"
    yield from (
        "A continuity plan is a [runbook file](runbook-file.md) in version 2 of the format. In addition to",
        "commands and moments, it has owners, durations that vary, steps that wait for other steps,",
        "failures, and the promises to be checked. `mxdrill check FILE` runs a plan many times,",
        "`mxdrill scenarios lint FILE` reports mistakes with file, line and column, and",
        "`mxdrill runbook new SCENARIO` prints a plan to start from.",
        "[Check a continuity plan](../howto/check-a-plan.md) explains plans step by step.",
        "",
        "A step becomes due once every step in `after` is done and `at` is reached. It then waits for its",
        "places, and for its owner, who works on one step at a time in the order in which steps become due.",
        "When the time in `takes` has passed, the step's command is submitted. The step is done when the",
        "command has taken effect and, with `verify`, when that check shows the result. It has failed if its",
        "command is refused at the end of the hands-on time, or if `fails` makes the attempt fail. A random",
        "draw depends on the seed, its purpose and its cause, such as the step's id or the time of a call,",
        "so an unrelated step does not change it. A step can still delay unrelated steps if it keeps their",
        "owner busy.",
        "",
        *_types(),
    )
    yield from (
        "A *spread* is a duration that may differ from run to run:",
        "",
    )
    yield from table(
        ("written", "distribution", "planned time"),
        (
            ("`15m`", "always the same duration", "this duration"),
            ("`5m..15m`", "uniform between the two times", "the middle"),
            (
                "`pert(5m, 12m, 45m)`",
                "PERT, given by the shortest, the most likely and the longest time",
                "the most likely time",
            ),
            (
                "`lognormal(median=6h, p90=30h)`",
                "log-normal, given by the median and the 90 % quantile",
                "the median",
            ),
            (
                "`samples(calls.csv, takes_min)`",
                "one of the values in that column of a CSV file next to the plan; the unit is the end of the "
                "column's name (`_s`, `_min`), or given after each value",
                "the median",
            ),
        ),
    )
    yield from _record("Plan", plan)
    for name, part in plan["$defs"].items():
        yield from _record(name, part)


def _types() -> list[str]:
    return [
        "| type | written |",
        "|---|---|",
        "| duration | a number with a unit, or several: `90s`, `15m`, `1h30m`, `2d`; `0` |",
        "| moment | `T+1h22m`, `09:30`, `Tue 09:30`, `2026-03-03T09:30`, `alert.first + 1m`, `A and B`; "
        "in a step also `alert.open + 1m` |",
        "| condition | comparisons and moments, as in [conditions](../howto/write-a-scenario.md#conditions): "
        "`queue > 5000 and not users.told by T+2h` |",
        "| id | lower-case letters, digits, `-` and `.`, at most 60 characters |",
        "| milestone | `alert.first`, and others of [the list](../howto/write-a-scenario.md#milestones) |",
        "",
    ]


def _load(text: str) -> Schema:
    loaded: Schema = json.loads(text)
    return loaded


def _record(name: str, schema: Schema) -> Iterator[str]:
    yield from (f"## {name}", "", schema.get("description", ""), "", *_fields(schema))


def _fields(schema: Schema) -> Iterator[str]:
    required = schema.get("required", []) or schema.get("else", {}).get("required", [])
    rows = []
    for name, part in schema["properties"].items():
        default = "required" if name in required else _default_of(part)
        rows.append((f"`{name}`", _type(part), default, part.get("description", "")))
    yield from table(("field", "type", "default", "meaning"), rows)
    for name, part in schema["properties"].items():
        if _is_block(part):
            yield from (f"Default of `{name}`:", "", "```yaml", *_yaml(part["default"]), "```", "")


def _is_block(part: Schema) -> bool:
    return isinstance(part.get("default"), dict) and bool(part["default"])


def _yaml(value: Schema) -> list[str]:
    from ruamel.yaml import YAML

    text = StringIO()
    yaml = YAML()
    yaml.width, yaml.default_flow_style = 100, None
    yaml.dump(value, text)
    return text.getvalue().rstrip().splitlines()


def _is_percentage(part: Schema) -> bool:
    return str(part.get("pattern", "")).endswith("%$")


def _default_of(part: Schema) -> str:
    from sim.drill.plan.fields import percent
    from sim.kernel.document import DURATION_PATTERN
    from sim.kernel.duration import format_duration

    if "default" not in part or part["default"] in (None, [], {}, ""):
        return "unset"
    if _is_block(part):
        return BELOW
    default = part["default"]
    if part.get("pattern") == DURATION_PATTERN:
        return f"`{format_duration(default)}`"
    if _is_percentage(part) and isinstance(default, int):
        return f"`{percent(default)}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(part: Schema) -> str:
    from sim.drill.scenario.milestones import MILESTONES
    from sim.drill.scoring.figures.registry import FIGURES
    from sim.kernel.document import DURATION_PATTERN

    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        kinds = [_type(one) for one in part["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "const" in part:
        return f"`{part['const']}`"
    if part.get("enum") == list(MILESTONES):
        return "milestone"
    if part.get("enum") == list(FIGURES):
        return "a name of [the list](../howto/write-a-scenario.md#objectives), such as `bounced`"
    if "enum" in part:
        return ", ".join(f"`{choice}`" for choice in part["enum"])
    match part["type"]:
        case "array":
            least, most = part.get("minItems"), part.get("maxItems")
            count = f" ({least})" if least and least == most else f" (at least {least})" if least else ""
            return f"list of {_plural(_type(part['items']))}{count}"
        case "object":
            key = "milestone" if "propertyNames" in part else "name"
            values = part.get("additionalProperties") or next(iter(part["patternProperties"].values()))
            return f"{key}: {_type(values)}"
        case "integer":
            return _whole_number(part)
        case "boolean":
            return "`true`, `false`"
    begins = re.match("(Moment|Condition|Spread)[,: ]", part.get("description", ""))
    if begins:
        return begins[1].lower()
    named = {DURATION_PATTERN: "duration", r"^T\+": "`T+` and a duration", "^[a-z0-9][a-z0-9.-]*$": "id"}
    return "percentage, such as `90%`" if _is_percentage(part) else named.get(part.get("pattern", ""), "text")


def _plural(kind: str) -> str:
    """The type of a list's items, as read after "list of"."""
    for one, several in (
        ("whole number", "whole numbers"),
        ("text", "texts"),
        ("id", "ids"),
        ("milestone", "milestones"),
        ("duration", "durations"),
    ):
        if kind == one or kind.startswith(f"{one},"):
            return several + kind.removeprefix(one)
    return kind


def _whole_number(part: Schema) -> str:
    least = part.get("minimum")
    most = part.get("maximum")
    if least is not None and most is not None:
        return f"whole number, {least:,} to {most:,}"
    return f"whole number, {least:,} or more" if least is not None else "whole number"
