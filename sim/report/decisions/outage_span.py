"""The length of the outage up to the end of a run, which decides the results of decisions."""

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words, whole_minutes_ms
from sim.kernel.frozen import frozen

PAYS_MS = 30 * MINUTE_MS
"""Time for which an event or another outbound route must be needed to pay off (house rule)."""
LITTLE_PERMILLE = 5
"""Leaving the MX unchanged turned out well if no more than this share of inbound mail bounced at its
senders; changing it, if no more than this share of the mail on the new route was rejected (house rule).
"""


@frozen
class TurnedOut:
    """The result of a decision; `well` is None if the drill ended before it was known."""

    well: bool | None
    text: str


def is_over(session: Session) -> bool:
    """True if the run has seen the end of the outage."""
    return session.complete or session.now_ms >= session.scenario.outage_end_ms


def outage_left_ms(session: Session, since_ms: int) -> int:
    """Length of the outage after `since_ms`, or after its onset if that is later, within the run."""
    from_ms = max(since_ms, session.scenario.outage_start_ms)
    return max(0, min(session.scenario.outage_end_ms, max(session.now_ms, from_ms)) - from_ms)


def up_to_the_end(session: Session) -> str:
    """Words that follow the length of an outage whose end the run has not seen."""
    return "" if is_over(session) else " up to the end of the drill"


def minutes_text(span_ms: int) -> str:
    """A span in words, to the nearest minute.

    A command that follows an event takes effect some milliseconds after a full minute; rounded down, the span
    from it to the end of an outage would be a minute shorter than the difference of the two times shown.
    """
    return in_words(whole_minutes_ms(span_ms)) if whole_minutes_ms(span_ms) else "0 min"
