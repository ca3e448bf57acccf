"""The list of table commands, and the code that carries them out."""

from sim.drill.commands.command import Command
from sim.drill.commands.grammar import BadCommand, parse_as
from sim.drill.commands.registry import COMMANDS
from sim.drill.drill import Drill
from sim.drill.facilitation.evaluation import Endex, Jump, Observe, Predict, Rewind, SetBookmark
from sim.drill.facilitation.fault_insert import FaultInsert
from sim.drill.facilitation.fault_ramp import FaultRamp
from sim.drill.facilitation.faults import FaultEnd, FaultLengthen
from sim.drill.facilitation.hints import Hint
from sim.drill.facilitation.own_words import Confirm, InOwnWords
from sim.drill.facilitation.requests import Allow, AnswerCall, Ask, Deny
from sim.drill.facilitation.scripted import (
    InjectEdit,
    InjectFire,
    InjectHold,
    InjectSkip,
    InjectUndo,
    InjectWrite,
)
from sim.drill.facilitation.seats import Emergency, Freeze, Go, Leave, Sit, Speed
from sim.drill.facilitation.stops import StopAt, StopOff
from sim.drill.facilitation.talk import Tell
from sim.drill.facilitation.voices import Voice
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated

WORDS: tuple[type[TableWord], ...] = (
    Sit,
    Leave,
    Tell,
    Ask,
    Allow,
    Deny,
    AnswerCall,
    InOwnWords,
    Predict,
    Emergency,
    Confirm,
    Hint,
    Voice,
    InjectFire,
    InjectHold,
    InjectSkip,
    InjectEdit,
    InjectUndo,
    InjectWrite,
    FaultInsert,
    FaultRamp,
    FaultLengthen,
    FaultEnd,
    Freeze,
    Go,
    Speed,
    Jump,
    StopAt,
    StopOff,
    Observe,
    SetBookmark,
    Rewind,
    Endex,
)


SIT = Sit.words
"""The command that seats a person who joins through a browser or terminal; people do not type it."""


def words_of(seat: str) -> tuple[type[TableWord], ...]:
    """The table commands that the seat may give."""
    return tuple(one for one in WORDS if one.open_to(seat))


def is_word(text: str, seat: str) -> bool:
    """True if `text` begins like a table command that the seat may give."""
    given = tuple(text.split())
    return any(given[: len(one.words)] == one.words for one in words_of(seat))


def parsed(text: str, seat: str) -> TableWord:
    """The table command in `text`. Raises BadCommand."""
    return parse_as(text, words_of(seat))


def command_in_line(text: str, seat: str) -> Command:
    """The command of the drill in `text`. Raises BadCommand, with the table commands of the seat in its hint.

    Called only if `text` does not begin like a table command.
    """
    offered = (*COMMANDS, *(one for one in words_of(seat) if one is not Sit))
    line = parse_as(text, offered)
    assert isinstance(line, Command)  # otherwise it would begin like a table command
    return line


def refusal_of(drill: Drill, text: str, by: Seated) -> str:
    """The reason why the table command `text` cannot be carried out now; empty if it can."""
    try:
        word = parsed(text, by.seat)
    except BadCommand as mistake:
        return str(mistake)
    if drill.ended and not word.after_the_end:
        return "the exercise is over; `tell` and the evaluator's `note` still work"
    return word.refusal(drill, by)


def carry_out(drill: Drill, text: str, by: Seated) -> str:
    """Carry out a table command that has not been refused; returns one line for the person who gave it."""
    return parsed(text, by.seat).act(drill, by)
