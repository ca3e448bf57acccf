"""A table command: a line that a person at a seat types and that is carried out at once."""

from typing import ClassVar, Literal

from sim.drill.commands.command import TypedLine
from sim.drill.drill import Drill
from sim.drill.room.table_record import FACILITATOR, Seated
from sim.kernel.frozen import frozen

Givers = Literal["facilitator", "seats", "everyone"]


@frozen
class TableWord(TypedLine):
    """A table command. Subclasses set `words` and `givers` and add fields made by `arg`."""

    givers: ClassVar[Givers]
    """The seats that may give the command."""
    after_the_end: ClassVar[bool] = False
    """True if the command can be given after the end of the exercise, for the hot wash."""

    @classmethod
    def open_to(cls, seat: str) -> bool:
        """True if that seat may give it."""
        if cls.givers == "everyone":
            return True
        return (seat == FACILITATOR) == (cls.givers == "facilitator")

    def refusal(self, drill: Drill, by: Seated) -> str:
        """The reason why the command cannot be carried out now; empty if it can. Changes nothing."""
        return ""

    def act(self, drill: Drill, by: Seated) -> str:
        """Carry out the command now; returns one line for the person who gave it. Called only if it is not
        refused.
        """
        raise TypeError(f"{type(self).__name__} has no effect")
