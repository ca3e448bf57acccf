"""Kinds of fields that scenarios and runbooks share: moments, milestones, entries with an id."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from sim.drill.organisation.sourced_numbers import Id, only_once
from sim.drill.scenario.anchor import (
    ALERT_OPEN,
    AND,
    Anchor,
    Elapsed,
    check_milestone,
    check_milestones,
    parse_anchor,
)
from sim.drill.scenario.condition import StateCondition
from sim.drill.scenario.condition_reader import parse_condition
from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.document import DURATION_PATTERN, DurationMs, Record
from sim.kernel.duration import format_duration


def _anchor(value: Any) -> Anchor:
    if isinstance(value, Anchor):
        return value
    return parse_anchor(str(value))


def _elapsed(value: Any) -> int:
    anchor = _anchor(value)
    if len(anchor.moments) != 1 or not isinstance(anchor.moments[0], Elapsed):
        raise ValueError(f"{anchor.text!r} must be counted from the start; write T+ and a duration: T+1h12m")
    return anchor.moments[0].after_ms


class Named(Record):
    """An entry with an id."""

    id: Id
    """Id of this entry; no other entry in the same list may have it."""


N = TypeVar("N", bound=Named)


def own_ids(entries: tuple[N, ...]) -> tuple[N, ...]:
    """`entries`, if no two have the same id. Raises ValueError."""
    only_once("id", [entry.id for entry in entries])
    return entries


def _once(value: Any) -> Anchor:
    anchor = _anchor(value)
    if anchor.for_alert:
        raise ValueError(f"{ALERT_OPEN} recurs, so only runbook steps can use it; write alert.first")
    return anchor


MOMENT = "Moment, such as `T+1h22m`, `Tue 09:30`, `alert.first + 1m` or `A and B`"
"""The words with which every description of a moment begins."""
_SERIALIZED = PlainSerializer(lambda anchor: anchor.text, return_type=str, when_used="json")
When = Annotated[
    Anchor,
    PlainValidator(_once, json_schema_input_type=str),
    _SERIALIZED,
    WithJsonSchema({"type": "string", "description": MOMENT + "."}),
]
StepWhen = Annotated[
    Anchor,
    PlainValidator(_anchor, json_schema_input_type=str),
    _SERIALIZED,
    WithJsonSchema(
        {
            "type": "string",
            "description": f"{MOMENT}. `alert.open + 1m` is one minute after an alert that is still "
            "unacknowledged; with `every`, after each such alert.",
        }
    ),
]
WhenState = Annotated[
    StateCondition,
    PlainValidator(
        lambda value: value if isinstance(value, StateCondition) else parse_condition(str(value)),
        json_schema_input_type=str,
    ),
    PlainSerializer(lambda condition: condition.text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "description": "Condition on the state of the drill, such as `queue > 5000`, `oldest > 12h`, "
            "`users without mail > 30 %`, `calls > 50`, `bounced > 0` or `not users.told by T+2h`, joined by "
            "`and`, `or`, `not` and parentheses. It acts once, at the first moment at which it is true.",
        }
    ),
]
ElapsedMs = Annotated[
    int,
    PlainValidator(_elapsed, json_schema_input_type=str),
    PlainSerializer(lambda ms: f"T+{format_duration(ms)}", return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^T\+", "description": "Time since the start of the drill: T+1h12m"}
    ),
]
MilestoneName = Annotated[
    str, AfterValidator(check_milestone), WithJsonSchema({"type": "string", "enum": list(MILESTONES)})
]
_ONE_OF = "|".join(MILESTONES).replace(".", r"\.")
Within = Annotated[
    dict[Annotated[str, AfterValidator(check_milestones)], DurationMs],
    Field(min_length=1),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^({_ONE_OF})({AND}({_ONE_OF}))*$"},
            "additionalProperties": {"type": "string", "pattern": DURATION_PATTERN},
        }
    ),
]
"""Time limit, counted from each milestone; for milestones joined by `and`, from the latest of them."""
