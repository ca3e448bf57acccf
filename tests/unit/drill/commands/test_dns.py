"""The zone as people handle it: editing, asking, flushing, MTA-STS, port 25, arrivals; and its file."""

import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from sim.drill.commands.grammar import format_command, parse
from sim.drill.commands.outcome import Accepted
from sim.drill.room.events import HIDDEN_FROM_TRAINEE
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.mail_routes import DnsView, MxAnswerView
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.routes.inbound import GATEWAY
from tests.gateway_office import ONSET_MS, content
from tests.given import done, open_kinds, refused

GATEWAYS = ("mx-a.gateway.example", "mx-b.gateway.example")
OTHER = ("mx.standby-mail.example",)
ENFORCED = {
    "mode": "enforce",
    "honoured_by": ["gmail"],
    "id_ttl": "1h",
    "source": "test",
    "confidence": "assumed",
}
NO_POLICY = {"mode": "none", "source": "test", "confidence": "assumed"}


def scenario(fault: dict[str, Any] | None = None, **zone: Any) -> Scenario:
    """`gateway-down` where nothing needs approval, and a change takes no time but that of the edit."""
    changed = content()
    changed["organisation"]["approvals"] = None
    changed["organisation"]["zone"] |= {"change_minutes": [0, 0], "mta_sts": NO_POLICY, **zone}
    changed["timeline"][0] |= fault or {}
    return Scenario.model_validate(changed)


def drill(at_ms: int = ONSET_MS, fault: dict[str, Any] | None = None, **zone: Any) -> Session:
    session = Session(scenario(fault, **zone), 1, None)
    session.advance(at_ms)
    return session


# The zone editor


def test_a_ttl_is_written_in_seconds_or_as_a_duration() -> None:
    assert parse("mx set backup ttl=300") == parse("mx set backup ttl=5m")
    assert parse("ttl set mx 3600") == parse("ttl set mx 1h")
    assert format_command(parse("mx set backup+gateway ttl=300")) == "mx set backup+gateway ttl=5m"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mx set gateway", "the zone already names gateway with a TTL of 3600 s (1 h)"),
        ("mx set backup ttl=8d", "a TTL is between 1 second and 7 days, such as 3600"),
        ("mx set backup ttl=1500ms", "a TTL is a whole number of seconds, such as 300"),
        ("mx set bakup", "`bakup` is not possible here; did you mean backup?"),
        (
            "mx set backup ttl=soon",
            "'soon' is not a duration; write a number with a unit: 90s, 15m, 1h30m, 2d",
        ),
        ("ttl set mx 3600", "the TTL is already 3600 s (1 h)"),
        ("ttl set mx 0", "`ttl` must be longer than 0; write a duration such as 8h"),
        ("ttl set txt 300", "`txt` is not possible here; choose from mx"),
        (
            "mta-sts id",
            "the domain does not publish an MTA-STS policy, so the MX can be changed at once",
        ),
        ("dns flush quad9", "`quad9` is not possible here; choose from google, cloudflare"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(text: str, reason: str) -> None:
    assert refused(drill(), text) == reason


def test_another_mx_needs_approval_and_the_gateways_does_not() -> None:
    session = Session(load_scenario("gateway-down", {"users": "30"}), 1, None)
    session.advance(ONSET_MS)
    assert session.scenario.organisation.approvals is not None
    assert refused(session, "mx set backup").startswith(
        "approval of mx is missing; request it with `approve mx`"
    )
    assert refused(session, "mx set backup+gateway").startswith("approval of mx is missing")
    done(session, "approve mx emergency=yes")
    assert done(session, "mx set backup").startswith(
        "MX record changed: 10 mx.standby-mail.example, TTL 3600 s (1 h); "
    )
    assert done(session, "mx set gateway").startswith("MX record changed: 10 mx-a.gateway.example, 20 mx-b.")


def test_a_change_takes_the_edit_the_way_through_the_host_and_its_lag() -> None:
    session = drill(change_minutes=[180, 180])
    answer = session.dispatch("mx set backup ttl=300")
    assert isinstance(answer, Accepted)
    assert answer.effective_ms == ONSET_MS + 5 * MINUTE_MS + 3 * HOUR_MS, "hours through a registrar"
    entered_ms = answer.effective_ms
    session.advance(entered_ms)
    assert session.snapshot().dns.hosts == GATEWAYS
    session.advance(entered_ms + 1)
    view = session.snapshot().dns
    assert (view.hosts, view.ttl_s, view.authority, view.authority_ttl_s) == (OTHER, 300, GATEWAYS, 3600)
    assert [(one.t_ms, one.hosts, one.ttl_s) for one in view.versions] == [(entered_ms, OTHER, 300)]
    session.advance(entered_ms + 10 * MINUTE_MS - 1)
    assert session.snapshot().dns.authority == GATEWAYS
    session.advance(entered_ms + 10 * MINUTE_MS)
    view = session.snapshot().dns
    assert (view.authority, view.authority_ttl_s) == (OTHER, 300)


def test_the_way_through_the_host_is_drawn_once_so_that_changes_keep_their_order() -> None:
    waits = {Session(scenario(change_minutes=[0, 60]), seed, None).drill.dns.change_ms for seed in range(9)}
    assert len(waits) > 5
    assert all(0 <= one < HOUR_MS for one in waits)
    session = drill(change_minutes=[0, 60])
    first, second = (session.dispatch(text) for text in ("mx set backup", "ttl set mx 300"))
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert second.effective_ms - first.effective_ms == 5 * MINUTE_MS


def test_milestones_and_the_register_follow_the_zone() -> None:
    session = drill()
    done(session, "ttl set mx 300")
    assert open_kinds(session) == {"low-ttl": True}
    assert "mx.changed" not in session.drill.milestones
    done(session, "mx set gateway+backup")
    assert open_kinds(session) == {"low-ttl": True, "backup-mx": True}
    assert {"ttl.lowered", "mx.changed"} <= session.drill.milestones.keys()
    assert "mx.restored" not in session.drill.milestones
    done(session, "mx set gateway ttl=3600")
    assert open_kinds(session) == {"low-ttl": False, "backup-mx": False}
    assert session.drill.milestones["mx.restored"] == session.now_ms - 1
    command = [one.command for one in session.snapshot().room.openings]
    assert command == ["ttl set mx 5m", "mx set gateway+backup"]


def test_most_mail_has_moved_is_truth_and_waits_for_the_caches() -> None:
    session = drill()
    done(session, "mx set backup ttl=300")
    changed_ms = session.drill.milestones["mx.changed"]
    zone = session.drill.world.zone
    due_ms = zone.moved_at_ms(950)
    assert changed_ms + 50 * MINUTE_MS < due_ms <= changed_ms + 70 * MINUTE_MS, (
        "the hosting's lag and an hour"
    )
    session.advance(due_ms + HOUR_MS)
    moved_ms = session.drill.milestones["inbound.moved"]
    assert due_ms < moved_ms < due_ms + 45 * MINUTE_MS, "seen in half an hour's mail, a quarter of an hour on"
    assert zone.moved_permille(moved_ms) < 950, "a tail of stretched answers is left"
    said = [event for event in session.events() if event.ref == "inbound.moved"]
    assert {event.kind for event in said} <= HIDDEN_FROM_TRAINEE


def test_going_back_before_it_has_moved_means_that_it_never_did() -> None:
    session = drill()
    done(session, "mx set backup ttl=300")
    done(session, "mx set gateway ttl=3600")
    session.advance(session.now_ms + 8 * HOUR_MS)
    assert "inbound.moved" not in session.drill.milestones


def test_closed_is_proven_only_once_the_authority_says_so() -> None:
    session = drill()
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + HOUR_MS)
    assert done(session, "openings prove backup-mx") == (
        "backup-mx: the zone's servers still publish the change; it is still OPEN"
    )
    done(session, "mx set gateway ttl=3600")
    closed_ms = session.now_ms - 1
    for kind in ("backup-mx", "low-ttl"):
        assert session.drill.dns.shows_opening(kind, closed_ms + 10 * MINUTE_MS - 1), "the hosting's lag"
        assert not session.drill.dns.shows_opening(kind, closed_ms + 10 * MINUTE_MS)
        assert done(session, f"openings prove {kind}").endswith("; proven closed")
    assert "openings.closed" in session.drill.milestones
    assert not session.drill.dns.shows_opening("firewall", session.now_ms)


# Asking


def test_each_resolver_has_its_own_copy_and_the_authority_knows_first() -> None:
    session = drill()
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 10 * MINUTE_MS)
    text = done(session, "dns ask all")
    assert text.startswith(
        "authority: 10 mx.standby-mail.example, 300 s (5 min) left; google: 10 mx-a.gateway.example, "
    )
    told = {one.source: one for one in session.snapshot().dns.answers}
    assert list(told) == ["authority", "google", "cloudflare", "quad9", "opendns"]
    assert told["google"].hosts == GATEWAYS
    assert 0 < told["google"].ttl_left_s < 3600
    assert len({one.ttl_left_s for one in told.values()}) == 5
    asked_ms = session.now_ms - 1
    assert told["google"] == MxAnswerView("google", GATEWAYS, told["google"].ttl_left_s, asked_ms)
    session.advance(asked_ms + told["google"].ttl_left_s * SECOND_MS + 2 * SECOND_MS)
    assert session.snapshot().dns.answers[1] == told["google"], "what was seen, not what it would say now"
    assert "10 mx.standby-mail.example" in done(session, "dns ask google")


def test_ones_own_resolver_says_nothing_about_the_others() -> None:
    told = {}
    for own in ("bind", "unbound", "windows", "powerdns", "knot"):
        session = drill(own_resolver=own)
        done(session, "mx set backup ttl=300")
        session.advance(session.drill.milestones["mx.changed"] + 40 * MINUTE_MS)
        told[own] = OTHER[0] in done(session, "dns ask own")
        assert 200 < session.drill.world.zone.moved_permille(session.now_ms) < 800
    assert set(told.values()) == {True, False}, told


def test_asking_and_looking_change_nothing() -> None:
    asked, quiet = drill(), drill()
    for text in ("dns ask all", "dns ask own", "mta-sts show", "arrivals show", "probe mx all"):
        done(asked, text)
    before = asked.drill.world.custody()
    asked.snapshot()
    quiet.advance(asked.now_ms)
    assert quiet.drill.world.custody() == before
    for session in (asked, quiet):
        session.advance(6 * HOUR_MS)
    assert asked.drill.world.custody() == quiet.drill.world.custody()


def test_a_flush_after_the_authority_helps_and_before_it_harms() -> None:
    late, early = drill(), drill()
    for session in (late, early):
        done(session, "mx set backup ttl=300")
    done(early, "dns flush google")
    late.advance(late.now_ms + 10 * MINUTE_MS)
    done(late, "dns flush google")
    assert "10 mx.standby-mail.example" in done(late, "dns ask google")
    early.advance(late.now_ms)
    done(early, "dns ask google")
    told = next(one for one in early.snapshot().dns.answers if one.source == "google")
    assert told.hosts == GATEWAYS
    assert told.ttl_left_s > 2700, "it fetched the old answer for another hour"


def test_an_answer_that_was_fetched_before_the_ttl_was_lowered_lives_by_the_old_one() -> None:
    at_once, soon, late = drill(), drill(), drill()
    assert "keep the old answer for up to 3600 s (1 h), some" in done(at_once, "mx set backup ttl=300")
    for session, waits_ms, told in (
        (soon, 20 * MINUTE_MS, "[3-4][0-9] min"),
        (late, HOUR_MS, "300 s \\(5 min\\)"),
    ):
        done(session, "ttl set mx 300")
        session.advance(session.now_ms + waits_ms)
        text = done(session, "mx set backup")
        assert re.search(f"keep the old answer for up to {told}, some for longer", text), text
        entered = session.drill.dns.entered
        left_ms = max(entered[0].t_ms + HOUR_MS - entered[1].t_ms, 5 * MINUTE_MS)
        kept_ms = session.drill.dns.cached_ms(entered[1].t_ms + 1)
        assert kept_ms == max(left_ms - 1, 5 * MINUTE_MS)


def test_a_trainee_sees_no_share_of_senders() -> None:
    session = drill()
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 3 * HOUR_MS)
    done(session, "arrivals show")
    fields = set(DnsView.__dataclass_fields__)
    assert not {name for name in fields if re.search("moved|share|percent|permille", name)}
    shown = [event.text for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE]
    assert [text for text in shown if re.search(r"\d ?(%|‰|percent)", text)] == []


# MTA-STS


def test_the_policy_is_published_once_its_id_is_new() -> None:
    session = drill(mta_sts=ENFORCED)
    assert done(session, "mta-sts show") == (
        "MTA-STS: mode enforce, names mx-a.gateway.example, mx-b.gateway.example; id unchanged"
    )
    done(session, "mta-sts id")
    assert "mta-sts.published" not in session.drill.milestones, "the policy names the gateway still"
    assert "names mx.standby-mail.example; senders fetch it" in done(session, "mta-sts policy backup")
    assert done(session, "mta-sts show").endswith(
        "; the policy is newer than its id, so senders do not fetch it"
    )
    assert refused(session, "mta-sts policy backup") == "the policy already names backup"
    done(session, "mta-sts id")
    assert session.drill.milestones["mta-sts.published"] == session.now_ms - 1
    view = session.snapshot().dns
    assert (view.policy_mode, view.policy_hosts, view.id_changed_ms) == ("enforce", OTHER, session.now_ms - 1)


def test_the_mx_first_leaves_those_who_honour_the_policy_waiting() -> None:
    waiting = []
    for steps in (("mta-sts policy backup", "mta-sts id", "mx set backup"), ("mx set backup",)):
        session = drill(mta_sts=ENFORCED)
        for text in steps:
            done(session, text)
        session.advance(ONSET_MS + 6 * HOUR_MS)
        waiting.append(session.drill.world.custody()["inbound"]["at_sender"])
    assert waiting[1] > 2 * waiting[0]


def test_a_policy_that_is_only_being_tested_holds_nobody_back() -> None:
    custody = []
    for policy in ({**ENFORCED, "mode": "testing"}, {**ENFORCED, "mode": "none", "honoured_by": []}):
        session = drill(mta_sts=policy)
        done(session, "mx set backup")
        if policy["mode"] == "testing":
            done(session, "mta-sts policy backup")
        session.advance(ONSET_MS + 6 * HOUR_MS)
        custody.append(session.drill.world.custody()["inbound"])
    assert custody[0] == custody[1]


# Port 25


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"fault": "gateway refuses"}, "connection refused"),
        ({"fault": "gateway times out"}, "no answer, the connection timed out"),
        ({"fault": "gateway rejects"}, "banner, then 550 at RCPT: mail sent there bounces at once"),
        ({"fault": "gateway answers 4xx"}, "banner, then 451: deferred"),
    ],
)
def test_port_25_of_every_mx_host_from_a_second_network(fault: dict[str, Any], says: str) -> None:
    session = drill(ONSET_MS + MINUTE_MS, fault)
    answer = session.dispatch("probe mx all")
    assert isinstance(answer, Accepted)
    assert answer.effective_ms == ONSET_MS + 7 * MINUTE_MS, "three minutes a host"
    session.advance(answer.effective_ms + 1)
    assert session.events()[-1].text == f"probe from outside: {GATEWAYS[0]}: {says}; {GATEWAYS[1]}: {says}"
    assert session.events()[-1].kind == "report"


def test_a_host_that_accepts_and_holds_is_found_by_what_does_not_come_back() -> None:
    session = drill(ONSET_MS + MINUTE_MS, {"fault": "gateway accepts and holds", "hosts": "one"})
    assert done(session, "probe mx all").count("accepted with 250") == 2
    sent_ms = session.now_ms - 1
    session.advance(sent_ms + 8 * MINUTE_MS)
    assert not [event for event in session.events() if event.source == "probe"]
    session.advance(sent_ms + 8 * MINUTE_MS + 1)
    clock = session.drill.clock(sent_ms)
    assert [event.text for event in session.events() if event.source == "probe"] == [
        f"{GATEWAYS[0]}: the probe sent at {clock} has not returned within 8 min",
        f"{GATEWAYS[1]}: the probe sent at {clock} returned",
    ]


def test_a_probe_round_the_gateway_meets_the_lock() -> None:
    session = drill()
    session.drill.world.server_door.change_gates(
        replace(session.drill.world.server_door.gates, lock="rejects")
    )
    assert done(session, "probe mx server").endswith(
        ": banner, then 550 at RCPT: mail sent there bounces at once"
    )
    session.drill.world.server_door.change_gates(
        replace(session.drill.world.server_door.gates, lock="quarantines")
    )
    assert done(session, "probe mx server").endswith("accepted with 250")
    session.advance(session.now_ms + 9 * MINUTE_MS)
    (said,) = [event.text for event in session.events() if event.source == "probe"]
    assert said.endswith("has not returned within 8 min"), "it is in quarantine"


def test_from_inside_ones_own_firewall_answers() -> None:
    before = drill(HOUR_MS)
    assert (
        done(before, "probe mx gateway-1")
        == f"probe from outside: {GATEWAYS[0]}: 220 banner, RCPT and DATA accepted with 250"
    )
    assert done(before, "probe mx gateway-1 from=inside").endswith(": no answer, the connection timed out")
    session = drill(HOUR_MS, port_25_from_inside="open")
    assert done(session, "probe mx gateway-1 from=inside").endswith("accepted with 250")


# Arrivals


def test_arrivals_show_absence_then_the_backup_beside_the_usual() -> None:
    session = drill(ONSET_MS - 10 * MINUTE_MS, fault={"console": "works"})
    done(session, "arrivals show")
    for row in session.snapshot().dns.arrivals:
        assert row.gateway is not None
        assert (row.backup, row.from_ms % (30 * MINUTE_MS)) == (0, 0)
        assert row.usual / 2 < row.gateway < 2 * row.usual
    session.advance(ONSET_MS + 55 * MINUTE_MS)
    done(session, "arrivals show")
    row = session.snapshot().dns.arrivals[-1]
    assert (row.gateway, row.backup, row.server) == (0, 0, 0), "absence is the symptom"
    assert row.usual > 10
    done(session, "lock open backup")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 3 * HOUR_MS)
    text = done(session, "arrivals show")
    rows = session.snapshot().dns.arrivals
    assert len(rows) == 4
    assert all(row.backup > row.usual / 2 and row.gateway == 0 for row in rows)
    assert sum(row.server for row in rows) > 0
    found = re.fullmatch(
        r"arrivals Wed [\d:]+ to [\d:]+: gateway: 0, backup: (\d+), accepted by the mail server: \d+; "
        r"a week earlier: (\d+)",
        text,
    )
    assert found
    assert tuple(map(int, found.groups())) == (rows[-1].backup, rows[-1].usual)


def test_a_console_that_cannot_be_reached_gives_no_figures() -> None:
    session = drill(ONSET_MS + 45 * MINUTE_MS)
    assert "gateway: no figures, backup: 0" in done(session, "arrivals show")
    assert session.snapshot().dns.arrivals[-1].gateway is None


def test_mail_straight_to_the_server_counts_as_taken_by_it() -> None:
    session = drill()
    done(session, "lock open everybody")
    done(session, "mx set server ttl=300")
    session.advance(session.now_ms + 3 * HOUR_MS)
    done(session, "arrivals show")
    assert session.drill.world.inbound.direct.between(0, session.now_ms) > 10
    assert all(row.backup == 0 for row in session.snapshot().dns.arrivals)
    assert session.snapshot().dns.arrivals[-1].server > 0


# The file


@pytest.mark.parametrize(
    ("zone", "wrong"),
    [
        ({"ttl": "8d"}, "`ttl`: a TTL is between 1 second and 7 days"),
        ({"ttl": "1500ms"}, "`ttl`: a TTL is a whole number of seconds"),
        ({"own_resolver": "bindd"}, "there is no resolver 'bindd'; choose from bind, "),
        ({"population": "all"}, "there is no resolver or mix 'all'; choose from mix, "),
        ({"backup_host": "mx.backup.com"}, "should match pattern"),
        ({"gateway_hosts": ["mx.gateway.example"]}, "at least 2 items"),
        ({"mta_sts": {**ENFORCED, "honoured_by": ["gmial"]}}, "there is no platform 'gmial'; choose from "),
        (
            {"mta_sts": {**ENFORCED, "honoured_by": []}},
            "`mta_sts` has a policy, but no senders that honour it",
        ),
    ],
)
def test_mistakes_in_the_zone_block_are_told(zone: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        scenario(**zone)
    assert wrong in str(caught.value)


def test_a_file_without_the_block_has_a_plain_zone() -> None:
    changed = content()
    del changed["organisation"]["zone"]
    session = Session(Scenario.model_validate(changed), 1, None)
    view = session.snapshot().dns
    assert (view.hosts, view.ttl_s, view.policy_mode) == (GATEWAYS, 3600, "none")
    assert session.drill.dns.route == GATEWAY
