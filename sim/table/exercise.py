"""An exercise: one drill, the seats around it, and all actions and knowledge of the people at them.

It does not use sockets or screens. A door gives it lines (`do`) and requests a seat's view (`look`,
`events`); a driver advances its clock. Every change is journaled with seat and person before it acts, so that
the journal alone rebuilds the exercise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Self, cast

from sim.drill.commands.command import Refused
from sim.drill.commands.grammar import BadCommand, format_command, parse
from sim.drill.facilitation.evaluation import Endex, Jump, Rewind, SetBookmark
from sim.drill.facilitation.inputs import AtTable
from sim.drill.facilitation.seats import Freeze
from sim.drill.facilitation.word import TableWord
from sim.drill.facilitation.words import SIT, command_in_line, is_word, parsed
from sim.drill.room.events import Event
from sim.drill.room.table_record import FACILITATOR, Request, Seated
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import Difference, branch
from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt
from sim.drill.snapshot.console import LISTED
from sim.kernel.duration import HOUR_MS, parse_duration
from sim.table.audience import hears
from sim.table.jump import ClockJump
from sim.table.looks import STATES, Reply, RequestView, SeatLook, SeatView
from sim.table.running import ScriptRow, running_script
from sim.table.seats import BadSeat, SeatKind, bad_name, not_allowed, seats_named
from sim.table.truth import Truth, truth


def _next_to(journal: Path) -> Path:
    """`NAME-branch-2.jsonl` next to `NAME.jsonl` and `NAME-branch-1.jsonl`."""
    stem = journal.stem.rpartition("-branch-")[0] or journal.stem
    names = (journal.with_name(f"{stem}-branch-{number}.jsonl") for number in count(1))
    return next(path for path in names if not path.exists())


class Exercise:
    """One exercise. `session` is the drill; doors and screens use the methods below."""

    def __init__(self, session: Session, new_path: Callable[[Path], Path] = _next_to) -> None:
        """`new_path`: the path of a branch of the journal at a path.

        Raises BadSeat if the drill was not begun as an exercise.
        """
        names = session.launch.get("table")
        if not names:
            raise BadSeat("this drill is not an exercise; to play it: mxdrill resume")
        self.session = session
        self.seats: tuple[SeatKind, ...] = seats_named(names)
        self._read = 0
        self.wall: Callable[[], str] = str
        """The wall-clock time in the room, for the journal; a server sets it."""
        self._jump: ClockJump | None = None
        self._new_path = new_path
        self.rewinds = 0
        """The number of times that everyone was rewound: each time the events after that moment become
        void.
        """
        self._givers: dict[str, list[str]] = {}

    @classmethod
    def start(
        cls,
        scenario: Scenario,
        seed: int,
        path: Path | None,
        seats: Sequence[str],
        launch: Mapping[str, Any] | None = None,
    ) -> Self:
        """A new exercise with those seats, journaled at `path`. Raises BadSeat, NoNewJournal, DiskFull."""
        names = [one.name for one in seats_named(seats)]
        return cls(Session.start(scenario, seed, path, {**(launch or {}), "table": names}))

    @classmethod
    def resume(cls, path: Path) -> Self:
        """The exercise of the journal at `path`, open for further entries: everyone keeps their seat."""
        session = Session.resume(path)
        try:
            return cls(session)
        except BadSeat:
            session.close()
            raise

    # The clock

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    @property
    def ended(self) -> bool:
        return self.session.ended

    @property
    def frozen(self) -> bool:
        """True while the clock is stopped for everyone; a driver does not advance it then."""
        return self.session.drill.table.frozen

    @property
    def speed(self) -> float:
        """Simulated seconds per second of the wall clock, for the driver."""
        return self.session.drill.table.speed

    @property
    def jumping(self) -> bool:
        """True while the clock jumps for everyone; a driver calls `jump_on` then, as often as it can."""
        return self._jump is not None

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms), unless the exercise is frozen or over."""
        if not self.frozen:
            self.session.advance(to_ms)

    def jump_on(self, by_ms: int = HOUR_MS) -> str:
        """Advance a jump by at most `by_ms`; the summary once it is over, else empty. Raises DiskFull.

        The clock is then stopped, so that everyone can read the summary.
        """
        if self._jump is None:
            return ""
        reason = self._jump.step(by_ms)
        if not reason:
            return ""
        told, self._jump = f"{reason}. {self._jump.meanwhile()}", None
        if not self.ended:
            self._speak(FACILITATOR, self.person(FACILITATOR), f"freeze {told}")
        return told

    # People and what they do

    @property
    def names(self) -> tuple[str, ...]:
        """Every seat, the facilitator's last."""
        return (*(one.name for one in self.seats), FACILITATOR)

    def person(self, seat: str) -> str:
        """The person at that seat; empty: the seat is not taken."""
        return self.session.drill.table.people.get(seat, "")

    def sit(self, seat: str, person: str) -> Reply:
        """`person` takes the seat and plays its roles from now on. Raises BadSeat, DiskFull."""
        if mistake := bad_name(person):
            return Reply(False, mistake)
        kind, person = self._kind(seat), person.strip()
        roles = " ".join(kind.roles) if kind is not None else ""
        return self._speak(seat, person, f"sit {roles}".strip())

    def leave(self, seat: str) -> Reply:
        """The seat is free from now on; the simulator plays its roles. Raises BadSeat, DiskFull."""
        self._kind(seat)
        return self._speak(seat, self.person(seat), "leave")

    def do(self, seat: str, person: str, text: str) -> Reply:
        """Carry out one typed line of `person` at `seat`: a command, or a table command.

        Raises BadSeat, DiskFull: nothing has happened then.
        """
        self._kind(seat)
        if not self.person(seat):
            return Reply(False, f"the seat {seat} is empty; take it first")
        if tuple(text.split()[:1]) == SIT:
            return Reply(False, f"you have the seat {seat}; `leave` frees it")
        if not is_word(text, seat):
            return self._command(seat, person, text)
        wanted = self._wanted()
        if seat == FACILITATOR and isinstance(word := self._word(text), Rewind):
            mistake = self._no_rewind(word.to)
            if mistake:
                return Reply(False, mistake)
        reply = self._speak(seat, person, text)
        if reply.accepted and seat == FACILITATOR:
            rewinds = self.rewinds
            self._act(parsed(text, seat))
            path = self.session.journal_path
            if self.rewinds != rewinds and path is not None:
                return Reply(True, f"{reply.text}; the exercise continues in {path.stem}")
        given = [one for one in wanted if one.answer]
        return self._command(given[0].to, self.person(given[0].to), given[0].text) if given else reply

    def _act(self, word: TableWord) -> None:
        """Carry out a facilitator's command on the exercise itself, not on its drill."""
        match word:
            case Jump(aim):
                self._jump = ClockJump(self.session, None if aim == "end" else cast("StopAt", aim))
            case Freeze():
                self._jump = None
            case SetBookmark(name):
                self.session.bookmark(name)
            case Rewind(to):
                self._rewind(to)
            case Endex():
                self._jump = None
                self.session.finish()
            case _:
                pass

    def _word(self, text: str) -> TableWord | None:
        """The facilitator's command in `text`; None if it has a mistake."""
        try:
            return parsed(text, FACILITATOR)
        except BadCommand:
            return None

    def _moment_ms(self, to: str) -> int | None:
        """The moment that a rewind names: a bookmark, a moment of the drill, or a duration back."""
        marked = {name: t_ms for t_ms, name in self.session.bookmarks}
        if to in marked:
            return marked[to]
        try:
            return parse_duration(to[2:]) if to.startswith("T+") else self.now_ms - parse_duration(to)
        except ValueError:
            return None

    def _no_rewind(self, to: str) -> str:
        """The reason why the exercise cannot be rewound to that moment; empty: it can."""
        moment_ms = self._moment_ms(to)
        if self.session.journal_path is None:
            return "this exercise is not saved, so it cannot go back"
        if moment_ms is None:
            return f"{to}: write a moment (T+2h30m), a duration (30m) or the name of a bookmark"
        return "" if 0 <= moment_ms < self.now_ms else f"{to}: not a moment before the present one"

    def _rewind(self, to: str) -> None:
        """Continue from that moment in a branch; this exercise is closed, and kept. Raises DiskFull."""
        moment_ms, before = self._moment_ms(to), self.session
        assert moment_ms is not None  # else it is refused
        assert before.journal_path is not None
        journal = before.journal_path
        self.session = branch(before, journal, Difference(at_ms=moment_ms), self._new_path(journal))
        before.close()
        self.rewinds += 1
        self._read, self._givers, self._jump = 0, {}, None
        told = f"we have gone back to {self.session.drill.clock(self.now_ms)}"
        if not self.frozen:
            self._speak(FACILITATOR, self.person(FACILITATOR) or FACILITATOR, f"freeze {told}")

    def _wanted(self) -> list[Request]:
        """Unanswered requests for commands from one seat to another."""
        return [one for one in self.session.drill.table.requests if one.command and one.answer is None]

    def _speak(self, seat: str, person: str, text: str) -> Reply:
        said = self.session.speak(text, self._by(seat, person))
        return Reply(False, said.reason) if isinstance(said, Refused) else Reply(True, said)

    def _by(self, seat: str, person: str) -> Seated:
        return Seated(seat, person, self.wall())

    def _command(self, seat: str, person: str, text: str) -> Reply:
        drill = self.session.drill
        try:
            command = command_in_line(text, seat)
        except BadCommand as mistake:
            return Reply(False, str(mistake))
        if self.frozen and seat != FACILITATOR:
            return Reply(False, "the clock is stopped for everyone; wait until it runs again")
        why = not_allowed(drill, command, seat, self.seats)
        if why:
            return Reply(False, why)
        outcome = self.session.dispatch(format_command(command), self._by(seat, person))
        return Reply(False, outcome.reason) if isinstance(outcome, Refused) else Reply(True, outcome.text)

    # What a seat may know

    def look(self, seat: str, listed: int = LISTED) -> SeatLook:
        """Everything that the seat may know now, with at most `listed` messages of the queue. Raises
        BadSeat.
        """
        kind, drill = self._kind(seat), self.session.drill
        seen = self.session.snapshot(listed)
        return SeatLook(
            self._view(seat),
            () if kind is None else kind.places,
            seen if kind is None else replace(seen, objectives=()),
            drill.table.frozen,
            drill.table.speed,
            tuple(self._view(name) for name in self.names),
            self.requests(seat),
        )

    def requests(self, seat: str) -> tuple[RequestView, ...]:
        """Requests of the seat and to it, in order."""
        found = [
            one
            for one in self.session.drill.table.requests
            if seat in (FACILITATOR, one.by, one.to)
            and (one.reaches_ms <= self.now_ms or seat in (FACILITATOR, one.by))
        ]
        return tuple(
            RequestView(one.number, one.t_ms, one.by, one.to, one.text, STATES[one.answer]) for one in found
        )

    def series(self, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
        """Samples of a series that instruments have shown, see `Session.series`."""
        return self.session.series(what, a_ms, b_ms, points)

    def truth(self) -> Truth:
        """The truth now, for the facilitator only."""
        return truth(self.session)

    def script(self) -> list[ScriptRow]:
        """The script as it runs, for the facilitator only."""
        return running_script(self.session)

    def events(self, seat: str, after_seq: int = -1) -> list[Event]:
        """The events that the seat gets, with `seq` > `after_seq`, in order. Raises BadSeat.

        The numbers of events are the same for every seat, so each seat's list has gaps.
        """
        self._kind(seat)
        table, givers = self.session.drill.table, self._who_gave()
        new = self.session.events(max(0, after_seq + 1))
        return [one for one in new if hears(seat, one, table, _of(one.ref, givers))]

    def _who_gave(self) -> Mapping[str, Sequence[str]]:
        """The seats that gave each command, by its text and by its first words."""
        inputs = self.session.inputs
        for _t_ms, given in inputs[self._read :]:
            if isinstance(given, AtTable) and not given.word:
                for key in {given.text, " ".join(parse(given.text).words)}:
                    seats = self._givers.setdefault(key, [])
                    if given.by.seat not in seats:
                        seats.append(given.by.seat)
        self._read = len(inputs)
        return self._givers

    def _view(self, seat: str) -> SeatView:
        kind = self._kind(seat)
        return SeatView(seat, self.person(seat), "runs the exercise" if kind is None else kind.does)

    def _kind(self, seat: str) -> SeatKind | None:
        """The kind of a seat; None: the facilitator's. Raises BadSeat."""
        if seat == FACILITATOR:
            return None
        kind = next((one for one in self.seats if one.name == seat), None)
        if kind is None:
            raise BadSeat(f"{seat}: this table has no such seat; it has {', '.join(self.names)}")
        return kind

    # The journal

    def mark(self, *, digest: bool = False) -> None:
        """Journal that this moment has been reached. Raises DiskFull."""
        self.session.mark(digest=digest)

    def close(self) -> None:
        """Mark the last moment with its digest and close the journal. Raises DiskFull."""
        self.session.close()


def _of(ref: str, givers: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The seats that gave the command of an event: that very text, else a command with its first words.

    A late result has a text of its own: `probe mx gateway-1` of `probe mx all`.
    """
    words = ref.split()
    return givers.get(ref) or givers.get(" ".join(words[:2])) or givers.get(words[0] if words else "", ())
