"""Readiness: the worth of each preparation, from the drill with it done before anything failed."""

from collections.abc import Sequence

from sim.drill.commands.grammar import BadCommand, parse
from sim.study.what_if.regret import Regret, priced
from sim.study.what_if.subject import Runs, Subject, Variation

PREPARABLE = ("ttl set", "backup set", "permissions set", "sms subscribe", "disk free", "disk move")
"""Commands that need no approval and no outage, by their words."""


def preparations(one: Subject) -> tuple[Variation, ...]:
    """Actions during the outage, of the drill or its reference runbook, that were possible before it."""
    given = [what for _t_ms, what in one.given if isinstance(what, str)]
    texts = dict.fromkeys([*given, *one.reference])
    return tuple(Variation("prepared", text) for text in texts if _can_be_prepared(text))


def _can_be_prepared(text: str) -> bool:
    try:
        command = parse(text)
    except BadCommand:
        return False
    return " ".join(command.words) in PREPARABLE and command.needs_approval() is None


def readiness_worth(one: Subject, found: Sequence[Regret], runs: Runs) -> tuple[Regret, ...]:
    """Each preparation, the one that is worth most first. `found`: the result of `regrets`."""
    tried = preparations(one)
    if not tried or not found:
        return ()
    rows = priced(one, tried, runs(tried), found[0].did, found[0].stake)
    return tuple(sorted(rows, key=lambda each: -each.gain))
