"""Figures about calls: from users, executives and partners."""

from sim.drill.drill import Drill
from sim.drill.room.phone_calls import called_ms
from sim.drill.scoring.figures import causes
from sim.drill.scoring.figures.figure import Figure, nth


def _calls(drill: Drill) -> int:
    return drill.helpdesk.calls_before(drill.now_ms)


def _calls_beyond(drill: Drill, number: int) -> int | None:
    return drill.helpdesk.beyond(number, drill.now_ms)


def _by_audience(name: str, audience: str, counts: str, label: str) -> Figure:
    def measure(drill: Drill) -> int:
        return len(called_ms(drill.room.stakeholder_calls, audience))

    def beyond(drill: Drill, number: int) -> int | None:
        return nth(called_ms(drill.room.stakeholder_calls, audience), number)

    return Figure(
        name=name,
        counts=counts,
        label=label,
        only_grows=True,
        measure=measure,
        beyond=beyond,
        because=lambda drill: causes.each(
            drill, [(call.t_ms, call.name) for call in drill.room.stakeholder_calls if call.who == audience]
        ),
        seen=measure,
        seen_beyond=beyond,
    )


FIGURES = (
    Figure(
        name="calls",
        counts="calls to the helpdesk",
        label="calls to the helpdesk: {}",
        only_grows=True,
        measure=_calls,
        beyond=_calls_beyond,
        seen=_calls,
        seen_beyond=_calls_beyond,
    ),
    _by_audience(
        "executive-calls",
        "executives",
        counts="calls from executives without a current update",
        label="calls from executives without an update: {}",
    ),
    _by_audience(
        "partner-calls",
        "partners",
        counts="calls from partners without a current update",
        label="calls from partners without an update: {}",
    ),
)
