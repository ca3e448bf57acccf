"""The file of house rules: what every organisation goes by, and no standard fixes."""

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from sim.drill.blocks import Block, Id, Quantiles
from sim.drill.shipped import shipped_folder
from sim.kernel.document import DurationMs, Record, read_document


class ProbeWait(Block):
    """A test message from outside: the round-trip probe, or one to an MX host that has taken it."""

    waits_ms: Annotated[DurationMs, Field(ge=60_000, le=86_400_000)] = Field(alias="waits")
    """How long it is waited for, from sending it."""
    slow_minutes: Quantiles
    """From sending the round-trip probe to its reply, while the server or the gateway is slow."""


class OutboundRule(Block):
    """When outbound mail counts as restored."""

    restored_permille: int = Field(ge=1, le=1000)
    """If receivers take at least so much of it."""


class HouseRules(Record):
    """See the module."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name."""
    name: str = Field(min_length=1)
    """What it is called."""
    probe: ProbeWait
    outbound: OutboundRule


@cache
def read_house_rules() -> HouseRules:
    """The shipped house rules. Raises BadFile."""
    return read_document(shipped_folder() / "house" / "rules.yaml", HouseRules)
