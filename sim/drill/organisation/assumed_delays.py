"""An organisation's times that are assumed (neither measured nor published), set to their 90 % values. Pure.

Only times that harm a plan if they are longer are included; those of callers and partners are not.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from sim.drill.organisation.gateway_file import Span
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.sourced_numbers import Block
from sim.kernel.document import Record

_TIMES = (
    ("approvals", "answer_minutes"),
    ("estimates", "after_minutes"),
    ("gateway.alerting", "sms_delay"),
    ("gateway.sms_service", "sync_minutes"),
    ("gateway.retention_case", "takes"),
)
"""Keys of blocks in an organisation's file, each with the times in it that are assumed."""
ON_CALL = "staff.on_call_minutes"
"""The time that a person called out of hours needs to start work, for which no organisation's file gives a
source.
"""

R = TypeVar("R", bound=Record)


def assumed_delays(organisation: Organisation) -> tuple[str, ...]:
    """The assumed times in the organisation's file, by key, such as `approvals.answer_minutes`."""
    on_call = [ON_CALL] if any(person.on_call_minutes for person in organisation.staff) else []
    return (*on_call, *(f"{place}.{name}" for place, name in _assumed(organisation)))


def with_delays_at_p90(organisation: Organisation) -> Organisation:
    """`organisation` with each of these times set to the length that is exceeded in one case out of ten."""
    staff = tuple(
        person.model_copy(update={"on_call_minutes": _at_p90(person.on_call_minutes)})
        if person.on_call_minutes
        else person
        for person in organisation.staff
    )
    found = organisation.model_copy(update={"staff": staff})
    for place, name in _assumed(organisation):
        found = _with(found, [*place.split("."), name])
    return found


def _assumed(organisation: Organisation) -> Iterator[tuple[str, str]]:
    for place, name in _TIMES:
        block: Any = organisation
        for part in place.split("."):
            block = getattr(block, part, None)
        if isinstance(block, Block) and block.confidence_of(name) == "assumed":
            yield place, name


def _with(record: R, way: list[str]) -> R:
    """`record` with the time under the keys `way` set to its P90."""
    name, *rest = way
    value: Any = getattr(record, name)
    return record.model_copy(update={name: _with(value, rest) if rest else _at_p90(value)})


def _at_p90(value: Any) -> Any:
    """A distribution, as quantiles or a span, whose value is always the 90 % quantile of `value`."""
    if isinstance(value, Span):
        late_ms = value.least_ms + (value.most_ms - value.least_ms) * 9 // 10
        return value.model_copy(update={"least_ms": late_ms, "most_ms": late_ms})
    steps = len(value) - 1
    whole, part = divmod(9 * steps, 10)
    late = value[whole] + ((value[whole + 1] - value[whole]) * part + 9) // 10 if part else value[whole]
    return (late, late)
