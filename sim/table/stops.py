"""Advances a drill up to the next stop that the facilitator has set."""

from collections.abc import Callable

from sim.drill.drill import Drill
from sim.drill.facilitation.stops import stop_horizon_ms, stop_reached
from sim.drill.session.session import Session


def advance_to_stop(session: Session, to_ms: int, stop: Callable[[], bool] = lambda: False) -> str:
    """Advance over [now, to_ms), or only until a stop is reached, or until `stop` is true after a change.

    Returns the stop that has been reached; empty if none has.
    """
    drill = session.drill
    if not drill.table.stops:
        session.advance(to_ms, stop)
        return ""
    while not session.ended:
        until_ms = min(to_ms, _horizon_ms(drill, to_ms))
        session.advance(until_ms, lambda at=until_ms: stop() or _changed(drill, at))  # type: ignore[misc]
        if reached := _reached(drill):
            return reached
        if stop() or session.now_ms >= to_ms:
            break
    return ""


def _changed(drill: Drill, until_ms: int) -> bool:
    """True if a stop has been reached, or will be before `until_ms` because of what has just happened."""
    return bool(_reached(drill)) or _horizon_ms(drill, until_ms) < until_ms


def _reached(drill: Drill) -> str:
    return next((one for one in drill.table.stops if stop_reached(drill, one)), "")


def _horizon_ms(drill: Drill, last_ms: int) -> int:
    moments = (stop_horizon_ms(drill, one) for one in drill.table.stops)
    return min((one for one in moments if one is not None), default=last_ms)
