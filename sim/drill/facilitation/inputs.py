"""Everything that enters a drill from outside, except time: commands, table commands, real messages."""

from collections.abc import Mapping
from typing import Any

from sim.drill.commands.command import Assignment
from sim.drill.room.table_record import Seated
from sim.drill.services.real_mail import Letter
from sim.kernel.frozen import frozen


@frozen
class Assigned:
    """A command from a plan's step, with the person and the time that the plan gives it."""

    text: str
    to: Assignment


@frozen
class AtTable:
    """A line that a person at the table typed: a command, or a table command."""

    text: str
    by: Seated
    word: bool
    """True if the input is a table command."""


Given = str | Letter | Assigned | AtTable
"""A command, a table command, or a real message."""
Input = tuple[int, Given]
"""An input with its time in ms."""


def given_in(entry: Mapping[str, Any]) -> Given | None:
    """The input in a journal entry; None if the entry has none. Raises KeyError or TypeError for a damaged
    entry.
    """
    match entry["is"]:
        case "command" if "to" in entry:
            to = entry["to"]
            return Assigned(entry["text"], Assignment(**{**to, "unless": tuple(to.get("unless", ()))}))
        case "command" | "table" if "seat" in entry:
            by = Seated(entry["seat"], entry["person"], entry.get("wall", ""))
            return AtTable(entry["text"], by, entry["is"] == "table")
        case "command":
            return str(entry["text"])
        case "letter":
            fields = entry["letter"]
            return Letter(**{**fields, "recipients": tuple(fields["recipients"])})
        case _:
            return None


def command_in(given: Given) -> str | None:
    """The text of a command from any seat; None if the input is not a command."""
    if isinstance(given, str):
        return given
    return None if isinstance(given, Letter) or (isinstance(given, AtTable) and given.word) else given.text
