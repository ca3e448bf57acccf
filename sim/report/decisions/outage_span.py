"""How long the outage went on, as far as a run has seen it: what the results of decisions are read from."""

from dataclasses import dataclass

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, format_duration

PAYS_MS = 30 * MINUTE_MS
"""An event or another outbound route that is needed for so long has paid for itself (house rule)."""
LITTLE_PERMILLE = 5
"""If senders give up no more than this, leaving the MX alone has turned out well; and changing it, if no more
is refused of what comes by the new way (house rule).
"""


@dataclass(frozen=True, slots=True)
class TurnedOut:
    """What came of a decision; `well` is None where the drill ended before anybody could say."""

    well: bool | None
    text: str


def is_over(session: Session) -> bool:
    """True if the run has seen the outage to its end."""
    return session.complete or session.now_ms >= session.scenario.outage_end_ms


def outage_left_ms(session: Session, since_ms: int) -> int:
    """How much longer the outage went on from then, or from its onset, as far as it was played."""
    from_ms = max(since_ms, session.scenario.outage_start_ms)
    return max(0, min(session.scenario.outage_end_ms, max(session.now_ms, from_ms)) - from_ms)


def up_to_the_end(session: Session) -> str:
    """Of a span of the outage: it goes no further than what was played."""
    return "" if is_over(session) else " up to the drill's end"


def minutes_text(span_ms: int) -> str:
    """A span in words, whole minutes only."""
    return format_duration(span_ms // MINUTE_MS * MINUTE_MS) if span_ms >= MINUTE_MS else "0m"
