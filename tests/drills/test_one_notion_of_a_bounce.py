"""A bounce is a bounce, however it is returned; a backlog that took longer has its reason."""

from sim.report.debrief import debrief, doing_nothing
from sim.report.document.run_document import document
from sim.report.table import comparison_rows
from tests.drills.played import shipped

USERS = 60


def test_bounces_at_the_sender_and_rejections_are_told_as_bounces_with_their_split() -> None:
    """The lock is closed too early: senders give up, and others are rejected; the gateway returns none."""
    one = shipped("gateway-down", "gateway-down-all-at-once", USERS)
    nothing = doing_nothing(one.session)
    lost = one.outcome.lost
    assert lost.bounced == 0 < min(lost.at_senders.count, lost.rejected)
    assert lost.bounces == lost.at_senders.count + lost.rejected
    told = debrief(one.session, nothing).findings
    assert told[0].startswith(
        f"Of the inbound mail, {lost.bounces} messages bounced: {lost.at_senders.count} at the sender (retry "
        f"limit reached), {lost.rejected} permanently rejected (5xx). With no action, "
    )
    assert not [line for line in told if "bounced nothing" in line or "bounces nothing" in line]
    rows = {name: mine for name, mine, _theirs in comparison_rows(one.outcome, nothing)}
    assert rows["Bounced, inbound mail"] == str(lost.bounces)
    book = document(one.session, "x", 1.0)
    assert book["bounces"]["inbound"] == lost.bounces
    assert lost.bounces == sum(book["ledger"]["inbound"][name] for name in ("bounced", "rejected"))


def test_where_nothing_bounced_in_any_way_that_is_said() -> None:
    one = shipped("exchange-down", "reference", USERS)
    told = debrief(one.session, doing_nothing(one.session)).findings
    assert one.outcome.lost.bounces == 0
    assert "so it bounces nothing" in told[0]


def test_a_backlog_that_took_longer_than_with_no_action_has_its_reason() -> None:
    one = shipped("gateway-down-long-ttl", "reference", USERS)
    nothing = doing_nothing(one.session)
    mine, theirs = one.outcome.backlog, nothing.backlog
    assert mine.messages < theirs.messages
    assert (mine.drained_after_ms or 0) > (theirs.drained_after_ms or 0)
    (told,) = [line for line in debrief(one.session, nothing).findings if "not of its size" in line]
    assert "still to be delivered" in told
    assert "the MX led senders elsewhere" in told
    assert not [line for line in debrief(one.session, one.outcome).findings if "not of its size" in line]
