"""The first bounce of a run is the earliest of those of the gateway, the backup and the senders."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.drill.commands.outcome import Accepted
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.document.first_event_keys import first_bounce_ms
from sim.report.document.run_document import document
from tests.gateway_office import drill


@pytest.mark.parametrize(
    ("from_queues_ms", "by_sender_ms", "first_ms"),
    [(700, 400, 400), (400, 700, 400), (0, 700, 0), (None, 700, 700), (400, None, 400), (None, None, None)],
)
def test_whichever_came_first(
    from_queues_ms: int | None, by_sender_ms: int | None, first_ms: int | None
) -> None:
    world = SimpleNamespace(
        inbound=SimpleNamespace(first_return_ms=by_sender_ms),
        ledger=SimpleNamespace(first_returned_ms=from_queues_ms),
    )
    facts: Any = SimpleNamespace(session=SimpleNamespace(drill=SimpleNamespace(world=world)))
    assert first_bounce_ms(facts) == first_ms


def test_what_the_backup_returns_counts_too() -> None:
    """The MX names the backup, whose mail the locked server rejects; no sender and no gateway gives up."""
    session = drill(MINUTE_MS)
    assert isinstance(session.dispatch("mx set backup"), Accepted)
    session.advance(HOUR_MS)
    found = document(session, "none", 1.0)
    first = session.drill.world.ledger.returns.first_since(0, "backup refused")
    assert found["bounces"]["inbound"] > 0
    assert first is not None
    assert found["first_s"]["bounce"] == first / 1000
    assert found["first_s"]["bounce_by_gateway"] is None
