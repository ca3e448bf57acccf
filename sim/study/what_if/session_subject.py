"""The subject for a study of one session: its inputs, and the commands of its reference runbook."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import AtTable, Input
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.services.console_sessions import NEED_ACCOUNT
from sim.drill.session.branch import last_moment_ms
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.study.what_if.course import course_of
from sim.study.what_if.splices import Edit, changes_something, edits
from sim.study.what_if.subject import EMERGENCY, Subject


def subject(session: Session) -> Subject:
    """The subject for `session`, with the commands of its reference runbook (from a separate run).

    If the runbook gives a command more often than it was given here, its last times are missing.
    """
    to_ms, moments = last_moment_ms(session), dict[str, list[int]]()
    inputs, differs = without_seats(session.inputs), tuple[Edit, ...]()
    runbook = reference_runbook(session.scenario, parse)
    if runbook is not None:
        reference = Session(session.scenario, session.seed, None, session.people)
        play(reference, runbook, to_ms)
        for t_ms, text in reference.commands:
            moments.setdefault(text, []).append(t_ms)
        differs = edits(inputs, reference.inputs)
    given = Counter(text for _t_ms, text in session.commands)
    missing = {
        text: tuple(times[given[text] :]) for text, times in moments.items() if given[text] < len(times)
    }
    acts = {text: times for text, times in missing.items() if changes_something(text)}
    return Subject(
        session.original,
        session.seed,
        inputs,
        to_ms,
        acts,
        differs,
        session.people,
        session.drill.draw_keys.drawn,
        _locked_out_ms(session, missing.get(EMERGENCY, ())),
    )


def _locked_out_ms(session: Session, reference_ms: Sequence[int]) -> int | None:
    """When an account that does not need the directory was first missing; None: never, or there is one.

    That is when a command was refused for lack of a sign-in, when the emergency sign-in itself was
    attempted, or at `reference_ms`, when the reference runbook gives it.
    """
    events = session.original.organisation.gateway.continuity_events
    if events.break_glass or events.console_log_on != "directory":
        return None
    refused_ms = [
        t_ms
        for text, (t_ms, reason) in course_of(session).refused.items()
        if text == EMERGENCY or reason in NEED_ACCOUNT.values()
    ]
    return min((*refused_ms, *reference_ms), default=None)


def without_seats(inputs: Iterable[Input]) -> tuple[Input, ...]:
    """`inputs`, with all commands as plain text, whichever seat of a table gave them."""
    return tuple(
        (t_ms, what.text) if isinstance(what, AtTable) and not what.word else (t_ms, what)
        for t_ms, what in inputs
    )
