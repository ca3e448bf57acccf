"""The state of a console at one moment, from faults, sign-in and commands that timed out."""

from typing import Literal

from sim.kernel.frozen import frozen

Condition = Literal["live", "lagging", "hung", "signed out", "unreachable"]
"""`lagging`: its figures are old. `hung`: it has not answered since a command timed out."""
Answers = Literal["quickly", "slowly", "not at all"]
"""`slowly`: each command takes longer, and may time out."""


@frozen
class ConsoleState:
    """One console at one moment."""

    condition: Condition
    figures_ms: int
    """The moment of its figures, ms since the drill's start: now, or when it last showed new ones."""
    live: bool
    """True if its figures are current."""
    answers: Answers
    """Its response to commands of signed-in staff."""


def console_state(now_ms: int, held: dict[Condition, int], answers: Answers = "quickly") -> ConsoleState:
    """The state of a console that the conditions `held` keep from showing current figures. Pure.

    `held`: for each condition in force, the moment of the newest figures that it allows. The condition with
    the oldest figures decides; if two have equal figures, the first one.
    """
    if not held:
        return ConsoleState("live", now_ms, True, answers)
    condition = min(held, key=lambda one: held[one])
    return ConsoleState(condition, held[condition], held[condition] == now_ms, answers)
