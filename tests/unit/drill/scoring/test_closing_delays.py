"""How late what was opened is proven closed: from the way back, a lock from the last stale answers."""

from sim.drill.scoring.closing_delays import latest_closing_h
from sim.kernel.duration import HOUR_MS
from tests.gateway_office import ONSET_MS, drill
from tests.given import done


def test_a_connector_is_due_when_the_return_is_reported() -> None:
    session = drill(ONSET_MS + HOUR_MS)
    assert latest_closing_h(session.drill) == 0, "nothing was opened"
    done(session, "connector set outbound secondary")
    session.advance(session.scenario.outage_end_ms)
    assert latest_closing_h(session.drill) is None, "nobody has reported it back"
    session.advance(session.scenario.outage_end_ms + HOUR_MS)
    back_ms = session.drill.milestones["server.reported-back"]
    session.advance(back_ms + 30 * HOUR_MS)
    assert latest_closing_h(session.drill) == 30
    done(session, "connector set outbound gateway")
    done(session, "openings prove connector")
    session.advance(back_ms + 60 * HOUR_MS)
    assert latest_closing_h(session.drill) == 31, "it was proven closed within that hour"


def test_a_lock_may_stay_open_for_stale_answers_once_the_mx_is_back() -> None:
    session = drill(ONSET_MS + HOUR_MS)
    done(session, "lock open backup")
    done(session, "mx set backup")
    session.advance(session.scenario.outage_end_ms + 2 * HOUR_MS)
    assert (latest_closing_h(session.drill) or 0) >= 1, "the MX could be led back"
    done(session, "mx set gateway")
    session.advance(session.now_ms + HOUR_MS)
    done(session, "openings prove backup-mx")
    restored_ms = session.drill.milestones["mx.restored"]
    session.advance(restored_ms + 73 * HOUR_MS)
    early = latest_closing_h(session.drill)
    assert early is not None
    assert early <= 2, "the old TTL of an hour, and three days"
    session.advance(restored_ms + 80 * HOUR_MS)
    assert latest_closing_h(session.drill) == 7
