"""Whether the gateway's own console and portal answer, when the gateway is what is in trouble.

They are not up or down: slow, showing old figures, unreachable, or timing out with an outcome that
nobody knows. Shares and factors are assumed.
"""

from typing import TYPE_CHECKING

from sim.drill.waits import happens

if TYPE_CHECKING:
    from sim.drill.command import Command
    from sim.drill.drill import Drill

PLACES = ("gateway console", "continuity portal")
"""Where commands are given that need the gateway's console."""

SLOWER = 3
TIMES_OUT_PERCENT, CARRIED_OUT_PERCENT = 40, 50
"""Of commands in a slow console; and of those that time out there."""


def slowed_ms(drill: "Drill", command: "Command", hands_on_ms: int) -> int:
    """How long `command` keeps its person busy, as the console is now."""
    state = drill.faults.gateway.console
    return hands_on_ms * SLOWER if command.where(drill) in PLACES and state == "slow" else hands_on_ms


def times_out(drill: "Drill", command: "Command", number: int) -> tuple[str, bool] | None:
    """None if the console answers the `number`-th command; else what is seen, and whether it acts."""
    if command.where(drill) not in PLACES:
        return None
    match drill.faults.gateway.console:
        case "unreachable":
            return "the console cannot be reached; nothing was done", False
        case "slow" if happens(drill.seed, "console times out", number, TIMES_OUT_PERCENT):
            carried_out = happens(drill.seed, "carried out all the same", number, CARRIED_OUT_PERCENT)
            return "the console did not answer in time; whether it was done is not known", carried_out
        case _:
            return None
