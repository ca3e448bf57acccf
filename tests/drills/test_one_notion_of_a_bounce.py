"""A bounce is a bounce, however it is returned; a backlog that took longer has its reason."""

from dataclasses import replace

from sim.report.debrief import debrief
from sim.report.document.run_document import document
from sim.report.findings.recovery_findings import backlog_reason
from sim.report.outcome import outcome
from sim.report.table import comparison_rows
from tests.drills.played import run, scenario, shipped, steps, waiting

USERS = 100


def test_bounces_at_the_sender_and_rejections_are_told_as_bounces_with_their_split() -> None:
    """The lock is closed too early: senders give up, and others are rejected; the gateway returns none."""
    one = shipped("gateway-down", "gateway-down-all-at-once", USERS)
    nothing = waiting("gateway-down").outcome
    lost = one.outcome.lost
    assert lost.bounced == 0 < min(lost.at_senders.count, lost.rejected)
    assert lost.bounces == lost.at_senders.count + lost.rejected
    told = debrief(one.session, nothing).findings
    assert told[0].startswith(
        f"Inbound mail: {lost.bounces} messages bounced ({lost.at_senders.count} at the sender, retry "
        f"limit reached; {lost.rejected} permanently rejected, 5xx). Without any action: "
    )
    assert not [line for line in told if "did not bounce any mail" in line or "so it bounced none" in line]
    rows = {name: mine for name, mine, _theirs in comparison_rows(one.outcome, nothing)}
    assert rows["Bounced, inbound mail"] == str(lost.bounces)
    book = document(one.session, "x", 1.0)
    assert book["bounces"]["inbound"] == lost.bounces
    assert lost.bounces == sum(book["ledger"]["inbound"][name] for name in ("bounced", "rejected"))


def test_where_nothing_bounced_in_any_way_that_is_said() -> None:
    one = shipped("exchange-down", "reference", USERS)
    told = debrief(one.session, waiting("exchange-down").outcome).findings
    assert one.outcome.lost.bounces == 0
    assert "so it bounced none" in told[0]


def test_a_backlog_that_took_longer_than_with_no_action_has_its_reason() -> None:
    """Deliveries are paused in the outage, and resumed eight hours after the server is back."""
    paused = ("outage.start + 1h", "deliveries pause inbound")
    resumed = ("server.reported-back + 8h", "deliveries resume inbound")
    one = run(scenario("exchange-down", USERS), steps("exchange-down", paused, resumed))
    nothing = waiting("exchange-down").outcome
    (told,) = [line for line in debrief(one.session, nothing).findings if "when its last message" in line]
    assert "still had to be delivered" in told
    assert "Inbound deliveries were paused until Wed 00:" in told
    assert not [
        line for line in debrief(one.session, one.outcome).findings if "when its last message" in line
    ]


def test_a_changed_mx_is_a_reason() -> None:
    session = shipped("gateway-down", "gateway-down-all-at-once", USERS).session
    ours, back_ms = outcome(session), session.drill.milestones["outage.end"]
    quick = replace(ours, backlog=replace(ours.backlog, drained_after_ms=1))
    told = backlog_reason(session, ours, quick)
    led = session.drill.dns.led(session.now_ms)[-1]
    assert led.until_ms is not None
    assert led.until_ms > back_ms
    assert f"to {session.drill.clock(led.until_ms)} the MX directed senders elsewhere" in told
    assert "at the senders" in told
