"""Exercises of several teams on separate copies, compared: the same outage, seed and settings.

Names of people are left out. The teams' figures are compared at the same moment: the end, if every team has
reached it, otherwise the latest moment that all of them have reached.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sim.drill.facilitation.inputs import AtTable, command_in
from sim.drill.room.table_record import FACILITATOR
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.quantities import counted
from sim.kernel.user_mistake import Mistake
from sim.report.outcome import RunOutcome, outcome, verdicts
from sim.report.paper.delays import LongWait, delays, meanwhile
from sim.report.paper.tiles import lost, queued
from sim.report.scores import Score, scores
from sim.report.table import hours
from sim.report.timeline import when

MOST_DELAYS = 3
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class NotComparable(Mistake):
    """Exercises that cannot be compared; the text is one line with the difference."""


T = TypeVar("T")
Row = tuple[str, tuple[str, ...]]
"""(title, text for each team)."""


@dataclass(frozen=True, slots=True)
class TeamComparison:
    """The results of several teams. Every row has one text for each team, in the order of `teams`."""

    title: str
    organisation: str
    seed: int
    teams: tuple[str, ...]
    moment: str
    """The moment for which the figures hold, in words."""
    played: tuple[Row, ...]
    """For each team, the time that it reached and the help that it received."""
    availability: tuple[Row, ...]
    protection: tuple[Row, ...]
    objectives: tuple[Row, ...]
    delays: tuple[tuple[str, ...], ...]
    """For each team, its costliest delays."""
    remarks: tuple[str, ...]
    """Limits of the comparison."""


def team_names(given: Sequence[str], count: int) -> tuple[str, ...]:
    """The names of the teams; if none are given: Team A, Team B. Raises NotComparable."""
    if not given:
        return tuple(f"Team {letter}" for letter in LETTERS[:count])
    if len(given) != count or len(set(given)) != count:
        raise NotComparable(f"--teams: write {count} different names, one for each drill, in their order")
    return tuple(given)


def compared(
    sessions: Sequence[Session], names: Sequence[str], again: Callable[[int, int], Session]
) -> TeamComparison:
    """The comparison of `sessions`. `again`: returns the session with a given index, replayed up to a time in
    ms.

    Raises NotComparable if they are not of one outage with one seed and the same settings.
    """
    _require_alike(sessions, names)
    ends_ms = [one.now_ms for one in sessions]
    whole = all(one.complete for one in sessions)
    common_ms = min(ends_ms)
    shown = [
        one if whole or one.now_ms == common_ms else again(index, common_ms)
        for index, one in enumerate(sessions)
    ]
    first = sessions[0]
    moment = "the end of each team's drill"
    if not whole:
        local, elapsed = when(shown[0], common_ms)
        moment = f"{local} ({elapsed} after the onset), the latest moment that every team has reached"
    return TeamComparison(
        first.original.title,
        first.original.organisation.name,
        first.seed,
        tuple(names),
        moment,
        _rows(sessions, _PLAYED),
        _rows([outcome(one) for one in shown], _AVAILABILITY),
        _rows([outcome(one) for one in shown], _PROTECTION),
        (*_scores(shown), *_objectives(shown)),
        tuple(_delays(one) for one in shown),
        _remarks(sessions, shown, names),
    )


def _require_alike(sessions: Sequence[Session], names: Sequence[str]) -> None:
    first = sessions[0]
    for name, one in zip(names[1:], sessions[1:], strict=True):
        if one.original.id != first.original.id:
            raise NotComparable(f"{name} had {one.original.id}, {names[0]} had {first.original.id}")
        if one.seed != first.seed:
            raise NotComparable(
                f"{name} had the seed {one.seed}, {names[0]} had {first.seed}; their outages differ by chance"
            )
        if one.original.source_hash != first.original.source_hash:
            raise NotComparable(f"{name} and {names[0]} had different settings or versions of the scenario")


def _table_inputs(session: Session) -> list[AtTable]:
    return [given for _t_ms, given in session.inputs if isinstance(given, AtTable)]


def _commands(session: Session) -> str:
    return str(sum(command_in(given) is not None for _t_ms, given in session.inputs))


def _seats(session: Session) -> str:
    seats = {one.by.seat for one in _table_inputs(session)} - {FACILITATOR}
    return counted(len(seats), "seat")


def _ended(session: Session) -> str:
    local, elapsed = when(session, session.now_ms)
    state = "to the end" if session.complete else "ended" if session.ended else "not over"
    return f"{local} ({elapsed}), {state}"


_PLAYED: tuple[tuple[str, Callable[[Session], str]], ...] = (
    ("played until", _ended),
    ("seats taken", _seats),
    ("commands", _commands),
    ("hints", lambda one: str(len(one.drill.table.hints))),
)


def _whole(number: float) -> str:
    return f"{round(number):,}"


_AVAILABILITY: tuple[tuple[str, Callable[[RunOutcome], str]], ...] = (
    ("user-hours without mail", lambda one: _whole(one.people.user_hours_without_mail)),
    ("messages lost", lambda one: _whole(lost(one))),
    ("messages still queued", lambda one: _whole(queued(one))),
    ("messages too late to be useful", lambda one: _whole(one.timing.late.count)),
    ("calls to the helpdesk", lambda one: _whole(one.people.calls)),
)
_PROTECTION: tuple[tuple[str, Callable[[RunOutcome], str]], ...] = (
    ("openings, in total", lambda one: hours(one.protection.open_ms)),
    ("of which without approval", lambda one: hours(one.protection.not_approved_ms)),
    ("messages that bypassed every filter", lambda one: _whole(one.protection.unfiltered)),
    ("unwanted messages let through (assumed shares)", lambda one: _whole(one.protection.unwanted)),
)


def _rows(of: Sequence[T], titled: Sequence[tuple[str, Callable[[T], str]]]) -> tuple[Row, ...]:
    return tuple((title, tuple(read(one) for one in of)) for title, read in titled)


def _met(score: Score) -> str:
    """The score in words: `6 of 8, 1 not judged`."""
    not_judged = f", {score.open} not judged" if score.open else ""
    return f"{score.met} of {score.asked}{not_judged}"


def _scores(sessions: Sequence[Session]) -> tuple[Row, ...]:
    """A row for each score: how many of its objectives each team met, and how many were not judged."""
    found = [scores(one.scenario.objectives, verdicts(one)) for one in sessions]
    return tuple(
        (
            f"met for {first.name}",
            tuple(_met(team[index]) for team in found),
        )
        for index, first in enumerate(found[0])
    )


def _objectives(sessions: Sequence[Session]) -> tuple[Row, ...]:
    """A row for each objective that is judged in any team: for each team, the verdict and its time."""
    found = [verdicts(one) for one in sessions]
    rows = []
    for index, objective in enumerate(sessions[0].original.objectives):
        cells = []
        for session, judged in zip(sessions, found, strict=True):
            verdict = judged[index]
            at = "" if verdict.at_ms is None else f", {when(session, verdict.at_ms)[0]}"
            hinted = any(one.about == objective.id for one in session.drill.table.hints)
            cells.append(f"{verdict.state}{at}{' (hint)' if hinted else ''}")
        if any(cell != "open" for cell in cells):
            rows.append((objective.id, tuple(cells)))
    return tuple(rows)


def _cost(one: LongWait) -> tuple[float, int, int]:
    return one.user_hours, one.lost, one.span_ms


def _delays(session: Session) -> tuple[str, ...]:
    """The delays with the most user-hours without mail; of equal ones, the most lost mail, then the
    longest time; without names of people.
    """
    worst = sorted(delays(session), key=_cost, reverse=True)[:MOST_DELAYS]
    return tuple(f"{in_words(one.span_ms, MINUTE_MS)}: {one.what}; {meanwhile(one)}" for one in worst)


_CHANGES = ("fault", "inject", "say")
"""First words of lines with which a facilitator changes the outage, or changes the messages about it that
a team gets.
"""


def _remarks(sessions: Sequence[Session], shown: Sequence[Session], names: Sequence[str]) -> tuple[str, ...]:
    remarks = [
        "A delay is listed with what happened to all mail and users in that time; it may not be the cause.",
        "Trust the difference between teams more than any single figure: unpublished numbers are assumed.",
    ]
    changed = [
        f"{name}: {counted(count, 'line')}"
        for name, session in zip(names, sessions, strict=True)
        if (count := sum(one.word and one.text.split()[0] in _CHANGES for one in _table_inputs(session)))
    ]
    judged = {
        objective.id
        for session in shown
        for objective, verdict in zip(session.scenario.objectives, verdicts(session), strict=True)
        if verdict.state != "open"
    }
    if open_ones := [one.id for one in shown[0].original.objectives if one.id not in judged]:
        remarks.insert(0, f"Not judged in any team by that moment: {', '.join(open_ones)}.")
    if changed:
        told = "; ".join(changed)
        remarks.insert(0, f"The facilitator changed faults or injects, or spoke as someone else ({told}).")
    return tuple(remarks)
