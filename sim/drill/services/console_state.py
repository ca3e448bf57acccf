"""The state of a console at one moment, from faults, sign-in and commands that timed out."""

from typing import Literal

from sim.kernel.frozen import frozen

Condition = Literal["live", "lagging", "hung", "signed out", "unreachable"]
"""`lagging`: the console's figures are old. `hung`: the console has not answered since a command timed
out.
"""
Answers = Literal["quickly", "slowly", "not at all"]
"""How the console answers commands. `slowly`: each command takes longer, and may time out."""


@frozen
class ConsoleState:
    """One console at one moment."""

    condition: Condition
    figures_ms: int
    """The time in ms of the console's figures: the present, or the last time at which it showed new
    figures.
    """
    live: bool
    """True if the console's figures are current."""
    answers: Answers
    """How the console answers the commands of signed-in staff."""


def console_state(now_ms: int, held: dict[Condition, int], answers: Answers = "quickly") -> ConsoleState:
    """The state of a console while conditions, such as a fault, keep it from showing current figures. Pure.

    `held`: for each such condition, the time of the newest figures that the console can show. The condition
    with the oldest figures decides; of two with equally old figures, the first one.
    """
    if not held:
        return ConsoleState("live", now_ms, True, answers)
    condition = min(held, key=lambda one: held[one])
    return ConsoleState(condition, held[condition], held[condition] == now_ms, answers)
