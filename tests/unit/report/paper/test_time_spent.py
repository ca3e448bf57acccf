"""Where the time went: each wait with its length and what it held up, from the drill itself."""

from sim.drill.commands.command import Assignment
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.paper.time_spent import SHORTEST_MS, TimeSpent, time_spent
from tests.drills.played import shipped
from tests.given import accepted, done
from tests.kept import kept
from tests.offices import office, start
from tests.plays import ONSET_MS


@kept
def gateway() -> Session:
    return shipped("gateway-down", "reference", 100).session


def of(wait: str) -> list[TimeSpent]:
    return [one for one in time_spent(gateway()) if one.wait == wait]


def test_every_kind_of_wait_is_found_with_the_moment_and_length_that_the_drill_had() -> None:
    drill = gateway().drill
    approvals = {one.asked_ms: one for one in drill.room.approvals.requests}
    assert of("approval")
    for one in of("approval"):
        request = approvals[one.from_ms]
        assert request.answered_ms is not None
        assert one.span_ms == request.answered_ms - request.asked_ms
        assert one.what.startswith(request.of)
    holds = {one.from_ms: one for one in drill.room.phone.holds}
    assert [one.span_ms for one in of("on hold")] == [
        holds[one.from_ms].until_ms - holds[one.from_ms].from_ms for one in of("on hold")
    ]
    (led, *_) = drill.dns.led(drill.now_ms)
    assert led.known_ms is not None
    assert (led.from_ms, led.known_ms - led.from_ms) in [(one.from_ms, one.span_ms) for one in of("caches")]
    assert {one.what for one in of("caches")} == {"the MX to backup (TTL), and the MTA-STS policy"}, (
        "a sender whose policy does not name the backup waits however short the TTL is"
    )
    assert of("takes effect")


def test_an_approval_names_the_command_that_it_allowed() -> None:
    assert any("lock open" in one.held_up or "mx set" in one.held_up for one in of("approval"))


def test_a_person_who_is_busy_holds_up_the_next_command() -> None:
    waits = {one.text: one.task.starts_ms for one in gateway().drill.work.all}
    for one in of("person"):
        assert waits[one.held_up.strip("`")] >= one.from_ms + one.span_ms or one.span_ms >= SHORTEST_MS
        assert one.what
    assert max(one.span_ms for one in time_spent(gateway())) < 200 * HOUR_MS
    assert min(one.span_ms for one in time_spent(gateway())) >= 5 * MINUTE_MS


def test_a_check_waits_for_its_result_and_a_chain_of_commands_is_named_with_its_length() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    for line in ("permissions show", "status check gateway", "continuity show", "status check server"):
        accepted(session, line)
    accepted(session, "status check probe")
    session.advance(session.now_ms + HOUR_MS)
    waits = {one.wait: one for one in time_spent(session)}
    assert waits["result"].what == "`status check probe`"
    assert "takes effect" not in waits
    held_up = {one.held_up: one.what for one in time_spent(session)}
    assert held_up["`status check server`"].endswith("busy with `permissions show` and 2 further commands")


def test_a_hold_holds_up_nothing_because_the_caller_works_meanwhile() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    accepted(session, "phone microsoft")
    session.advance(session.now_ms + 6 * MINUTE_MS)
    done(session, "status check server")
    session.advance(session.now_ms + HOUR_MS)
    (hold,) = [one for one in time_spent(session) if one.wait == "on hold"]
    assert hold.held_up == ""


def test_a_step_of_a_plan_that_is_refused_does_not_take_effect() -> None:
    """It is refused at the end of its hands-on time, and no change travels after that."""
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    to = Assignment("messaging-admin", session.now_ms, 5 * MINUTE_MS, draws=1 << 30)
    session.assign("mx set backup", to)
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert [event.kind for event in session.events() if event.ref.startswith("mx set")] == [
        "command",
        "failed",
    ]
    assert [one for one in time_spent(session) if one.wait == "takes effect"] == []


def test_a_call_that_was_ended_counts_until_then_and_one_ended_before_its_hold_not_at_all() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    accepted(session, "phone gateway-vendor")
    session.advance(session.now_ms + MINUTE_MS)
    done(session, "phone end gateway-vendor")
    accepted(session, "phone microsoft")
    session.advance(session.now_ms + 25 * MINUTE_MS)
    done(session, "phone end microsoft")
    session.advance(session.now_ms + HOUR_MS)
    assert [one.span_ms for one in time_spent(session) if one.wait == "on hold"] == [20 * MINUTE_MS]
