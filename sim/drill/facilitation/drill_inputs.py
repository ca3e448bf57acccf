"""The inputs of one drill: each is carried out, and kept with its time so that it can be repeated."""

from collections.abc import Iterator

from sim.drill.commands.dispatch import assign, give
from sim.drill.commands.grammar import BadCommand, format_command, parse
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.drill import Drill
from sim.drill.facilitation.inputs import Assigned, AtTable, Given, Input, command_in
from sim.drill.facilitation.words import carry_out, refusal_of
from sim.drill.room.table_record import Seated
from sim.drill.services.real_mail import Letter
from sim.kernel.plain_line import on_one_line


class DrillInputs:
    """Every input so far. Nothing is journaled here; `Session` journals an input before it gives it."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._kept: list[Input] = []

    @property
    def all(self) -> tuple[Input, ...]:
        """Every input so far, each with its time."""
        return tuple(self._kept)

    @property
    def commands(self) -> Iterator[tuple[int, str]]:
        """Every command given so far: when, and its text as given."""
        for moment_ms, given in self._kept:
            if (text := command_in(given)) is not None:
                yield moment_ms, text

    def before(self, at_ms: int) -> Iterator[Input]:
        """The inputs up to and including `at_ms`, in order."""
        for moment_ms, given in self._kept:
            if moment_ms > at_ms:
                break
            yield moment_ms, given

    def repeat(self, given: Given) -> None:
        """Repeat an input from a journal, or from another drill."""
        match given:
            case str():
                self.command(given)
            case Assigned():
                self.assigned(given)
            case AtTable(text, by, word):
                self.table_word(text, by) if word else self.command(text, by)
            case _:
                self.letter(given)

    def command(self, text: str, by: Seated | None = None) -> Accepted | Refused:
        """Give a command to the person whose role it needs; `by`: its giver at the table."""
        self._keep(text if by is None else AtTable(text, by, word=False))
        if self._drill.ended:
            return Refused(text, "the drill is over; see the debrief")
        try:
            command = parse(text)
        except BadCommand as error:
            shown = on_one_line(text)
            self._drill.say("refused", "console", f"{shown[:80]}: {error}", shown)
            return Refused(shown, str(error))
        return give(self._drill, command, format_command(command))

    def assigned(self, given: Assigned) -> Accepted | Refused:
        """Have the person of a plan's step carry out its command."""
        self._keep(given)
        if self._drill.ended:
            return Refused(given.text, "the drill is over; see the debrief")
        command = parse(given.text)
        return assign(self._drill, command, format_command(command), given.to)

    def table_word(self, text: str, by: Seated) -> str | Refused:
        """Carry out a table command."""
        self._keep(AtTable(text, by, word=True))
        # a table command from another history may not be possible here
        refused = refusal_of(self._drill, text, by)
        return Refused(text, refused) if refused else carry_out(self._drill, text, by)

    def letter(self, letter: Letter) -> None:
        """Enter one real message."""
        self._keep(letter)
        self._drill.receive(letter)

    def _keep(self, given: Given) -> None:
        self._kept.append((self._drill.now_ms, given))
