"""Attempts to reach a milestone, in words: the commands that can reach it, the times at which they ran,
and whether they succeeded.
"""

from collections.abc import Iterable

from sim.drill.drill_state import DrillState

_CARRIED_OUT = frozenset({"done", "report", "failed"})
LISTED = 3
"""If there were more attempts than this, only the first and the last are named."""


def tried(drill: DrillState, commands: Iterable[str], from_ms: int, came_ms: int | None) -> str:
    """`tried at Mon 10:36 and Mon 12:33 without success`; empty if none of `commands` ran before it
    succeeded.

    `commands`: the first words of each command; `came_ms`: the time of success, None: never.
    """
    words, until_ms = tuple(commands), drill.now_ms if came_ms is None else came_ms
    moments = [
        event.t_ms
        for event in drill.events
        if event.kind in _CARRIED_OUT and event.ref.startswith(words) and from_ms <= event.t_ms < until_ms
    ]
    if not words or not moments:
        return ""
    clocks = [drill.clock(moment) for moment in dict.fromkeys(moments)]
    if len(clocks) > LISTED:
        return f"tried {len(clocks)} times from {clocks[0]} to {clocks[-1]} without success"
    return f"tried at {_listed(clocks)} without success"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
