"""Circular dependencies: steps that need a place whose sign-in depends on a service that is down. Pure."""

from sim.drill.organisation.places_file import Leans
from sim.drill.plan.plan_file import Plan
from sim.drill.scenario.scenario import Scenario
from sim.kernel.frozen import frozen


@frozen
class Circle:
    """A step that needs a service that the outage itself takes down, so that it cannot be done until the
    outage is over.
    """

    step: int
    """The step's index in the plan."""
    place: str
    because: str
    leans: Leans
    """The service on which the place depends."""


def taken_away(scenario: Scenario) -> frozenset[Leans]:
    """Services that the scenario's faults take down at some point."""
    found: set[Leans] = set()
    for fault in scenario.timeline:
        if fault.sign_in == "lost":
            found.add("directory")
        if fault.kind.component in ("gateway", "mail-server", "access"):
            found.add("inbound mail")
        if fault.console_state == "unreachable":
            found.add("gateway console")
        if fault.server_down:
            found.add("mail server console")
    return frozenset(found)


def circles(plan: Plan, scenario: Scenario) -> tuple[Circle, ...]:
    """Circular dependencies that follow from the files, whether or not they occur in a run."""
    gone, places = taken_away(scenario), {place.id: place for place in plan.places}
    return tuple(
        Circle(index, place, why, leans)
        for index, step in enumerate(plan.steps)
        for place in step.needs
        for leans, why in places[place].leans_on(scenario.organisation.domain).items()
        if leans in gone
    )
