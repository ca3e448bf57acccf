"""Access to the gateway's console and portal while the gateway itself is in trouble.

Console and portal may be slow, show old figures, be unreachable, or time out with an unknown outcome. The
vendor's file gives the shares and factors.
"""

from sim.drill.commands.command import Command
from sim.drill.drill import Drill
from sim.drill.organisation.vendor_file import gateway_console_rules
from sim.drill.room.delays import happens
from sim.drill.services.console_sessions import PLACES


def slowed_ms(drill: Drill, command: Command, hands_on_ms: int) -> int:
    """The hands-on time of `command` in the console's present state."""
    if command.where(drill) not in PLACES or drill.consoles.gateway().answers != "slowly":
        return hands_on_ms
    return hands_on_ms * gateway_console_rules(drill.scenario.files).slow_times


def times_out(drill: Drill, command: Command, key: int) -> tuple[str, bool] | None:
    """None if the console answers the command, whose draws have that `key`; otherwise the error, and True
    if the command takes effect anyway.
    """
    if command.where(drill) not in PLACES:
        return None
    match drill.consoles.gateway().answers:
        case "not at all":
            return "the console is unreachable; the command was not carried out", False
        case "slowly":
            return _times_out_slowly(drill, key)
        case _:
            return None


def _times_out_slowly(drill: Drill, key: int) -> tuple[str, bool] | None:
    rules, seed = gateway_console_rules(drill.scenario.files), drill.seed
    if not happens(seed, "console times out", key, rules.times_out_percent):
        return None
    carried_out = happens(seed, "carried out anyway", key, rules.carried_out_percent)
    return "the console timed out; the outcome is unknown", carried_out
