"""What people at a table did: commands and answers by seat and person, evaluators' notes, predictions."""

from collections.abc import Iterator

from sim.drill.facilitation.inputs import AtTable
from sim.drill.room.events import Event
from sim.drill.room.table_record import FACILITATOR, GivenHint
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.report.timeline import when

_OUTCOMES = {"done": "", "report": "", "note": "", "failed": "failed", "refused": "refused"}
_SILENT = frozenset({"sit", "leave", "speed", "bookmark"})
"""First words of lines that are not actions in the exercise."""


@frozen
class Deed:
    """A line that a person at the table typed."""

    t_ms: int
    local: str
    elapsed: str
    seat: str
    person: str
    text: str
    mark: str
    """`refused` or `failed` if the command had no effect; otherwise empty."""


@frozen
class SeatTotals:
    """One seat over the whole exercise."""

    seat: str
    people: str
    """Everyone who had the seat, in chronological order; empty if the simulator played the seat."""
    commands: int
    without_effect: int
    """Number of commands from this seat that were refused or failed."""
    words: int
    """Number of other lines: requests, answers, talk, notes of evaluators, predictions."""
    answered: int
    """Number of requests, calls and tickets that the seat answered."""


@frozen
class Noted:
    """A note of an evaluator, or a prediction."""

    local: str
    elapsed: str
    who: str
    about: str
    text: str
    wall: str = ""
    """The wall-clock time in the room; empty if it was not recorded."""


@frozen
class TableTold:
    """Everything that the people at a table did."""

    seats: tuple[SeatTotals, ...]
    deeds: tuple[Deed, ...]
    notes: tuple[Noted, ...]
    predictions: tuple[Noted, ...]
    hints: tuple[Noted, ...]
    """Hints from the facilitator, each with the outcome of the action that the hint was about."""

    @property
    def parts(self) -> tuple[tuple[str, tuple[Noted, ...]], ...]:
        """Notes, predictions and hints with their titles, in order; empty groups are left out."""
        titled = (
            ("Notes of evaluators", self.notes),
            ("Predictions", self.predictions),
            ("Hints", self.hints),
        )
        return tuple(one for one in titled if one[1])


def at_table(session: Session) -> TableTold | None:
    """What the people at the table did; None for a drill of one person."""
    names = session.launch.get("table")
    if not names:
        return None
    deeds, table = tuple(_deeds(session)), session.drill.table
    return TableTold(
        tuple(_totals(session, seat, deeds) for seat in (*names, FACILITATOR)),
        deeds,
        tuple(
            Noted(*when(session, one.t_ms), one.by, one.objective, one.text, one.wall)
            for one in table.observations
        ),
        tuple(
            Noted(
                *when(session, one.t_ms),
                f"{one.by.person} ({one.by.seat})",
                one.about,
                f"{one.number}, {one.sure_percent} % sure",
                one.by.wall,
            )
            for one in table.predictions
        ),
        tuple(
            Noted(
                *when(session, one.t_ms),
                f"{one.by.person} to {one.to}",
                one.about,
                f"{one.text}{_afterwards(session, one)}",
                one.by.wall,
            )
            for one in table.hints
        ),
    )


def _afterwards(session: Session, hint: GivenHint) -> str:
    """` (done 12 min later)`: the outcome of the action that a hint was about; empty if the hint was not
    about an action.
    """
    objective = next((one for one in session.scenario.objectives if one.id == hint.about), None)
    if objective is None:
        return ""
    came = [session.drill.milestones.get(one.milestone) for one in objective.met]
    known = [moment_ms for moment_ms in came if moment_ms is not None]
    if len(known) < len(came):
        return " (not done)"
    passed_ms = max(known, default=hint.t_ms) - hint.t_ms
    return f" (done {in_words(passed_ms, MINUTE_MS)} later)" if passed_ms >= 0 else " (done before)"


def people_at(session: Session) -> dict[str, str]:
    """Everyone at the table with their seat; a handout leaves out their names."""
    return {given.by.person: given.by.seat for _t_ms, given in session.inputs if isinstance(given, AtTable)}


def _deeds(session: Session) -> Iterator[Deed]:
    for t_ms, given in session.inputs:
        if isinstance(given, AtTable) and not (given.word and given.text.split()[0] in _SILENT):
            mark = "" if given.word else _mark(session.events(), t_ms, given.text)
            yield Deed(t_ms, *when(session, t_ms), given.by.seat, given.by.person, given.text, mark)


def _mark(events: list[Event], t_ms: int, text: str) -> str:
    """`refused` or `failed` for a command that had no effect; empty otherwise."""
    told = [one.kind for one in events if one.t_ms >= t_ms and one.ref == text]
    if not told:
        return "refused"  # because the drill was over
    outcome = next((one for one in told if one in _OUTCOMES), "")
    return _OUTCOMES.get(outcome, "")


def _totals(session: Session, seat: str, deeds: tuple[Deed, ...]) -> SeatTotals:
    people: list[str] = []
    for _t_ms, given in session.inputs:
        if isinstance(given, AtTable) and given.by.seat == seat and given.by.person not in people:
            people.append(given.by.person)
    texts = {
        (t_ms, given.text): given.word
        for t_ms, given in session.inputs
        if isinstance(given, AtTable) and given.by.seat == seat
    }
    own = [one for one in deeds if one.seat == seat]
    commands = [one for one in own if not texts[one.t_ms, one.text]]
    words = [one for one in own if texts[one.t_ms, one.text]]
    answers = [one for one in words if one.text.split()[0] in {"allow", "deny", "answer"}]
    return SeatTotals(
        seat,
        ", ".join(people),
        len(commands),
        sum(bool(one.mark) for one in commands),
        len(words),
        len(answers),
    )


def seat_line(one: SeatTotals) -> str:
    """A seat in one line: `Mona: 12 commands (1 without effect), 4 other lines (2 answers)`."""
    if not one.people:
        return "empty: played by the simulator"
    without = f" ({one.without_effect} without effect)" if one.without_effect else ""
    answers = f" ({counted(one.answered, 'answer')})" if one.answered else ""
    lines = counted(one.words, "other line")
    return f"{one.people}: {counted(one.commands, 'command')}{without}, {lines}{answers}"
