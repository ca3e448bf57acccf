"""The language of a seat: the commands of the drill, and the table commands that the seat may give."""

from dataclasses import dataclass

from sim.drill.commands.command import Command, TypedLine
from sim.drill.commands.command_help import complete
from sim.drill.commands.grammar import usage
from sim.drill.facilitation.own_words import InOwnWords
from sim.drill.facilitation.talk import EVERYONE
from sim.drill.facilitation.words import command_in_line, is_word, parsed, words_of
from sim.drill.room.table_record import FACILITATOR
from sim.table.short_lines import in_own_words
from tui.playing.protocols import Language

_ADDRESSED = {"tell": (EVERYONE, FACILITATOR), "ask": ()}
"""Table commands that name an addressee, each with the addressees that are not players' seats."""


@dataclass(frozen=True, slots=True)
class SeatLanguage:
    """A `Language` for the person at `seat`."""

    drill: Language
    seat: str
    others: tuple[str, ...] = ()
    """Seats to which a line can be addressed."""

    @property
    def COMMANDS(self) -> tuple[type[Command], ...]:  # noqa: N802 - the name in `Language`
        return self.drill.COMMANDS

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """Form and summary of each table command."""
        return tuple((usage(kind), (kind.__doc__ or "").partition("\n")[0]) for kind in words_of(self.seat))

    def parse(self, text: str) -> TypedLine:
        if in_own_words(text, self.seat):
            return InOwnWords(text.strip())
        return parsed(text, self.seat) if is_word(text, self.seat) else command_in_line(text, self.seat)

    def format_command(self, command: Command) -> str:
        return self.drill.format_command(command)

    def complete(self, text: str) -> list[str]:
        if is_word(text, self.seat):
            return complete(text, words_of(self.seat)) or self._addressed(text)
        return [*self.drill.complete(text), *complete(text, words_of(self.seat))]

    def _addressed(self, text: str) -> list[str]:
        """`tell` and `ask`, completed with the seats to which they can be addressed."""
        word, _, begun = text.partition(" ")
        if word not in _ADDRESSED:
            return []
        names = (*_ADDRESSED[word], *(one for one in self.others if one != self.seat))
        return [f"{word} {name}" for name in names if name.startswith(begun) and name != begun]

    def explain(self, kind: type[Command]) -> str:
        return self.drill.explain(kind)
