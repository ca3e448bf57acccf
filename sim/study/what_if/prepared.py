"""Readiness: the value of each preparation, from a run of the drill in which the preparation was made
before anything failed.
"""

from collections.abc import Sequence

from sim.drill.commands.command import Command
from sim.drill.commands.grammar import BadCommand, parse
from sim.drill.commands.server.connector import ConnectorSet
from sim.drill.organisation.mail_routes_file import Readiness
from sim.mail.routes.connector import GATEWAY
from sim.study.what_if.regret import Regret, priced
from sim.study.what_if.subject import EMERGENCY, Subject, Variation
from sim.study.what_if.variation_runs import Runs

PREPARABLE = ("ttl set", "backup set", "permissions set", "sms subscribe", "disk free", "disk move")
"""Commands, by their words, that need neither an approval nor an outage."""


STAGED = ("lock open", "firewall open")
"""Changes that can be entered before the outage and then only have to be switched on, which takes no
hands-on time but needs an approval.
"""
TESTED = (EMERGENCY,)
"""Sign-ins that take no longer than the usual one if they were tested in advance."""


def preparations(one: Subject) -> tuple[Variation, ...]:
    """The preparations that were possible before the outage, for commands of the drill or its reference
    runbook.
    """
    given = dict.fromkeys(what for _t_ms, what in one.given if isinstance(what, str))
    found = [_given(one, text) for text in given]
    found += [Variation("prepared", text) for text in one.reference if _begins(text, PREPARABLE)]
    if one.locked_out_ms is not None:
        found = [each for each in found if each != Variation("tested", EMERGENCY)]
        found.append(Variation("account", EMERGENCY))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _given(one: Subject, text: str) -> Variation | None:
    """The preparation for a command that was given; None if there is none."""
    for how, words in (("prepared", PREPARABLE), ("staged", STAGED), ("tested", TESTED)):
        if _begins(text, words):
            return Variation(how, text)  # type: ignore[arg-type]
    command = _parsed(text)
    if isinstance(command, ConnectorSet) and command.path != GATEWAY:
        route: Readiness = getattr(one.scenario.organisation.outbound_paths, command.path)
        return None if route.spf == "pass" else Variation("listed", text)
    return None


def _begins(text: str, words: Sequence[str]) -> bool:
    """True if `command` can be prepared; of PREPARABLE, only those that need no approval."""
    command = _parsed(text)
    if command is None or " ".join(command.words) not in words:
        return False
    return words is not PREPARABLE or command.needs_approval() is None


def _parsed(text: str) -> Command | None:
    try:
        return parse(text)
    except BadCommand:
        return None


def readiness_worth(one: Subject, found: Sequence[Regret], runs: Runs) -> tuple[Regret, ...]:
    """The value of each preparation, the most valuable first. `found`: the result of `regrets`."""
    tried = preparations(one)
    if not tried or not found:
        return ()
    rows = priced(one, tried, runs(tried), found[0].did, found[0].stake)
    return tuple(sorted(rows, key=lambda each: -each.gain))
