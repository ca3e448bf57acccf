"""The figures of a run at one moment, theme by theme: for debriefs, tables and the document of `run`."""

from dataclasses import field
from fractions import Fraction

from sim.drill.instruments.arrival_logs import herd
from sim.drill.room.phone_calls import called_ms
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.bypass_costs import prices
from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.objectives import verdicts_of
from sim.drill.scoring.unfinished_mail import oldest_ms, on_the_way
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.kernel.frozen import frozen
from sim.mail.message.traffic import DIRECTIONS, INBOUND, OUTBOUND
from sim.mail.users.time_without_mail import in_part_user_ms, lost_user_ms
from sim.report.chance import UNSEEN, counted
from sim.report.mail_figures import (
    BacklogFigures,
    InboundFigures,
    InternalMail,
    LostMail,
    MailTiming,
    OutboundMail,
)
from sim.report.people_figures import PeopleFigures
from sim.report.protection_figures import ProtectionCost
from sim.report.run_figure import ByMix, described
from sim.report.sender_ranges import Ranges, weighed

Accounts = dict[str, int]
"""For each account in the ledger, the number of messages in one direction."""


@frozen
class RunOutcome:
    """The figures by which two runs of one scenario are compared."""

    at_ms: int = field(
        metadata=described(
            "the time of the figures, since the drill's start", row="Drill lasted", always=True
        )
    )
    inbound: InboundFigures
    lost: LostMail
    protection: ProtectionCost
    timing: MailTiming
    outbound: OutboundMail
    internal: InternalMail
    backlog: BacklogFigures
    people: PeopleFigures


def outcome(session: Session, ranges: Ranges | None = None) -> RunOutcome:
    """The figures of `session` at its current time; bands from `ranges`, if those runs were made."""
    custody = session.drill.world.custody()
    inbound, outbound, internal = (custody[name] for name in DIRECTIONS)
    lost, timing = _depending_on_senders(session, inbound, ranges or weighed(session))
    return RunOutcome(
        at_ms=session.now_ms,
        inbound=_inbound(session, inbound),
        lost=lost,
        protection=_protection(session, inbound, outbound),
        timing=timing,
        outbound=_outbound(session, outbound),
        internal=InternalMail(
            queued=_queued(internal), returned=internal.get("bounced", 0) + internal.get("rejected", 0)
        ),
        backlog=_backlog(session),
        people=_people(session),
    )


def verdicts(session: Session) -> list[ObjectiveVerdict]:
    """The verdict on each objective, in the scenario's order."""
    return verdicts_of(session.drill)


def _inbound(session: Session, accounts: Accounts) -> InboundFigures:
    return InboundFigures(
        generated=session.drill.world.generated()[INBOUND],
        delivered=accounts.get("delivered", 0),
        queued=accounts.get("gateway_queue", 0),
        elsewhere=accounts.get("relay_queue", 0) + accounts.get("server_queue", 0),
        at_senders=accounts.get("at_sender", 0),
        held=accounts.get("held", 0),
    )


def _depending_on_senders(
    session: Session, accounts: Accounts, by_mix: Ranges
) -> tuple[LostMail, MailTiming]:
    """The two themes whose figures depend on the mix of senders."""
    world = session.drill.world
    ledger, flags = world.ledger, world.flags()
    by_gateway = int(ledger.expired[INBOUND])
    returned = accounts.get("bounced", 0) - by_gateway
    of_others, gave_up = returned - sum(world.inbound.given_up.values()), by_mix.gave_up
    lost = LostMail(
        bounces=returned + by_gateway + accounts.get("rejected", 0),
        bounced=by_gateway,
        by_hand=int(ledger.by_hand[INBOUND]),
        youngest_ms=ledger.youngest_ms,
        at_senders=ByMix(
            returned,
            None if gave_up.low is None else gave_up.low + of_others,
            None if gave_up.high is None else gave_up.high + of_others,
        ),
        rejected=accounts.get("rejected", 0),
        suppressed=accounts.get("suppressed", 0),
        retention_ms=world.queue.slots.limit_ms,
    )
    timing = MailTiming(
        late=ByMix(flags["late"], by_mix.late.low, by_mix.late.high),
        copies=ByMix(flags["duplicates"], by_mix.copies.low, by_mix.copies.high),
        longest_delay_ms=ledger.delay_ms(INBOUND, 100) or 0,
        why_one_mix=by_mix.why,
        covers=by_mix.covers,
    )
    return lost, timing


def _protection(session: Session, inbound: Accounts, outbound: Accounts) -> ProtectionCost:
    price, bypass, world = exposure(session.drill), prices(session.drill), session.drill.world
    return ProtectionCost(
        unfiltered=price.unfiltered,
        junked=inbound.get("junked", 0) + outbound.get("junked", 0),
        rejected=price.rejected,
        backscatter=price.backscatter,
        unsigned=price.unsigned,
        unwanted=bypass.unwanted,
        unarchived=bypass.unarchived,
        suppressed_addresses=world.suppression.addresses,
        suppressed_messages=world.ledger.suppressed,
        greylisted=world.inbound.first_contacts(),
        open_ms=price.open_ms,
        exposed_ms=price.exposed_ms,
        not_approved_ms=price.unsigned_off_ms,
    )


def _outbound(session: Session, accounts: Accounts) -> OutboundMail:
    drill = session.drill
    return OutboundMail(
        queued=_queued(accounts),
        held=accounts.get("held", 0),
        rejected=accounts.get("rejected", 0),
        returned=accounts.get("bounced", 0),
        delay_ms=max(drill.world.ledger.delay_ms(OUTBOUND, 100) or 0, oldest_ms(drill, "outbound") or 0),
    )


def _backlog(session: Session) -> BacklogFigures:
    drill = session.drill
    drained_ms, back_ms = (
        drill.milestones.get(Milestone.QUEUE_DRAINED),
        drill.milestones.get(Milestone.OUTAGE_END),
    )
    storm = herd(drill)
    return BacklogFigures(
        drained_after_ms=drained_ms - back_ms if drained_ms is not None and back_ms is not None else None,
        messages=sum(drill.backlog.values()),
        internal=drill.backlog.get("internal", 0),
        on_the_way=on_the_way(drill),
        herd_from_ms=storm.from_ms if storm else None,
        herd_came=storm.came if storm else None,
        herd_usual=storm.usual if storm else None,
    )


def _people(session: Session) -> PeopleFigures:
    drill, now_ms = session.drill, session.now_ms
    calls = drill.helpdesk.calls_before(now_ms)
    low, high = drill.scenario.organisation.calls.band_percent
    usual = counted(calls or (UNSEEN if Milestone.OUTAGE_START in drill.milestones else 0))
    return PeopleFigures(
        user_hours_without_mail=lost_user_ms(drill.world.users, now_ms) / HOUR_MS,
        user_hours_in_part=in_part_user_ms(drill.world.users, now_ms) / HOUR_MS,
        calls=calls,
        calls_low=usual.times(Fraction(low, 100)).lowest,
        calls_high=usual.times(Fraction(high, 100)).highest,
        executive_calls=len(called_ms(drill.room.stakeholder_calls, "executives")),
        partner_calls=len(called_ms(drill.room.stakeholder_calls, "partners")),
        alert_texts=drill.alerting.texts,
    )


def _queued(accounts: Accounts) -> int:
    return accounts.get("gateway_queue", 0) + accounts.get("server_queue", 0)
