"""The register of openings as a clock: the time for which the lock, firewall or filter has been open, in
total and without approval.

The mail that came in through them is visible only in the debrief.
"""

from sim.drill.drill_state import DrillState
from sim.drill.instruments.unapproved_time import total_ms, unapproved_spans
from sim.kernel.frozen import frozen

GUARDS = ("lock", "firewall", "skip-filter")
"""Kinds of opening that let in unfiltered mail."""


@frozen
class RegisterClock:
    """Times up to now in ms; overlapping openings count once."""

    open_ms: int
    not_approved_ms: int
    open_now: bool


def read(drill: DrillState) -> RegisterClock:
    """The times according to the register's entries up to now."""
    entries = [one for one in drill.room.openings.entries if one.kind in GUARDS]
    spans = [(one.opened_ms, drill.now_ms if one.closed_ms is None else one.closed_ms) for one in entries]
    return RegisterClock(
        open_ms=total_ms(spans),
        not_approved_ms=total_ms(unapproved_spans(drill)),
        open_now=any(one.closed_ms is None for one in entries),
    )
