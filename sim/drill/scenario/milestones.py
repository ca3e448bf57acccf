"""Milestones of a drill: each is the first time at which something happens. To add one, add a member here."""

from enum import StrEnum
from typing import Self

from sim.drill.scenario.milestone_facts import MilestoneFacts


class Milestone(StrEnum):
    """A milestone, by its name in files and journals."""

    facts: MilestoneFacts

    def __new__(cls, name: str, facts: MilestoneFacts) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.facts = facts
        return member

    OUTAGE_START = "outage.start", MilestoneFacts("the first fault begins", in_words="the onset")
    OUTAGE_END = "outage.end", MilestoneFacts("the last fault ends", in_words="the recovery")
    ALERT_FIRST = (
        "alert.first",
        MilestoneFacts(
            "the first alert from a monitor reaches a person",
            in_words="the first alert",
            sign="an alert",
            turning_point=True,
        ),
    )
    ALERT_QUEUE = (
        "alert.queue",
        MilestoneFacts(
            "the Service Monitor's first alert, about messages on retry, reaches a person",
            sign="an alert",
            after="alert.first",
        ),
    )
    ALERT_ACKNOWLEDGED = (
        "alert.acknowledged",
        MilestoneFacts(
            "an alert is acknowledged",
            sign="an alert",
            after="alert.first",
            tried=("alerts ack",),
            brought_by=("alerts ack",),
        ),
    )
    CONTINUITY_ACTIVE = (
        "continuity.active",
        MilestoneFacts(
            "a continuity event is in force for at least nine in ten of the users who need it",
            sign="anything",
            tried=("continuity start group=all for=8h",),
            brought_by=("continuity start",),
            wants_decided="continuity",
            shown_by="gateway console",
        ),
    )
    CONTINUITY_VERIFIED = (
        "continuity.verified",
        MilestoneFacts(
            "pilot users of every app read and send in continuity",
            sign="what was done before",
            after="continuity.active",
            tried=("continuity test",),
            brought_by=("continuity test",),
        ),
    )
    CONTINUITY_ENDED = (
        "continuity.ended",
        MilestoneFacts(
            "the continuity event has ended or lapsed",
            sign="what was done before",
            after="continuity.active",
            tried=("continuity end",),
            brought_by=("continuity end", "continuity start"),
        ),
    )
    USERS_TOLD = (
        "users.told",
        MilestoneFacts(
            "one update first reaches more than half of the users",
            brought_by=("notify users",),
            tells="users",
            of_the_outage=True,
        ),
    )
    EXECUTIVES_TOLD = (
        "executives.told",
        MilestoneFacts(
            "the executives are first notified",
            brought_by=("notify executives",),
            tells="executives",
            of_the_outage=True,
        ),
    )
    PARTNERS_TOLD = (
        "partners.told",
        MilestoneFacts(
            "the partners are first notified",
            brought_by=("notify partners",),
            tells="partners",
            of_the_outage=True,
        ),
    )
    SERVER_REPORTED_BACK = (
        "server.reported-back",
        MilestoneFacts(
            "the service is reported back by the server team, or by a vendor whose report proves true",
            in_words="the report of the recovery",
        ),
    )
    DELIVERIES_PAUSED = (
        "deliveries.paused",
        MilestoneFacts(
            "inbound deliveries are paused",
            sign="a queue",
            tried=("deliveries pause inbound",),
            brought_by=("deliveries pause inbound",),
        ),
    )
    DELIVERIES_RESUMED = (
        "deliveries.resumed",
        MilestoneFacts(
            "inbound deliveries are resumed",
            sign="what was done before",
            after="deliveries.paused",
            tried=("deliveries resume inbound",),
            brought_by=("deliveries resume inbound",),
        ),
    )
    QUEUE_RETRIED = (
        "queue.retried",
        MilestoneFacts(
            "a retry of the inbound queue is forced",
            sign="a queue",
            tried=("queue retry inbound",),
            brought_by=("queue retry inbound",),
        ),
    )
    QUEUE_EXTENDED = (
        "queue.extended",
        MilestoneFacts(
            "a longer retention takes effect",
            sign="a queue",
            tried=("queue extend inbound 8d",),
            brought_by=("queue extend inbound",),
        ),
    )
    PAUSE_DECIDED = (
        "pause.decided",
        MilestoneFacts(
            "a decision on pausing inbound deliveries is recorded",
            sign="a queue",
            tried=("decide pause no",),
            brought_by=("decide pause", "deliveries pause inbound"),
            decides="pause",
            wants_decided="pause",
            of_the_outage=True,
        ),
    )
    CONTINUITY_DECIDED = (
        "continuity.decided",
        MilestoneFacts(
            "a decision on a continuity event is recorded",
            sign="anything",
            tried=("decide continuity no",),
            brought_by=("decide continuity",),
            decides="continuity",
            of_the_outage=True,
        ),
    )
    MX_DECIDED = (
        "mx.decided",
        MilestoneFacts(
            "a decision on changing the MX is recorded",
            sign="inbound",
            tried=("decide mx no",),
            brought_by=("decide mx",),
            decides="mx",
            wants_decided="mx",
            of_the_outage=True,
        ),
    )
    OUTBOUND_DECIDED = (
        "outbound.decided",
        MilestoneFacts(
            "a decision on another outbound route is recorded",
            sign="outbound",
            tried=("decide outbound no",),
            brought_by=("decide outbound",),
            decides="outbound",
            wants_decided="outbound",
            of_the_outage=True,
        ),
    )
    MX_CHANGED = (
        "mx.changed",
        MilestoneFacts(
            "the MX record is changed to hosts other than the gateway's",
            in_words="the MX change",
            sign="inbound",
            tried=("mx set backup", "mx set server"),
            brought_by=("mx set backup", "mx set server", "mx set gateway+backup", "mx set backup+gateway"),
        ),
    )
    MX_RESTORED = (
        "mx.restored",
        MilestoneFacts(
            "the MX record lists only the gateway again",
            sign="what was done before",
            after="mx.changed",
            tried=("mx set gateway",),
            brought_by=("mx set gateway",),
        ),
    )
    TTL_LOWERED = (
        "ttl.lowered",
        MilestoneFacts(
            "the TTL of the MX record is lowered",
            sign="inbound",
            tried=("ttl set mx 60",),
            brought_by=("ttl set", "mx set"),
        ),
    )
    MTA_STS_PUBLISHED = (
        "mta-sts.published",
        MilestoneFacts(
            "the MTA-STS policy that lists other hosts gets its new id",
            sign="inbound",
            tried=("mta-sts policy backup",),
            brought_by=("mta-sts id",),
        ),
    )
    INBOUND_MOVED = (
        "inbound.moved",
        MilestoneFacts(
            "hosts other than the gateway's accept new mail (house rule: 95 %, not counting resolvers that "
            "stretch TTLs)",
            sign="what was done before",
            after="mx.changed",
            brought_by=("mx set backup", "mx set server", "mx set gateway+backup", "mx set backup+gateway"),
        ),
    )
    OUTBOUND_RESTORED = (
        "outbound.restored",
        MilestoneFacts(
            "outbound mail flows again, through the gateway or a bypass (house rule: nine in ten)",
            sign="outbound",
            tried=("connector set outbound secondary", "connector set outbound direct"),
            wants_decided="outbound",
        ),
    )
    LOCK_OPENED = (
        "lock.opened",
        MilestoneFacts(
            "the mail server's lock or firewall is opened to hosts other than the gateway",
            sign="inbound",
            tried=("lock open backup", "firewall open backup"),
            brought_by=("lock open", "firewall open"),
        ),
    )
    LOCK_CLOSED = (
        "lock.closed",
        MilestoneFacts(
            "the lock or firewall is closed again",
            sign="what was done before",
            after="lock.opened",
            tried=("lock close", "firewall close"),
            brought_by=("lock close", "firewall close"),
        ),
    )
    LOCK_PROVEN = (
        "lock.proven",
        MilestoneFacts(
            "a test from outside proves the lock or firewall closed",
            sign="what was done before",
            after="lock.closed",
            tried=("openings prove lock",),
            brought_by=("openings prove lock", "openings prove firewall", "lock test", "backup test"),
        ),
    )
    MX_APPROVED = (
        "mx.approved",
        MilestoneFacts(
            "an MX change is approved, or made without approval in an emergency",
            brought_by=("approve mx",),
            approves="mx",
        ),
    )
    OUTBOUND_APPROVED = (
        "outbound.approved",
        MilestoneFacts(
            "another outbound route is approved, or used without approval",
            brought_by=("approve outbound",),
            approves="outbound",
        ),
    )
    EXPOSURE_APPROVED = (
        "exposure.approved",
        MilestoneFacts(
            "opening a lock or a filter is approved, or done without approval",
            brought_by=("approve exposure",),
            approves="exposure",
        ),
    )
    DIAGNOSIS_STATED = (
        "diagnosis.stated",
        MilestoneFacts(
            "a diagnosis is first stated",
            sign="anything",
            tried=("diagnose component=gateway failure=refuses",),
            brought_by=("diagnose",),
            of_the_outage=True,
        ),
    )
    DIAGNOSIS_CORRECT = (
        "diagnosis.correct",
        MilestoneFacts("a correct diagnosis is first stated", brought_by=("diagnose",), tells_truth=True),
    )
    OPENINGS_CLOSED = (
        "openings.closed",
        MilestoneFacts(
            "every opening is proven closed again",
            brought_by=("openings prove", "lock test", "backup test"),
        ),
    )
    BOUNCE_FIRST = (
        "bounce.first",
        MilestoneFacts(
            "the gateway first bounces a message by itself",
            shown_by="gateway figures",
            turning_point=True,
        ),
    )
    BOUNCE_BY_HAND = (
        "bounce.by-hand",
        MilestoneFacts(
            "queued messages are bounced or rejected at the gateway by hand",
            sign="inbound",
            tried=("queue bounce inbound",),
            brought_by=("queue bounce", "queue reject"),
        ),
    )
    QUEUE_DRAINED = (
        "queue.drained",
        MilestoneFacts(
            "all mail queued before the recovery has left the queues",
            shown_by="gateway figures",
            turning_point=True,
        ),
    )
    QUEUE_SHORT = (
        "queue.short",
        MilestoneFacts(
            "after the recovery, every message in the gateway's queue is less than 15 min old",
            shown_by="gateway figures",
        ),
    )


MILESTONES = {milestone.value: milestone for milestone in Milestone}
"""Every milestone by its name."""

TOLD = {milestone.facts.tells: milestone for milestone in Milestone if milestone.facts.tells}
"""The milestone of the first update to each audience."""

APPROVED = {milestone.facts.approves: milestone for milestone in Milestone if milestone.facts.approves}
"""The milestone of the approval of each subject."""

DECIDED = {milestone.facts.decides: milestone for milestone in Milestone if milestone.facts.decides}
"""The milestone of the decision on each matter."""
