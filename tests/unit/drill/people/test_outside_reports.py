"""What is seen from outside: where a probe's message ends, and what a partner sees, per kind of fault."""

from typing import Any

import pytest

from sim.drill.people.outside_reports import partner_report, peers_report, round_trip, sends_out
from sim.drill.room.delays import happens, wait_ms
from sim.drill.room.work_given import Turn
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.offices import office, start
from tests.plays import ONSET_MS

WAIT_MS = 8 * MINUTE_MS
TURN = Turn("Nadia Rahman")
A, B = "mx-a.gateway.example", "mx-b.gateway.example"
TOOK = f"accepted with 250 by {A}; no reply within 8 min"
BACK = f"accepted with 250 by {A}; reply came back within a minute"
WAITS = "not accepted within 8 min, still queued at the sender"


@pytest.mark.parametrize(
    ("fault", "probe", "partner"),
    [
        ({"fault": "mail-server refuses"}, TOOK, "our mail to you was accepted, but we get no answers"),
        ({"fault": "mail-server times out"}, TOOK, "our mail to you was accepted, but we get no answers"),
        ({"fault": "mail-server answers 4xx"}, TOOK, "our mail to you was accepted, but we get no answers"),
        (
            {"fault": "mail-server rejects"},
            TOOK,
            "our mail to you was accepted and then bounced; we receive nothing from you",
        ),
        (
            {"fault": "access lost"},
            BACK,
            "our mail to you was accepted, but we get no answers; we receive nothing from you",
        ),
        (
            {"fault": "gateway refuses"},
            f"{A}: connection refused; {B}: connection refused; {WAITS}",
            "our mail to you is queued here: your servers do not accept it; we receive nothing from you",
        ),
        (
            {"fault": "gateway times out"},
            f"{A}: no answer, the connection timed out; {B}: no answer, the connection timed out; {WAITS}",
            "our mail to you is queued here",
        ),
        (
            {"fault": "gateway rejects"},
            f"{A}: banner, then 550 at RCPT: mail sent there bounces at once; bounced at once",
            "our mail to you bounces at once: your servers reject it; we receive nothing from you",
        ),
        (
            {"fault": "gateway answers 4xx"},
            f"{A}: banner, then 451: deferred; {B}: banner, then 451: deferred; {WAITS}",
            "our mail to you is queued here",
        ),
        (
            {"fault": "gateway accepts and holds"},
            TOOK,
            "our mail to you was accepted, but we get no answers; we receive nothing from you",
        ),
        (
            {"fault": "gateway refuses", "hosts": "one", "direction": "inbound"},
            f"{A}: connection refused; accepted with 250 by {B}; reply came back within a minute",
            "as far as we can see, mail works in both directions",
        ),
        (
            {"fault": "gateway refuses", "direction": "outbound"},
            TOOK,
            "our mail to you was accepted; we receive nothing",
        ),
    ],
    ids=lambda one: one.get("fault", "") + one.get("direction", "") if isinstance(one, dict) else "",
)
def test_each_fault_looks_like_itself(fault: dict[str, Any], probe: str, partner: str) -> None:
    content: dict[str, Any] = {"reply": None, **fault}
    drill = start(office(fault=content), ONSET_MS + HOUR_MS).drill
    assert round_trip(drill, WAIT_MS, 0).text == probe
    assert partner_report(drill, 0).says.startswith(partner)
    whole = fault["fault"].startswith("gateway") and fault.get("direction") != "inbound"
    assert sends_out(drill, 0) is not whole


@pytest.mark.parametrize(
    ("fault", "partner"),
    [
        (
            {"fault": "gateway is slow", "per_message": "20s"},
            "our mail to you was accepted, but your people say that it arrives late; your mail to us arrives",
        ),
        (
            {"fault": "mail-server is partial", "share_percent": 30},
            "our mail to you was accepted, but only some of you answer; your mail to us arrives",
        ),
    ],
)
def test_what_hits_a_part_of_the_mail_looks_so_to_partners(fault: dict[str, Any], partner: str) -> None:
    assert (
        partner_report(start(office(fault={"reply": None, **fault}), ONSET_MS + HOUR_MS).drill, 0).says
        == partner
    )


def test_who_is_answered_out_of_continuity_sees_nothing() -> None:
    session = start(office(), ONSET_MS + 10 * MINUTE_MS)
    session.dispatch("continuity start for=4h via=console")
    session.dispatch("notify users via=phone state=down")
    session.advance(ONSET_MS + HOUR_MS)
    assert partner_report(session.drill, 0).says == "as far as we can see, mail works in both directions"


def test_of_intermittent_attempts_a_share_of_probes_gets_through_late() -> None:
    fault = {"fault": "mail-server is intermittent", "share_percent": 50, "reply": "451 4.3.2 busy"}
    said = [
        round_trip(start(office(fault=fault), ONSET_MS + HOUR_MS, seed).drill, WAIT_MS, 0).text
        for seed in range(12)
    ]
    stuck = sum(text == TOOK for text in said)
    assert 2 <= stuck <= 10
    assert all(text == TOOK or text.endswith("slower than usual") for text in said)


def test_before_the_outage_all_is_well() -> None:
    drill = start(office(), ONSET_MS - HOUR_MS).drill
    assert (round_trip(drill, WAIT_MS, 0).text, partner_report(drill, 0).says) == (
        BACK,
        "as far as we can see, mail works in both directions",
    )


def test_a_probe_goes_where_its_resolver_says_the_mail_goes() -> None:
    session = start(office(approvals=None, fault={"fault": "gateway refuses", "reply": None}), ONSET_MS)
    session.dispatch("mx set backup ttl=300")
    session.advance(ONSET_MS + 20 * MINUTE_MS)
    assert A in round_trip(session.drill, WAIT_MS, 0).text, "an hour's TTL was in force"
    session.advance(ONSET_MS + 3 * HOUR_MS)
    (backup,) = session.drill.dns.names(("backup",))
    assert (
        round_trip(session.drill, WAIT_MS, 0).text == f"accepted with 250 by {backup}; no reply within 8 min"
    )


def test_peers_speak_from_the_very_moment_on_that_chance_gives() -> None:
    drill = start(office(), ONSET_MS).drill
    peers = drill.room.pages.vendors["microsoft"].peers
    first_ms = ONSET_MS + wait_ms(drill.seed, "microsoft peers", ONSET_MS, peers.minutes)
    named = "others report trouble with Microsoft 365"
    early = peers_report(start(office(), first_ms - 1).drill, TURN)
    assert named not in early
    assert f"{named} since about {drill.clock(first_ms)}" in peers_report(
        start(office(), first_ms).drill, TURN
    )


def test_without_an_outage_each_search_has_a_chance_of_its_own() -> None:
    drill = start(office(vendors=[{"vendor": "microsoft"}]), ONSET_MS - HOUR_MS).drill
    percent = drill.room.pages.vendors["microsoft"].peers.false_alarm_percent
    expected = [happens(drill.seed, "microsoft false alarm", number, percent) for number in range(1, 41)]
    said = [peers_report(drill, TURN) for _search in range(40)]
    assert ["Microsoft" in text for text in said] == expected
    assert 0 < sum(expected) < 20
    assert set(said) == {
        "peers: no reports from others",
        "peers: others report trouble with Microsoft 365",
    }
