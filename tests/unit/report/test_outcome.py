"""The first bounce of a run is the earlier of the gateway's and the senders'."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.report.document.first_event_keys import first_bounce_ms


@pytest.mark.parametrize(
    ("by_gateway_ms", "by_sender_ms", "first_ms"),
    [(700, 400, 400), (400, 700, 400), (0, 700, 0), (None, 700, 700), (400, None, 400), (None, None, None)],
)
def test_whichever_came_first(
    by_gateway_ms: int | None, by_sender_ms: int | None, first_ms: int | None
) -> None:
    milestones = {} if by_gateway_ms is None else {"bounce.first": by_gateway_ms}
    world = SimpleNamespace(inbound=SimpleNamespace(first_return_ms=by_sender_ms))
    session = SimpleNamespace(drill=SimpleNamespace(milestones=milestones, world=world))
    facts: Any = SimpleNamespace(session=session)
    assert first_bounce_ms(facts) == first_ms
