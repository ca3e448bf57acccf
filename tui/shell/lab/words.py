"""Commands of the lab itself, typed among the drill's commands; they affect its clock and its output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sim.drill.commands.command import Command
from sim.drill.commands.command_help import explain
from sim.drill.organisation.house_rules import HouseRules
from sim.kernel.duration import parse_duration

FASTEST = 1_000_000
"""Maximum speed, in simulated seconds per second."""

LabWord = Literal[
    "pause",
    "go",
    "speed",
    "step",
    "jump",
    "bookmark",
    "time",
    "ports",
    "authority",
    "end now",
    "quit",
    "help",
]

DOES: dict[LabWord, tuple[str, str]] = {
    "pause": ("pause", "stop the clock; the ports keep answering as they do now"),
    "go": ("go", "restart the clock (also `resume`)"),
    "speed": ("speed X", "set the simulated seconds per second, such as `speed 600`"),
    "step": ("step D", "advance by a duration, such as `step 10m`, then pause"),
    "jump": ("jump event|decision|end", "advance to the next event, the next due decision, or the end"),
    "bookmark": ("bookmark [NAME]", "bookmark this moment"),
    "time": ("time", "print the moment, the speed, and the number of real messages"),
    "ports": ("ports", "print the ports again"),
    "authority": ("authority off|on", "stop or restart the zone's name servers, for the lab's ports only"),
    "end now": ("end now", "end the drill permanently"),
    "quit": ("quit", "save and leave, as Ctrl+C does"),
    "help": ("help [COMMAND]", "print this list, or explain a command (also `?`)"),
}
"""The form and the effect of each command of the lab."""

_ALSO: dict[str, LabWord] = {"?": "help", "resume": "go", "continue": "go", "exit": "quit", "q": "quit"}
JUMPS = ("event", "decision", "end")
SWITCH = ("off", "on")
_ALONE: frozenset[LabWord] = frozenset({"pause", "go", "time", "ports", "end now", "quit"})


class LabMistake(ValueError):
    """A word of the lab with a wrong argument; the text is one line with the right form."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed word. `amount`: the speed, or the ms of a step; `more`: a jump's aim, a name, a command, or
    off or on.
    """

    word: LabWord
    more: str = ""
    amount: float = 0


def typed_word(text: str) -> Typed | None:
    """The word of the lab in `text`; None if `text` is a command of the drill. Raises LabMistake."""
    words = text.split()
    if words[:2] == ["end", "now"]:
        return _checked("end now", words[2:])
    word = _ALSO.get(words[0], words[0]) if words else ""
    known: Sequence[LabWord] = get_args(LabWord)
    return next((_checked(one, words[1:]) for one in known if one == word), None)


def _checked(word: LabWord, rest: Sequence[str]) -> Typed:
    more, form = " ".join(rest), DOES[word][0]
    if word in _ALONE and more:
        raise LabMistake(f"`{word}` has no argument; write `{form}`")
    if word == "jump" and more not in JUMPS:
        raise LabMistake(f"jump where? write `{form}`")
    if word == "authority" and more not in SWITCH:
        raise LabMistake(f"write `{form}`")
    if word == "speed":
        return Typed(word, amount=_speed(more))
    if word == "step":
        try:
            step_ms = parse_duration(more)
        except ValueError as why:
            raise LabMistake(f"step: {why}") from None
        return Typed(word, amount=step_ms)
    return Typed(word, more)


def _speed(text: str) -> float:
    try:
        speed = float(text.removeprefix("x").removeprefix("×"))
    except ValueError:
        speed = 0
    if not 0 < speed <= FASTEST:
        raise LabMistake(f"`speed {text}`: give a number above 0 and at most {FASTEST}, such as `speed 600`")
    return speed


def help_lines(about: str, commands: Sequence[type[Command]], rules: HouseRules) -> list[str]:
    """The answer to `help about`: one command explained, or the list of commands that begin with `about`;
    if `about` is empty, all commands.
    """
    named = [one for one in commands if " ".join(one.words).startswith(about)]
    exact = [one for one in named if about == " ".join(one.words)] or (named if len(named) == 1 else [])
    if about and exact:
        return explain(exact[0], rules).splitlines()
    if not named:
        return [f"{about}: not a command; `help` lists all of them"]
    lines = [] if about else [f"{form:<26}{does}" for form, does in DOES.values()]
    return [*lines, *(f"{' '.join(one.words):<26}{_first_line(one.__doc__)}" for one in named)]


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
