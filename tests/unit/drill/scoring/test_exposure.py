"""What protection cost is dated at the message that was one too many, wherever time is cut."""

from collections.abc import Callable

import pytest

from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.objectives import beyond
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.gateway_office import ONSET_MS, drill
from tests.given import done


def open_to_all(after_ms: int) -> Session:
    """The MX leads to a server that is open to everybody: played so long after the change."""
    session = drill(ONSET_MS + 10 * MINUTE_MS)
    done(session, "lock open everybody")
    done(session, "mx set server ttl=300")
    session.advance(session.now_ms + after_ms)
    return session


def by_a_backup_without_recipients(after_ms: int) -> Session:
    session = drill(ONSET_MS + 10 * MINUTE_MS, secondary={"knows_recipients": False, "unknown_permille": 300})
    done(session, "lock open backup")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + after_ms)
    return session


def straight_out_without_a_signature(after_ms: int) -> Session:
    """The server sends by itself: SPF does not list it, and nobody signs."""
    session = drill(ONSET_MS + 10 * MINUTE_MS)
    done(session, "connector set outbound secondary")
    session.advance(session.now_ms + HOUR_MS)
    done(session, "connector set outbound direct")
    session.advance(session.now_ms + after_ms)
    return session


@pytest.mark.parametrize("number", [0, 5])
@pytest.mark.parametrize(
    ("play", "figure"),
    [
        (open_to_all, "unfiltered"),
        (by_a_backup_without_recipients, "backscatter"),
        (straight_out_without_a_signature, "unsigned"),
    ],
)
def test_the_moment_is_that_of_the_message_that_was_one_too_many(
    play: Callable[[int], Session], figure: str, number: int
) -> None:
    whole = play(4 * HOUR_MS)
    name = "unsigned-outbound" if figure == "unsigned" else figure
    at_ms = beyond(whole.drill, name, number)
    assert at_ms is not None
    count = getattr(exposure(whole.drill), figure)
    assert count > number
    assert beyond(whole.drill, name, count) is None
    before, after = whole.fork(at_ms), whole.fork(at_ms + 1)
    assert getattr(exposure(before.drill), figure) <= number < getattr(exposure(after.drill), figure)
    assert beyond(before.drill, name, number) is None
    assert beyond(after.drill, name, number) == at_ms
