"""An exercise: one drill, the seats around it, and what the people at the seats do and know.

The exercise itself does not use sockets or screens. A door (a server for browsers, SSH or line clients) gives
lines to the exercise (`do`) and requests a seat's view (`look`, `events`); a driver advances the clock. Every
change is journaled with seat and person before it takes effect, so that the journal alone is enough to
rebuild the exercise.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

from sim.drill.commands.command import Command
from sim.drill.commands.grammar import BadCommand, format_command
from sim.drill.commands.outcome import Refused
from sim.drill.facilitation.evaluation import Endex, Jump, Rewind, SetBookmark
from sim.drill.facilitation.own_words import Confirm, InOwnWords, open_wish
from sim.drill.facilitation.requests import AnswerCall
from sim.drill.facilitation.seats import Emergency, Freeze
from sim.drill.facilitation.word import TableWord
from sim.drill.facilitation.words import SIT, command_in_line, is_word, parsed, refusal_of
from sim.drill.room.table_record import FACILITATOR, Request, Seated
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import Difference, branch
from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt
from sim.kernel.duration import HOUR_MS
from sim.table.going_back import moment_of, next_to, no_way_back
from sim.table.jump import ClockJump
from sim.table.looks import Reply
from sim.table.pack.questions import STOP_WORD
from sim.table.seat_knowledge import SeatKnowledge
from sim.table.seats import BadSeat, bad_name, not_allowed, seats_named
from sim.table.short_lines import in_full, in_own_words, of_emergency
from sim.table.stops import advance_to_stop


class Exercise(SeatKnowledge):
    """One exercise. `session` is the drill; doors and screens use the methods below and `SeatKnowledge`."""

    def __init__(self, session: Session, new_path: Callable[[Path], Path] = next_to) -> None:
        """`new_path`: returns the path for a branch of the journal at a given path.

        Raises BadSeat if the drill was not begun as an exercise.
        """
        names = session.launch.get("table")
        if not names:
            raise BadSeat("this drill is not an exercise; to play it: mxdrill resume")
        super().__init__(session, seats_named(names))
        self.wall: Callable[[], str] = str
        """The wall-clock time in the room, for the journal; set by a server."""
        self._jump: ClockJump | None = None
        self._new_path = new_path
        self.rewinds = 0
        """The number of rewinds. With each rewind, events after the moment rewound to become void."""

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
        """The exercise of the journal at `path`, open for further entries; everyone keeps their seat."""
        session = Session.resume(path)
        try:
            return cls(session)
        except BadSeat:
            session.close()
            raise

    @property
    def stop_word(self) -> str:
        """The words by which anyone stops the exercise in a real emergency."""
        return str(self.session.launch.get("stop_word", STOP_WORD))

    # The clock

    @property
    def jumping(self) -> bool:
        """True while the clock jumps for everyone; a driver calls `jump_on` then, as often as it can."""
        return self._jump is not None

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms), at most to the first stop, unless the exercise is frozen or over.

        Raises DiskFull.
        """
        if not self.frozen and self._advance(to_ms):
            self._speak(FACILITATOR, self.person(FACILITATOR), "freeze")

    def _advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> bool:
        """Advance the drill; True if a stop has been reached, which then becomes a bookmark. Raises
        DiskFull.
        """
        reached = advance_to_stop(self.session, to_ms, stop)
        if reached:
            for word in (f"stop off {reached}", f"bookmark {reached}"):
                self._speak(FACILITATOR, self.person(FACILITATOR), word)
            self.session.bookmark(reached)
        return bool(reached)

    def jump_on(self, by_ms: int = HOUR_MS) -> str:
        """Advance a jump by at most `by_ms`; returns the summary once the jump is over, otherwise an empty
        text. Raises DiskFull.

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

    # People and their actions

    def sit(self, seat: str, person: str) -> Reply:
        """Give the seat and its roles to `person` from now on. Raises BadSeat, DiskFull."""
        if (told := of_emergency(person, self.stop_word)) != person:
            return self._speak(seat, self.person(seat) or "someone", told)
        if mistake := bad_name(person):
            return Reply(False, mistake)
        kind, person = self._kind(seat), person.strip()
        roles = " ".join(kind.roles) if kind is not None else ""
        return self._speak(seat, person, f"sit {roles}".strip())

    def leave(self, seat: str) -> Reply:
        """Free the seat from now on; the simulator plays its roles. Raises BadSeat, DiskFull."""
        self._kind(seat)
        return self._speak(seat, self.person(seat), "leave")

    def do(self, seat: str, person: str, text: str) -> Reply:
        """Carry out one typed line of `person` at `seat`: a command, or a table command.

        Raises BadSeat, DiskFull, in which case nothing has happened.
        """
        self._kind(seat)
        if not self.person(seat):
            return Reply(False, f"the seat {seat} is empty; take it first")
        if tuple(text.split()[:1]) == SIT:
            return Reply(False, f"you have the seat {seat}; `leave` frees it")
        text = of_emergency(text, self.stop_word)
        if in_own_words(text, seat):
            text = f"{' '.join(InOwnWords.words)} {text}"
        if not is_word(text, seat):
            return self._command(seat, person, text)
        word = self._word(text, seat)
        whole = word if word is None else in_full(word, self.session, self.seats)
        if whole is not None and (mistake := self._not_now(seat, whole)):
            return Reply(False, mistake)
        wanted = self._wanted()
        reply = self._speak(seat, person, text if whole is None or whole == word else format_command(whole))
        if not reply.accepted or whole is None:
            return reply
        if isinstance(whole, Confirm):
            return self._confirmed(whole, reply)
        rewinds = self.rewinds
        self._act(whole, seat)
        path = self.session.journal_path
        if self.rewinds != rewinds and path is not None:
            return Reply(True, f"{reply.text}; the exercise continues in {path.stem}")
        given = [one for one in wanted if one.answer]
        return self._command(given[0].to, self.person(given[0].to), given[0].text) if given else reply

    def _not_now(self, seat: str, word: TableWord) -> str:
        """The reason why the exercise cannot carry out a table command; empty if it can."""
        match word:
            case Rewind(to) if seat == FACILITATOR:
                return no_way_back(self.session, to)
            case AnswerCall(number) if number.isascii() and number.isdigit():
                seq = int(number[:9])
                heard = any(one.seq == seq for one in self.events(seat, seq - 1)[:1])
                return "" if heard else f"answer {number}: no call, email, SMS or ticket of yours"
            case Confirm(number, line) if (asked := open_wish(self.session.drill, number)) is not None:
                return self._not_for(asked.by, line) if line else ""
            case _:
                return ""

    def _not_for(self, seat: str, line: str) -> str:
        """The reason why the person at the seat cannot give the line now, without giving it."""
        if is_word(line, seat):
            person = self.person(seat)
            return refusal_of(self.session.drill, line, self._by(seat, person))
        try:
            command = command_in_line(line, seat)
        except BadCommand as mistake:
            return str(mistake)
        return self._no_command(seat, command)

    def _confirmed(self, word: Confirm, reply: Reply) -> Reply:
        """Give the line of a confirmed request as the person who made it."""
        asked = self.session.drill.table.numbered(word.number)
        assert asked is not None  # otherwise it would have been refused
        given = self.do(asked.by, self.person(asked.by), word.line)
        return Reply(given.accepted, f"{reply.text}: {given.text}")

    def _act(self, word: TableWord, seat: str) -> None:
        """Carry out a table command on the exercise itself, not on its drill."""
        if isinstance(word, Emergency):
            self._jump = None
        if seat != FACILITATOR:
            return
        match word:
            case Jump(aim):
                self._jump = ClockJump(
                    self.session, None if aim == "end" else cast("StopAt", aim), self._advance
                )
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

    def _word(self, text: str, seat: str) -> TableWord | None:
        """The table command in `text`; None if it has a mistake."""
        try:
            return parsed(text, seat)
        except BadCommand:
            return None

    def _rewind(self, to: str) -> None:
        """Continue from that moment in a branch; this exercise is closed, and kept. Raises DiskFull."""
        moment_ms, before = moment_of(self.session, to), self.session
        assert moment_ms is not None  # otherwise it would have been refused
        assert before.journal_path is not None
        journal = before.journal_path
        self._know_of(branch(before, journal, Difference(at_ms=moment_ms), self._new_path(journal)))
        before.close()
        self.rewinds += 1
        self._jump = None
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

    def _no_command(self, seat: str, command: Command) -> str:
        """The reason why the seat cannot give the command now; empty if it can."""
        if self.frozen and seat != FACILITATOR:
            return "the clock is stopped for everyone; wait until it runs again"
        return not_allowed(self.session.drill, command, seat, self.seats)

    def _command(self, seat: str, person: str, text: str) -> Reply:
        try:
            command = command_in_line(text, seat)
        except BadCommand as mistake:
            return Reply(False, str(mistake))
        if why := self._no_command(seat, command):
            return Reply(False, why)
        outcome = self.session.dispatch(format_command(command), self._by(seat, person))
        return Reply(False, outcome.reason) if isinstance(outcome, Refused) else Reply(True, outcome.text)

    # The journal

    def mark(self, *, digest: bool = False) -> None:
        """Journal that the current time has been reached. Raises DiskFull."""
        self.session.mark(digest=digest)

    def close(self) -> None:
        """Mark the last moment with its digest and close the journal. Raises DiskFull."""
        self.session.close()
