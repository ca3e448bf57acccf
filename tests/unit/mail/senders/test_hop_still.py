"""Mail that is with its senders now, as it is told without giving up what has been foreseen."""

import numpy as np
import pytest

from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.senders.arrivals import Arrivals
from sim.mail.senders.hop import SendingHop


def test_it_is_the_same_mail_whatever_has_been_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a backup that takes one message after the other, machines, timers and a line hold mail."""
    advance, held, in_lines, unfinished = SendingHop.advance, set(), 0, list[bool]()
    monkeypatch.setattr("sim.mail.senders.machines.agenda.AT_ONCE", 1)

    def compared(hop: SendingHop, to_ms: int) -> Arrivals:
        nonlocal in_lines
        gone = advance(hop, to_ms)
        in_lines += sum(len(line.waiting().id) for line in hop._agenda.lines.values())
        unfinished.append(not hop.look(to_ms + HOUR_MS, lambda: True))
        still = hop.still()
        order, live = np.argsort(still.id), hop.live()
        assert still.id[order].tolist() == live.id.tolist()
        assert still.arrival_ms[order].tolist() == live.written_ms.tolist()
        held.add(len(order))
        return gone

    monkeypatch.setattr(SendingHop, "advance", compared)
    scenario = load_scenario("gateway-down", {"users": "100"})
    play(Session(scenario, 1, None), reference_runbook(scenario), 18 * HOUR_MS)
    assert len(held) > 30, "of many sizes"
    assert in_lines > 0
    assert sum(unfinished) > 30, "also after a look that was left in the middle"
