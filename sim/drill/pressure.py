"""Back pressure of the organisation's mail servers, together: what they take slower, and what they refuse."""

from collections.abc import Callable
from dataclasses import replace

from sim.drill.organisation import Organisation
from sim.mail.back_pressure import BackPressure, Effect, PressureRules, Source
from sim.mail.server_file import read_server
from sim.mail.service import Receiver


def back_pressure(
    organisation: Organisation, queue: Source, act: Callable[[Effect], None]
) -> BackPressure | None:
    """The watcher of the servers' submission queues; None if they never push back."""
    server = organisation.server
    if server.back_pressure is None:
        return None
    figures = read_server(server.back_pressure).back_pressure
    many = servers(organisation)
    works = Receiver(figures.works.connections * many, server.works_for_ms or figures.works.per_message_ms)
    return BackPressure(queue, _together(figures.rules, many), works, act)


def refusal(organisation: Organisation) -> str:
    """What a server under back pressure says to a host that is no Exchange."""
    name = organisation.server.back_pressure
    return read_server(name).back_pressure.refusal.value if name else ""


def level_of(effect: Effect) -> str:
    """What senders meet, in words."""
    if effect.refuses:
        return "refuses mail from outside"
    return "makes each message wait" if effect.tarpit_ms else "none any more"


def servers(organisation: Organisation) -> int:
    """How many mail servers there are: one for each source address of the gateway."""
    return -(-organisation.users // organisation.server.users_per_source)


def _together(rules: PressureRules, many: int) -> PressureRules:
    """The thresholds of so many servers that share the load evenly."""
    return replace(
        rules,
        low_to_medium=rules.low_to_medium * many,
        medium_to_high=rules.medium_to_high * many,
        high_to_medium=rules.high_to_medium * many,
        medium_to_low=rules.medium_to_low * many,
    )
