"""How late what was opened is proven closed: from the way back, a lock from the last stale answers."""

from sim.drill.scoring.closing_delays import latest_closing_h
from sim.drill.scoring.figures.causes import proven_late
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


def test_proofs_of_other_openings_and_tests_of_the_way_in_are_no_failed_proofs_of_the_last_one() -> None:
    session = drill(ONSET_MS + HOUR_MS)
    clock = session.drill.clock
    done(session, "ttl set mx 300")
    done(session, "connector set outbound secondary")
    done(session, "openings prove connector")  # too early: it is still open
    early = clock(session.now_ms - 1)
    session.advance(session.scenario.outage_end_ms + 2 * HOUR_MS)
    done(session, "ttl set mx 3600")
    done(session, "connector set outbound gateway")
    closed = clock(session.now_ms - 1)
    done(session, "openings prove low-ttl")
    done(session, "openings prove connector")
    assert (
        proven_late(session.drill) == f"connector closed at {closed}, proven at {clock(session.now_ms - 1)}"
    )
    assert early not in proven_late(session.drill)


def test_the_latest_proof_is_that_of_the_opening_with_the_longest_delay() -> None:
    """A lock that is proven last was due three days later than the MX, and so was not late at all."""
    session = drill(ONSET_MS + HOUR_MS)
    done(session, "lock open backup")
    done(session, "backup test")  # the way in works: not an attempt to prove the lock closed
    done(session, "mx set backup")
    session.advance(session.scenario.outage_end_ms + 2 * HOUR_MS)
    done(session, "mx set gateway")
    session.advance(session.now_ms + 5 * HOUR_MS)
    done(session, "openings prove backup-mx")
    session.advance(session.drill.milestones["mx.restored"] + 73 * HOUR_MS)
    done(session, "lock close")
    done(session, "openings prove lock")
    assert latest_closing_h(session.drill) == 6
    assert proven_late(session.drill).startswith("backup-mx closed at ")
    assert "tried" not in proven_late(session.drill)
