"""Differences between runs other than chance: parameters of the outage, and the moment of its onset."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from sim.drill.plan.fields import SpreadField
from sim.drill.scenario.anchor import Clock, parse_anchor
from sim.kernel.document import Record

WEEK_MIN = 7 * 24 * 60
WORK_BEGINS_MIN, WORK_ENDS_MIN = 8 * 60, 18 * 60
NAMED_STARTS = ("any", "working hours", "nights and weekends")
_FORM = "write any, working hours, nights and weekends, or a list such as [Wed 10:40, Sat 03:00]"


def _starts(value: Any) -> tuple[int, ...] | str:
    if isinstance(value, str) and value in NAMED_STARTS:
        return value
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"{value!r:.40} is not a start time; {_FORM}")
    return tuple(one if isinstance(one, int) else _minute(str(one)) for one in value)


def _minute(text: str) -> int:
    """Minute of the week, from Monday 00:00."""
    moment = parse_anchor(text).moments[0]
    if not isinstance(moment, Clock) or moment.weekday is None:
        raise ValueError(f"{text!r} is not a weekday and a time; {_FORM}")
    return moment.weekday * 1440 + moment.hour * 60 + moment.minute


Starts = Annotated[
    tuple[int, ...] | str,
    PlainValidator(_starts, json_schema_input_type=str | list[str]),
    PlainSerializer(lambda value: value, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": list(NAMED_STARTS)},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]


class Varies(Record):
    """Values that differ from run to run, in addition to chance. All keys are optional.

    Any other key is a parameter of the scenario whose value is a duration: `outage: 2h..30h`.
    """

    model_config = ConfigDict(json_schema_extra={"additionalProperties": {"type": "string"}})

    parameters: dict[str, SpreadField] = Field(default_factory=dict)
    """Durations of the scenario's parameters, by name; equivalent to a separate key for each. A value beyond
    the parameter's range counts as the limit of that range.
    """
    starts: Starts | None = None
    """Local time of the onset: `working hours` is Monday to Friday, 08:00-18:00, whatever the people's hours
    are. If unset, the scenario's own onset applies.
    """
    readiness: dict[str, tuple[str | int, ...]] = Field(default_factory=dict)
    """Values of parameters, such as `{ttl: [5m, 1h, 24h]}`; each combination is checked separately."""

    @model_validator(mode="before")
    @classmethod
    def _own_keys(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        own = {key: one for key, one in value.items() if key in cls.model_fields}
        others = {key: one for key, one in value.items() if key not in cls.model_fields}
        if others:
            own["parameters"] = {**own.get("parameters", {}), **others}
        return own


def minutes_of(starts: tuple[int, ...] | str) -> tuple[tuple[int, int], ...]:
    """Spans [from, to) in minutes of the week, from which the onset is drawn uniformly."""
    if not isinstance(starts, str):
        return tuple((minute, minute + 1) for minute in starts)
    if starts == "any":
        return ((0, WEEK_MIN),)
    days = [(day * 1440 + WORK_BEGINS_MIN, day * 1440 + WORK_ENDS_MIN) for day in range(5)]
    if starts == "working hours":
        return tuple(days)
    edges = [0, *(edge for span in days for edge in span), WEEK_MIN]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def onset_min(starts: tuple[int, ...] | str, bits: int) -> int:
    """The onset, as a minute of the week, for 64 random bits."""
    spans = minutes_of(starts)
    place = (bits >> 32) * sum(to - from_ for from_, to in spans) >> 32
    for from_, to in spans:
        if place < to - from_:
            return from_ + place
        place -= to - from_
    raise AssertionError("spans cover every place")
