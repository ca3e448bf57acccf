"""Completion of the facilitator's line: table commands, names in this exercise, and commands of the drill."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sim.drill.commands.command_help import complete
from sim.drill.facilitation.hints import PHASE
from sim.drill.facilitation.talk import EVERYONE
from sim.drill.facilitation.words import words_of
from sim.drill.room.table_record import FACILITATOR
from sim.table.exercise import Exercise
from sim.table.going_back import bookmarks_of
from tui.table.facilitator.station import HELP


def completions(text: str, exercise: Exercise) -> list[str]:
    """Whole lines that complete `text` by one word or name, best first."""
    named = [one for one in _with_names(text, exercise) if one != text]
    lines = [one for one in _OWN if text and one.startswith(text) and one != text]
    return list(dict.fromkeys([*named, *complete(text, words_of(FACILITATOR)), *lines, *complete(text)]))


_OWN = tuple(dict.fromkeys(" ".join(word for word in one.split() if word.islower()) for one in HELP))
"""Words that only the facilitator's own lines can contain."""

Names = Callable[[Exercise], Sequence[str]]


def _seats(exercise: Exercise) -> list[str]:
    return [one.name for one in exercise.seats]


def _addressees(exercise: Exercise) -> list[str]:
    return [EVERYONE, *(one for one in _seats(exercise) if exercise.person(one))]


def _injects(exercise: Exercise) -> list[str]:
    return list(exercise.session.drill.scripted.states)


def _faults(exercise: Exercise) -> list[str]:
    return [one.id for one in exercise.truth().faults if one.state != "over"]


def _objectives(exercise: Exercise) -> list[str]:
    return [one.id for one in exercise.session.scenario.objectives]


def _actions(exercise: Exercise) -> list[str]:
    return [one.id for one in exercise.session.scenario.objectives if one.met]


def _requests(exercise: Exercise) -> list[str]:
    return [str(one.number) for one in exercise.requests(FACILITATOR) if one.state == "open"]


_NAMES: Mapping[tuple[str, ...], tuple[Names, ...]] = {
    ("tell",): (_addressees,),
    ("hint",): (_addressees, lambda exercise: [PHASE, *_objectives(exercise)]),
    ("inject", "fire"): (_injects,),
    ("inject", "hold"): (_injects,),
    ("inject", "skip"): (_injects,),
    ("inject", "edit"): (_injects,),
    ("inject", "undo"): (_injects,),
    ("fault", "ramp"): (_faults,),
    ("fault", "lengthen"): (_faults,),
    ("fault", "end"): (_faults,),
    ("note",): (_objectives,),
    ("stop", "at"): (lambda exercise: [*_actions(exercise), *_injects(exercise)],),
    ("stop", "off"): (lambda exercise: exercise.session.drill.table.stops,),
    ("rewind",): (lambda exercise: [name for _t_ms, name in bookmarks_of(exercise.session)],),
    ("confirm",): (_requests,),
    ("allow",): (_requests,),
    ("deny",): (_requests,),
    ("seat",): (_seats,),
    ("as",): (_seats,),
    ("free",): (_seats,),
    ("admit",): (_seats,),
    ("hand",): (_seats,),
}
"""For the first words of a line: the kinds of names that follow them, in order."""


def _with_names(text: str, exercise: Exercise) -> Iterator[str]:
    given = text.split(" ")
    for words, names in _NAMES.items():
        at = len(given) - 1 - len(words)
        if tuple(given[: len(words)]) == words and 0 <= at < len(names):
            before = " ".join(given[:-1])
            yield from (f"{before} {one}" for one in names[at](exercise) if one.startswith(given[-1]))
