"""A drill for which something was prepared, with its inputs or its organisation changed accordingly. Pure."""

from collections.abc import Sequence

from sim.drill.commands.command import Assignment
from sim.drill.commands.grammar import parse
from sim.drill.commands.server.connector import ConnectorSet
from sim.drill.facilitation.inputs import Assigned, Input
from sim.drill.scenario.scenario import Scenario


def prepared(given: Sequence[Input], text: str) -> tuple[Input, ...]:
    """`given`, with `text` done at the start, without anyone's time, and not given again."""
    done = Assigned(text, Assignment(parse(text).facts.role, 0, 0))
    return ((0, done), *(one for one in given if one[1] != text))


def in_hand(given: Sequence[Input], text: str, takes_ms: int) -> tuple[Input, ...]:
    """`given`, with `text` given at the same times but with `takes_ms` of hands-on time.

    The command still needs its approval and its console, and takes effect with its usual delay.
    """
    role = parse(text).facts.role
    return tuple(
        (t_ms, Assigned(text, Assignment(role, t_ms, takes_ms)) if what == text else what)
        for t_ms, what in given
    )


def with_account(scenario: Scenario) -> Scenario:
    """`scenario` with an emergency account for the gateway's console."""
    organisation = scenario.organisation
    gateway = organisation.gateway
    events = gateway.continuity_events.model_copy(update={"break_glass": True})
    gateway = gateway.model_copy(update={"continuity_events": events})
    return scenario.model_copy(update={"organisation": organisation.model_copy(update={"gateway": gateway})})


def signed_in(given: Sequence[Input], text: str, first_ms: int, takes_ms: int) -> tuple[Input, ...]:
    """`given`, with the sign-in `text` at `first_ms`, which takes `takes_ms`, and no other sign-in of that
    kind.
    """
    done = Assigned(text, Assignment(parse(text).facts.role, first_ms, takes_ms))
    kept = [one for one in given if one[1] != text]
    return tuple(sorted([(first_ms, done), *kept], key=lambda one: one[0]))


def with_spf(scenario: Scenario, text: str) -> Scenario:
    """`scenario`, with the route of the command `text` in the domain's SPF record."""
    organisation, command = scenario.organisation, parse(text)
    if not isinstance(command, ConnectorSet):
        raise TypeError(f"not a command that sets a route: {text}")
    paths = organisation.outbound_paths
    listed = getattr(paths, command.path).model_copy(update={"spf": "pass"})
    return scenario.model_copy(
        update={
            "organisation": organisation.model_copy(
                update={"outbound_paths": paths.model_copy(update={command.path: listed})}
            )
        }
    )
