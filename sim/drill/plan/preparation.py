"""A preparation that could be made before an outage, and its effect on the plan. Pure."""

from pydantic import Field

from sim.drill.organisation.places_file import Place
from sim.drill.organisation.sourced_numbers import Id
from sim.drill.plan.fields import SpreadField, Words
from sim.drill.plan.people import PlanPerson
from sim.drill.scenario.field_types import Named
from sim.kernel.document import DurationMs


class Preparation(Named):
    """A possible preparation, such as a short TTL; `check --readiness` shows its value."""

    says: Words = ""
    """The preparation in words."""
    costs_ms: DurationMs = Field(default=0, alias="costs")
    """Working time that the preparation takes; the cheapest sets are listed first."""
    settings: dict[str, str | int] = Field(default_factory=dict, alias="set")
    """Parameters of the scenario that the preparation changes: `{ttl: 5m}`."""
    done: tuple[Id, ...] = ()
    """Steps whose work is then done in advance, like a step with `prepared`."""
    takes: dict[Id, SpreadField] = Field(default_factory=dict)
    """Steps that then have these durations instead."""
    people: tuple[PlanPerson, ...] = ()
    """People who can then be reached as described here; this replaces the plan's entry for their role."""
    places: tuple[Place, ...] = ()
    """Places to which people can then sign in as described here; this replaces the plan's entry with the
    same id.
    """
