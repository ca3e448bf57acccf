"""Lint by running: doing nothing must lose, and the reference runbook must meet every objective.

Each scenario takes some seconds: `mxdrill scenarios lint --deep`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sim.drill.scenario.objective import Objective
from sim.drill.scenario.runbook import Runbook, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.objectives import verdicts_of
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, format_duration
from sim.kernel.file_mistakes import Findings
from sim.mail.accounts.ledger import ACCOUNTS
from sim.mail.message.traffic import OUTBOUND
from sim.mail.users.time_without_mail import lost_user_ms

SEEDS = range(1, 6)
_OF_THE_LOST = "users-able-after-min"
_GONE = ("bounced", "rejected", "suppressed", "junked", "lost")
_OF_DIRECTIONS = ("inbound", "outbound")


def plays(
    scenario: Scenario, parse_command: Callable[[str], Any] | None = None, seeds: Sequence[int] = SEEDS
) -> Findings:
    """Findings from runs of `scenario` over `seeds`. Raises BadFile for a mistake in its runbook."""
    index = {objective.id: n for n, objective in enumerate(scenario.objectives)}
    nothing = played(scenario, None, seeds[0])
    found = verdicts(nothing)
    if "failed" not in found.values():
        yield (
            ("objectives",),
            ("doing nothing does not fail any objective; add an objective that requires an action"),
        )
    for name in _earned_by_nothing(scenario, found):
        yield (
            ("objectives", index[name]),
            (f"doing nothing meets {name}, which judges a decision; require an action"),
        )
    runbook = reference_runbook(scenario, parse_command)
    if runbook is None:
        return
    missed: dict[str, dict[int, ObjectiveVerdict]] = {}
    silent = _unheard(scenario, nothing)
    for seed in seeds:
        session = played(scenario, runbook, seed)
        if seed == seeds[0]:
            yield from _worth(scenario, nothing, session)
            yield from _said_again(session)
        silent &= _unheard(scenario, session)
        for one in verdicts_of(session.drill):
            if one.state != "met":
                missed.setdefault(one.id, {})[seed] = one
    for name, ill in missed.items():
        told = ", ".join(map(str, ill))
        what = f"the reference runbook does not meet {name} with seed {told}"
        remedy = _remedy(scenario, scenario.objectives[index[name]], next(iter(ill.values())))
        yield ("objectives", index[name]), f"{what}{remedy}"
    for number, inject in enumerate(scenario.injects):
        if inject.id in silent:
            what = f"{inject.id} fires neither without action nor with the reference runbook"
            yield ("injects", number), f"{what}; fix its `{'when' if inject.when else 'at'}` or `unless`"


def _remedy(scenario: Scenario, objective: Objective, first: ObjectiveVerdict) -> str:
    """The cause and the fix, in brackets; a runbook cannot fix a figure that has nothing to measure."""
    if first.state != "open" or not objective.targets:
        return f" ({first.cause}); fix the runbook, or require less"
    asked = {target.measure for target in objective.targets}
    if _OF_THE_LOST in asked and not any(fault.users_percent for fault in scenario.timeline):
        return (
            " (users do not lose their mailboxes); write `access: lost` in the fault, or leave the "
            "objective out"
        )
    return f" ({first.cause}); add the measured action to the runbook, or leave the objective out"


def played(scenario: Scenario, runbook: Runbook | None, seed: int) -> Session:
    """A run of `scenario` to its end, with a runbook or (None) without any action."""
    session = Session(scenario, seed, None)
    play(session, runbook)
    return session


def verdicts(session: Session) -> dict[str, str]:
    """The verdict on each objective."""
    return {one.id: one.state for one in verdicts_of(session.drill)}


def _earned_by_nothing(scenario: Scenario, found: dict[str, str]) -> list[str]:
    """Objectives with a deadline for an action that are met even without any action."""
    return [
        one.id
        for one in scenario.objectives
        if one.judges == "decision" and one.met and found[one.id] == "met"
    ]


def _unheard(scenario: Scenario, session: Session) -> set[str]:
    """Injects that did not fire."""
    came = {event.ref for event in session.events()}
    return {inject.id for inject in scenario.injects} - came


def _worth(scenario: Scenario, nothing: Session, acted: Session) -> Findings:
    """Doing nothing must cost mail or hours; where waiting is the lesson, it must not cost mail."""
    lost, kept = mail_lost(nothing), mail_lost(acted)
    if scenario.waiting == "wins":
        if lost > kept:
            what = f"`waiting: wins` is given, but waiting loses {lost:,} messages and the reference {kept:,}"
            yield ("waiting",), f"{what}; write `waiting: loses`, or make the outage shorter"
    elif lost <= kept and all(a <= b for a, b in zip(_hours_lost(nothing), _hours_lost(acted), strict=True)):
        what = "doing nothing loses no more mail and no more user-hours than the reference runbook"
        yield (
            ("objectives",),
            f"{what}; write `waiting: wins` if that is the lesson, or make the outage longer",
        )


def _said_again(session: Session) -> Findings:
    """Updates to the same audience over the same channel within minutes of each other: noise, unless mail
    has just been restored.
    """
    last: dict[tuple[str, str], int] = {}
    apart_ms = session.scenario.rules.words.apart_ms
    for one in session.drill.room.said:
        before_ms = last.get((one.audience, one.via))
        last[one.audience, one.via] = one.t_ms
        if before_ms is not None and one.t_ms - before_ms < apart_ms and not one.says_back:
            when = session.drill.clock(one.t_ms)
            what = f"the reference runbook notifies {one.audience} by {one.via} at {when}, as it did"
            ago = format_duration((one.t_ms - before_ms) // MINUTE_MS * MINUTE_MS)
            yield ("reference",), f"{what} {ago} before; remove one of the two"
            return


def mail_lost(session: Session) -> int:
    """Messages bounced, junked, quarantined or late; a smaller number of unfiltered messages does not
    count as a gain.
    """
    world = session.drill.world
    books = world.custody()
    assert set(_GONE) <= set(ACCOUNTS)
    gone = sum(books[name].get(account, 0) for name in _OF_DIRECTIONS for account in _GONE)
    return gone + world.flags()["late"] + exposure(session.drill).unfiltered


def _hours_lost(session: Session) -> tuple[int, int]:
    """User-hours without mail, and the delay of the slowest twentieth of outbound mail."""
    world = session.drill.world
    waited_ms = world.ledger.delay_ms(OUTBOUND, 95) or 0
    return lost_user_ms(world.users, session.now_ms) // HOUR_MS, waited_ms // HOUR_MS
