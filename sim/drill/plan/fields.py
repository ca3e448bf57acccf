"""Kinds of fields of a plan's file: distributions, percentages, and moments that may name a step's end."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    PlainSerializer,
    PlainValidator,
    SerializationInfo,
    ValidationInfo,
    WithJsonSchema,
)

from sim.drill.plan.spread import FORMS, Spread, parse_spread
from sim.drill.scenario.anchor import Anchor, BadAnchor, check_milestone, parse_anchor
from sim.drill.scenario.field_types import MOMENT
from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.plain_line import not_plain

DONE = ".done"
"""The suffix that names the end of a step: `change-mx.done`."""

_FOLDER = "folder of the plan"
WITHOUT_FILES = {"without files": True}
"""Context for writing a plan without the files that its `samples` name."""
MOST_WORDS = 1_000
"""Maximum number of characters in a text that describes a step or a promise."""
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)


def in_folder(folder: Path) -> dict[str, Any]:
    """Context in which a plan's tree is checked: the plan's folder, in which files named in `samples` are
    found.
    """
    return {_FOLDER: folder}


def step_or_milestone(name: str) -> str:
    """`name`, if it is a step's end or a milestone. Raises BadAnchor."""
    if "." not in name:
        near = get_close_matches(name.replace("_", "."), MILESTONES, n=1, cutoff=0.8)
        end = f"{name}{DONE} for the end of a step"
        right = f"did you mean {near[0]}, or {end}?" if near else f"write {end}, or a milestone"
        raise BadAnchor(f"{name!r} is not a moment; {right}")
    return name if name.endswith(DONE) else check_milestone(name)


def no_ends(names: Any) -> Any:
    """`names` of milestones, none of which is the end of a step. Raises ValueError."""
    ends = [one for one in names if str(one).endswith(DONE)] if isinstance(names, list) else []
    if ends:
        raise ValueError(
            f"{ends[0]!r} is the end of a step; only milestones are possible here, such as mx.changed"
        )
    return names


def _spread(value: Any, info: ValidationInfo) -> Spread:
    if isinstance(value, Spread):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"is not a duration; write {FORMS}")  # noqa: TRY004
    return parse_spread(str(value), (info.context or {}).get(_FOLDER))


def _written(spread: Spread, info: SerializationInfo) -> str:
    """The distribution as in the plan's file; `samples` become their planned time if the plan is saved
    without their files.
    """
    alone = spread.measured and bool((info.context or {}).get("without files"))
    return f"{spread.planned_ms}ms" if alone else spread.text


def _permyriad(value: Any) -> int:
    found = _PERCENT.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{str(value)!r:.40} is not a percentage; write it as 90% or 99.5%")
    share = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if share > 10_000:
        raise ValueError(f"{value!r:.40} is above 100%; write 0% to 100%")
    return share


def _anchor(value: Any) -> Anchor:
    return value if isinstance(value, Anchor) else parse_anchor(str(value), step_or_milestone)


def percent(permyriad: int) -> str:
    """A percentage as plans write it: `90%`, `99.5%`."""
    whole, part = divmod(permyriad, 100)
    return f"{whole}.{part:02d}".rstrip("0") + "%" if part else f"{whole}%"


def _one_line(text: str) -> str:
    """`text` on one line, as notes and tables show it; in YAML it may cover several lines."""
    line = " ".join(text.split())
    if sign := not_plain(line):
        raise ValueError(f"contains a control or invisible character ({sign}); remove it")
    if len(line) > MOST_WORDS:
        raise ValueError(f"is longer than {MOST_WORDS:,} characters; shorten it")
    return line


Words = Annotated[str, AfterValidator(_one_line)]
"""A text for people, on one line."""
SpreadField = Annotated[
    Spread,
    PlainValidator(_spread, json_schema_input_type=str),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "description": "Spread: " + FORMS}),
]
PermyriadField = Annotated[
    int,
    PlainValidator(_permyriad, json_schema_input_type=str),
    PlainSerializer(percent, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?\s*%$"}),
]
"""A percentage, held as parts of 10,000."""
PlanWhen = Annotated[
    Anchor,
    PlainValidator(_anchor, json_schema_input_type=str),
    PlainSerializer(lambda anchor: anchor.text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "description": f"{MOMENT}. In a plan, also the end of a step: `change-mx.done + 10m`.",
        }
    ),
]
