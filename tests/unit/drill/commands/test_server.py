"""Ways round the gateway in people's hands: connector, readiness, backup, lock, firewall, filter rule."""

import re
from typing import Any

import pytest

from sim.drill.commands.command import Assignment
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.scoring.exposure import exposed_now, exposure, total_ms
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.findings.people_findings import people_findings
from tests.gateway_office import ONSET_MS, drill
from tests.given import accepted, done, open_kinds, refused


def rejected(session: Session) -> tuple[int, int]:
    """Inbound and outbound messages refused for good so far."""
    book = session.drill.world.custody()
    return book["inbound"].get("rejected", 0), book["outbound"].get("rejected", 0)


# What makes no sense


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("connector set outbound gateway", "the connector already routes to gateway"),
        ("connector set inbound direct", "`inbound` is not possible here; did you mean outbound?"),
        ("backup set", "a setting is missing; write `recipients=on`, `greylist=off`, or `domain=on`"),
        ("backup set recipients=off", "the backup already has these settings"),
        ("backup set domain=on", "the backup already has these settings"),
        ("lock close", "the lock is as it was before the outage, so it need not be closed"),
        ("firewall open backup", "the firewall already lets in the backup"),
        ("firewall close", "the firewall is as it was before the outage, so it need not be closed"),
        ("filter-rule skip", "the mail server does not have its own filter, so no rule can skip it"),
        (
            "enhanced-filtering on",
            "the mail server does not have its own filter, so this setting does not apply",
        ),
        ("filter-rule restore", "the mail server does not have its own filter, so no rule can skip it"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(text: str, reason: str) -> None:
    assert refused(drill(), text) == reason


def test_a_lock_that_is_open_need_not_be_opened() -> None:
    session = drill(guard={"lock": "open"})
    assert (
        refused(session, "lock open everybody")
        == "the mail server does not have a lock, and accepts mail from everywhere"
    )
    session = drill()
    done(session, "lock open backup")
    assert refused(session, "lock open backup") == "the lock already lets in the backup"


def test_what_opens_something_needs_approval_and_what_closes_it_does_not() -> None:
    session = drill(approvals=True, guard={"firewall_lets_in": [], "filters": True})
    needs = {
        "connector set outbound secondary": ("outbound", "outbound"),
        "connector set outbound direct": ("outbound", "outbound"),
        "lock open backup": ("opening the lock to the backup", "exposure opening=lock whom=backup"),
        "firewall open backup": (
            "opening the firewall to the backup",
            "exposure opening=firewall whom=backup",
        ),
        "filter-rule skip": ("skipping the filter", "exposure opening=skip-filter"),
    }
    for text, (told, asked) in needs.items():
        assert refused(session, text).startswith(
            f"approval of {told} is missing; request it with `approve {asked}`"
        )
    for asked in dict.fromkeys(asked for _, asked in needs.values()):
        accepted(session, f"approve {asked} emergency=yes")
        while_asking = {refused(session, text) for text, (_, of) in needs.items() if of == asked}
        assert all("is being requested; wait until the request is made" in one for one in while_asking)
        session.advance(session.now_ms + 6 * MINUTE_MS)
    for text in (
        "connector set outbound secondary", "lock open backup", "firewall open backup", "filter-rule skip",
        "connector set outbound gateway", "lock close", "firewall close", "filter-rule restore",
    ):  # fmt: skip
        done(session, text)
    assert open_kinds(session) == dict.fromkeys(("connector", "lock", "firewall", "skip-filter"), False)


def test_a_request_that_is_cancelled_is_not_waited_for() -> None:
    session = drill(approvals=True)
    accepted(session, "diagnose component=gateway failure=refuses")  # it keeps the incident lead busy
    accepted(session, "approve mx")
    assert "is being requested" in refused(session, "mx set backup")
    assert "`approve mx emergency=no` cancelled" in done(session, "cancel")
    assert "approval of mx is missing" in refused(session, "mx set backup")


# The connector


def test_the_connector_acts_after_its_lead_time_and_frees_what_waits() -> None:
    session = drill(ONSET_MS + 30 * MINUTE_MS)
    outbound = session.drill.world.writers.outbound
    waiting = outbound.waiting
    assert waiting > 3
    shown = re.search(r"routes to gateway; (\d+) messages queued", done(session, "connector show"))
    assert shown
    assert waiting <= int(shown[1]) == outbound.waiting
    given = session.dispatch("connector set outbound secondary")
    assert isinstance(given, Accepted)
    assert given.effective_ms == session.now_ms + 15 * MINUTE_MS, "5 of work, 10 until it acts"
    session.advance(given.effective_ms)
    assert session.snapshot().protection.connector.path == "gateway"
    session.advance(given.effective_ms + 30 * MINUTE_MS)
    view = session.snapshot().protection.connector
    assert (view.path, view.since_ms, view.waiting) == ("secondary", given.effective_ms, 0)
    assert session.drill.milestones["outbound.restored"] == given.effective_ms
    assert rejected(session) == (0, 0)
    assert open_kinds(session) == {"connector": True}


def test_the_way_back_to_the_gateway_closes_the_entry_and_restores_nothing_early() -> None:
    session = drill(fault={"for": "2h"})
    done(session, "connector set outbound direct")
    assert "outbound.restored" not in session.drill.milestones, "seven in ten are refused"
    done(session, "connector set outbound gateway")
    assert "outbound.restored" not in session.drill.milestones, "the gateway is still in trouble"
    assert open_kinds(session) == {"connector": False}
    session.advance(ONSET_MS + 2 * HOUR_MS + 1)
    assert session.drill.milestones["outbound.restored"] == ONSET_MS + 2 * HOUR_MS


def test_what_was_never_lost_is_not_restored() -> None:
    session = drill(fault={"for": "2h", "direction": "inbound"})
    session.advance(ONSET_MS + 3 * HOUR_MS)
    assert "outage.end" in session.drill.milestones
    assert "outbound.restored" not in session.drill.milestones
    session = drill(ONSET_MS - 30 * MINUTE_MS)
    done(session, "connector set outbound secondary")
    assert "outbound.restored" not in session.drill.milestones
    session.advance(ONSET_MS + 1)
    assert session.drill.milestones["outbound.restored"] == ONSET_MS, "it has its way from the onset on"


def test_a_test_reads_what_the_receiver_found() -> None:
    session = drill()
    assert "is queued on the mail server, last error: connection refused" in done(
        session, "connector test to=gmail"
    )
    done(session, "connector set outbound direct")
    assert "bounced at once: 550-5.7.26" in done(session, "connector test to=gmail")
    assert "bounced at once: 550 5.7.509" in done(session, "connector test to=microsoft")
    done(session, "connector set outbound secondary")
    assert done(session, "connector test to=gmail") == (
        "test to gmail via secondary: delivered to the inbox; "
        "Authentication-Results: mx.google.com; dkim=pass; spf=pass; dmarc=pass (p=reject)"
    )


@pytest.mark.parametrize(
    ("direct", "dmarc", "found"),
    [
        ({"port_25": False}, "reject", "queued at the mail server, last error: 451 4.4.0"),
        ({"signed": True, "names": False}, "reject", "bounced at once: 550-5.7.25"),
        ({"signed": True, "address": "listed"}, "reject", "bounced at once: 550-5.7.1 "),
        ({"address": "known"}, "quarantine", "delivered to junk; Authentication-Results: mx.google.com; dk"),
        ({"address": "known"}, "none", "delivered to the inbox; Authentication-Results: mx.google.com; "),
        ({"signed": True, "address": "known"}, "reject", "dkim=pass; spf=fail; dmarc=pass (p=reject)"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_the_direct_path_shows_in_a_test(
    direct: dict[str, Any], dmarc: str, found: str
) -> None:
    session = drill(direct=direct, paths={"dmarc": dmarc})
    done(session, "connector set outbound direct")
    assert found in done(session, "connector test to=gmail")


def test_a_gateway_that_holds_takes_the_test_and_keeps_it() -> None:
    session = drill(ONSET_MS + 1, fault={"fault": "gateway accepts and holds", "console": "slow"})
    assert "accepted the test with 250, but it has not arrived" in done(session, "connector test to=gmail")
    session = drill(ONSET_MS - 30 * MINUTE_MS)
    assert "delivered to the inbox" in done(session, "connector test to=gmail")


def test_readiness_is_looked_up_and_remembered() -> None:
    session = drill()
    assert session.snapshot().protection.tests == ()
    text = done(session, "readiness show")
    assert text == (
        "secondary: SPF pass, DKIM signed, DMARC pass (p=reject), port 25 open, PTR and HELO match, "
        "address known; direct: SPF fail, not DKIM signed, DMARC fail (p=reject), port 25 open, "
        "PTR and HELO match, address new to receivers"
    )
    (seen,) = session.snapshot().protection.tests
    assert (seen.what, seen.found, seen.t_ms) == ("readiness show", text, session.now_ms - 1)


# The backup


def test_the_backup_tells_what_it_knows_and_learns_the_recipients() -> None:
    session = drill()
    assert done(session, "backup check") == (
        "backup: knows the domain; does NOT know the recipients; accepts 600 messages a minute; "
        "filters by its own rules; TLS opportunistic"
    )
    assert "recipients on" in done(session, "backup set recipients=on")
    assert "knows the recipients" in done(session, "backup check")


def test_a_backup_that_does_not_know_the_domain_refuses_everything() -> None:
    session = drill(secondary={"knows_domain": False})
    assert "550 5.7.1 relaying denied" in done(session, "backup test")
    done(session, "lock open backup")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert rejected(session)[0] > 3, "an own goal"
    done(session, "backup set domain=on")
    assert "accepted by the mail server" in done(session, "backup test")
    before = rejected(session)[0]
    session.advance(session.now_ms + HOUR_MS)
    assert rejected(session)[0] == before


def test_a_backup_without_recipients_sends_backscatter_until_it_knows_them() -> None:
    session = drill(secondary={"unknown_permille": 1000})
    done(session, "lock open backup")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    took = len(session.drill.world.relay.entered)
    assert exposure(session.drill).backscatter == took > 10
    done(session, "backup set recipients=on")
    known_ms = session.now_ms - 1
    session.advance(known_ms + 2 * HOUR_MS)
    until = session.drill.world.relay.entered.between(0, known_ms)
    assert exposure(session.drill).backscatter == until < len(session.drill.world.relay.entered)


def test_a_greylisting_backup_says_so_and_can_be_told_to_leave_it() -> None:
    session = drill(secondary={"greylist": "5m"})
    pairs = "defers each new pair of sender and recipient for 5 min"
    assert done(session, "backup check").endswith(f"; GREYLISTS: {pairs}")
    assert "451 4.7.1 greylisted, try again in 5 min" in done(session, "backup test")
    first_ms = session.now_ms
    session.advance(first_ms + 5 * MINUTE_MS)
    assert ": 250; " in done(session, "backup test"), "it knows the tester's address by now"
    assert "greylist off" in done(session, "backup set greylist=off")
    assert done(session, "backup check").endswith("; greylisting is off")
    assert "greylisted" not in done(session, "backup test")
    hasty = drill(secondary={"greylist": "1h"})
    assert ["greylisted" in done(hasty, "backup test") for _ in range(3)] == [True] * 3
    again = session.dispatch("backup set greylist=off")
    assert isinstance(again, Refused)
    assert again.reason == "the backup already has these settings"
    none = drill().dispatch("backup set greylist=off")
    assert isinstance(none, Refused)
    assert none.reason == "this backup does not greylist"


# Lock, firewall, rule


def test_the_lock_answers_a_test_from_outside_until_it_is_opened() -> None:
    session = drill()
    assert done(session, "lock test") == (
        "straight to mail.harbour.example: 530 5.7.57 client not authenticated to send anonymous mail"
    )
    assert "530 5.7.57" in done(session, "backup test")
    done(session, "lock open backup")
    assert "530 5.7.57" in done(session, "lock test"), "others than the backup stay out"
    assert "the message is in the mailbox" in done(session, "backup test")
    done(session, "lock open everybody")
    assert "the lock is OPEN to everyone" in done(session, "lock test")
    assert "lock.proven" not in session.drill.milestones
    done(session, "lock close")
    assert session.drill.milestones["lock.closed"] == session.now_ms - 1
    assert done(session, "lock test").endswith("anonymous mail; lock proven closed")
    assert {"lock.opened", "lock.proven", "openings.closed"} <= set(session.drill.milestones)


@pytest.mark.parametrize("right", ["openings prove lock", "backup test"])
def test_a_lock_that_was_open_to_the_backup_is_proven_by_way_of_the_backup(right: str) -> None:
    session = drill()
    done(session, "lock open backup")
    assert done(session, "openings prove lock") == (
        "lock: tested through the backup, accepted with 250; it is still OPEN"
    )
    done(session, "lock close")
    told = done(session, "lock test")
    assert told.endswith("; the lock was open to the backup alone, a route that `openings prove lock` tests")
    assert "lock.proven" not in session.drill.milestones, "others were never let in"
    assert "530 5.7.57" in done(session, right)
    assert session.drill.room.openings.unproven() == []
    assert {"lock.proven", "openings.closed"} <= set(session.drill.milestones)


def test_a_lock_that_was_open_to_everybody_is_not_proven_by_way_of_the_backup() -> None:
    session = drill()
    for given in ("lock open backup", "lock open everybody", "lock close"):
        done(session, given)
    told = done(session, "backup test")
    assert told.endswith("; the lock was open to everyone, a route that `openings prove lock` tests")
    assert done(session, "lock test").endswith("; lock proven closed")


@pytest.mark.parametrize(("whom", "test"), [("everybody", "lock test"), ("backup", "backup test")])
def test_a_firewall_that_drops_the_test_proves_itself_and_not_the_lock_behind(whom: str, test: str) -> None:
    session = drill(guard={"firewall_lets_in": []})
    for given in (f"firewall open {whom}", f"lock open {whom}", "lock close", "firewall close"):
        done(session, given)
    assert done(session, test).endswith("; firewall proven closed")
    assert done(session, "openings prove lock").endswith(
        "this does not prove anything about the lock, which the test did not reach"
    )
    assert [one.kind for one in session.drill.room.openings.unproven()] == ["lock"]
    assert "openings.closed" not in session.drill.milestones


@pytest.mark.parametrize(("whom", "test"), [("everybody", "lock test"), ("backup", "backup test")])
def test_a_lock_is_proven_while_the_firewall_still_lets_the_test_through(whom: str, test: str) -> None:
    session = drill(guard={"firewall_lets_in": []})
    for given in (f"firewall open {whom}", f"lock open {whom}", "lock close"):
        done(session, given)
    assert done(session, test).endswith("; lock proven closed")
    assert "still OPEN" in done(session, "openings prove firewall")
    done(session, "firewall close")
    assert "451 4.4.1 connection timed out; firewall proven closed" in done(
        session, "openings prove firewall"
    )
    assert "openings.closed" in session.drill.milestones


def test_a_lock_by_rule_is_proven_by_what_it_puts_aside() -> None:
    session = drill(guard={"lock": "quarantines"})
    for given in ("lock open backup", "lock close"):
        done(session, given)
    assert done(session, "openings prove lock") == (
        "lock: tested through the backup, accepted with 250 and quarantined; lock proven closed"
    )


def test_a_refusal_proves_no_lock_while_the_mail_server_is_down() -> None:
    session = drill(ONSET_MS - 50 * MINUTE_MS, fault={"fault": "mail-server refuses", "console": None})
    done(session, "lock open everybody")
    done(session, "lock close")
    session.advance(ONSET_MS + 10 * MINUTE_MS)
    assert "does not answer" in refused(session, "lock open everybody")
    assert "does not prove anything" in done(session, "openings prove lock")
    assert not {"lock.proven", "openings.closed"} & set(session.drill.milestones)
    session.advance(session.scenario.outage_end_ms + MINUTE_MS)
    assert done(session, "openings prove lock") == (
        "lock: tested straight from outside, 530 5.7.57 client not authenticated to send anonymous mail; "
        "lock proven closed"
    )
    assert {"lock.proven", "openings.closed"} <= set(session.drill.milestones)


def test_a_lock_that_quarantines_takes_mail_and_nobody_reads_it() -> None:
    session = drill(guard={"lock": "quarantines"})
    assert "accepted with 250 and quarantined" in done(session, "lock test")
    assert "and quarantined" in done(session, "backup test")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    book = session.drill.world.custody()["inbound"]
    assert book["junked"] > 10
    assert "rejected" not in book
    assert exposure(session.drill).unfiltered == exposure(session.drill).exposed_ms == 0


def test_a_firewall_drops_what_it_does_not_let_in() -> None:
    session = drill(guard={"lock": "open", "firewall_lets_in": []})
    assert "451 4.4.1 connection timed out" in done(session, "lock test")
    assert "it stays queued at the backup" in done(session, "backup test")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    waiting = session.drill.world.custody()["inbound"]["relay_queue"]
    assert waiting > 10
    assert rejected(session) == (0, 0), "dropped is not refused"
    done(session, "firewall open backup")
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert session.drill.world.custody()["inbound"].get("relay_queue", 0) < waiting
    assert session.snapshot().protection.lock.firewall == ("backup",)
    assert session.snapshot().protection.filter.state == "none of its own"


def test_the_rule_that_skips_the_filter_trades_junk_for_no_filter() -> None:
    weak = {"filters": False}
    guard = {"lock": "open", "filters": True, "junk_permille": 500}
    session = drill(secondary=weak, guard=guard)
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    junked = session.drill.world.custody()["inbound"]["junked"]
    assert junked > 5
    assert exposure(session.drill).unfiltered == 0, "the server's own filter looks at it"
    done(session, "filter-rule skip")
    before = session.drill.world.custody()["inbound"]["junked"]
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert session.drill.world.custody()["inbound"]["junked"] == before
    assert exposure(session.drill).unfiltered > 10
    assert exposed_now(session.drill)
    assert session.snapshot().protection.open_now
    done(session, "filter-rule restore")
    assert not exposed_now(session.drill)
    assert not session.snapshot().protection.open_now


def test_enhanced_filtering_reads_what_the_backup_brings_and_filters_on() -> None:
    session = drill(
        secondary={"filters": False}, guard={"lock": "open", "filters": True, "junk_permille": 500}
    )
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    asked_ms = session.now_ms
    assert session.snapshot().protection.filter.state == "in force, treats the backup as the sender"
    done(session, "enhanced-filtering on")
    seen = session.snapshot().protection.filter
    assert seen.state == "in force, with enhanced filtering"
    assert seen.since_ms is not None
    assert asked_ms < seen.since_ms <= session.now_ms
    assert session.snapshot().protection.lock.changed_ms is None, "no lock was touched"
    before = session.drill.world.custody()["inbound"]["junked"]
    assert before > 5
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert session.drill.world.custody()["inbound"]["junked"] == before
    assert exposure(session.drill).unfiltered == 0
    assert not session.snapshot().protection.open_now, "nothing was opened by it"
    assert people_findings(session)[-1].startswith("Enhanced filtering of the mail server is on; last")
    done(session, "enhanced-filtering off")
    assert people_findings(session)[-1].startswith("Enhanced filtering of the mail server is off, as before;")
    assert session.snapshot().protection.filter.state == "in force, treats the backup as the sender"
    session.advance(session.now_ms + 4 * HOUR_MS)
    assert session.drill.world.custody()["inbound"]["junked"] > before


# The clock


def test_the_exposure_clock_runs_while_unfiltered_mail_could_get_in() -> None:
    session = drill()
    done(session, "lock open everybody")
    opened_ms = session.now_ms - 1
    session.advance(opened_ms + HOUR_MS)
    view = session.snapshot().protection
    assert (view.open_now, view.open_ms, view.not_approved_ms) == (True, HOUR_MS, 0)
    assert exposure(session.drill).exposed_ms == HOUR_MS
    done(session, "lock close")
    closed_ms = session.now_ms - 1
    session.advance(closed_ms + 3 * HOUR_MS)
    price = exposure(session.drill)
    assert price.exposed_ms == price.open_ms == closed_ms - opened_ms
    assert session.snapshot().protection.open_ms == closed_ms - opened_ms
    assert not session.snapshot().protection.open_now


def test_letting_in_a_backup_that_filters_exposes_nothing() -> None:
    session = drill()
    done(session, "lock open backup")
    done(session, "mx set backup ttl=300")
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert exposure(session.drill).exposed_ms == 0
    assert exposure(session.drill).unfiltered == 0
    assert exposure(session.drill).open_ms > 2 * HOUR_MS


def test_an_emergency_is_no_approval_and_an_approval_stops_that_clock() -> None:
    session = drill(approvals=True)
    done(session, "diagnose component=gateway failure=refuses")
    done(session, "approve exposure whom=everybody")
    asked_ms = session.now_ms - 1
    done(session, "approve exposure whom=everybody emergency=yes")
    done(session, "lock open everybody")
    opened_ms = session.now_ms - 1
    session.advance(asked_ms + HOUR_MS)
    assert exposure(session.drill).unsigned_off_ms == session.now_ms - opened_ms
    session.advance(asked_ms + 2 * HOUR_MS)
    price = exposure(session.drill)
    assert price.unsigned_off_ms == asked_ms + 90 * MINUTE_MS - opened_ms, "until the answer came"
    assert price.exposed_ms == session.now_ms - opened_ms


def test_time_that_two_openings_share_counts_once() -> None:
    assert total_ms([]) == 0
    assert total_ms([(0, 10), (5, 20), (30, 40), (32, 35)]) == 30
    assert total_ms([(30, 40), (0, 10)]) == 20


# Microsoft 365


def test_in_microsoft_365_changes_take_long_and_the_tenant_is_locked() -> None:
    session = Session(load_scenario("m365-offline", {"users": "30"}), 1, None)
    session.advance(30 * MINUTE_MS)
    assert "550 5.7.51" in done(session, "lock test")
    for subject in ("outbound", "exposure", "exposure opening=skip-filter"):
        done(session, f"approve {subject} emergency=yes")
    for text in ("connector set outbound direct", "lock open backup", "filter-rule skip"):
        given = session.dispatch(text)
        assert isinstance(given, Accepted)
        takes_ms = given.effective_ms - given.starts_ms
        assert 10 * MINUTE_MS <= takes_ms <= 65 * MINUTE_MS
    session.advance(session.now_ms + 2 * HOUR_MS)
    view = session.snapshot().protection
    assert (view.lock.lets_in, view.filter.state) == (("backup",), "skipped by a rule")
    assert view.open_now, "by the register"
    assert not exposed_now(session.drill), "the backup does not filter, but no MX leads there"


def test_whose_mail_a_quarantine_puts_aside_it_does_not_let_in() -> None:
    session = drill(guard={"lock": "quarantines", "firewall_lets_in": ["backup", "internet"]})
    assert session.snapshot().protection.lock.lets_in == ()
    session.drill.protection.lock(session.now_ms, frozenset({"backup"}))
    assert session.snapshot().protection.lock.lets_in == ("backup",)


# Draws in a plan


def in_plan(session: Session, text: str, draws: int | None) -> Accepted:
    """Given as the command of a plan's step whose draws have that key."""
    to = Assignment("messaging-admin", session.now_ms, MINUTE_MS, draws=draws)
    answer = session.assign(text, to)
    assert isinstance(answer, Accepted)
    return answer


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("connector set outbound direct", "connector set outbound secondary"),
        ("lock open everybody", "lock open backup"),
        ("backup set recipients=on", "backup set greylist=off"),
    ],
)
def test_in_a_plan_a_change_takes_the_same_time_whatever_was_changed_before(text: str, before: str) -> None:
    spread = [0, 600]

    def takes_ms(draws: int | None, *earlier: str) -> int:
        session = drill(
            paths={"connector_minutes": spread},
            guard={"change_minutes": spread},
            secondary={"settings_minutes": spread, "greylist": "5m"},
        )
        for one in earlier:
            done(session, one)
        given = in_plan(session, text, draws)
        return given.effective_ms - given.starts_ms

    assert takes_ms(7, before) == takes_ms(7) != takes_ms(8)
    assert takes_ms(None, before) != takes_ms(None), "without a plan, by the number of earlier changes"


def test_in_a_plan_a_test_of_the_server_has_the_same_result_whatever_was_tested_before() -> None:
    def found(draws: int | None, *earlier: str) -> str:
        fault = {"fault": "mail-server is partial", "share_percent": 50, "console": None}
        session = drill(guard={"lock": "open"}, fault=fault)
        for one in earlier:
            done(session, one)
        session.advance(in_plan(session, "lock test", draws).effective_ms + 1)
        return session.events()[-1].text

    alone = [found(draws) for draws in range(6)]
    assert [found(draws, "lock test") for draws in range(6)] == alone
    assert len(set(alone)) == 2
