"""The debrief: what was decided when, what it came to, and what doing nothing would have come to."""

from dataclasses import dataclass
from functools import partial

from sim.drill.commands.gateway.queue_report import of_batch
from sim.drill.instruments.arrival_logs import herd
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.bypass_costs import prices
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.scoring.verdicts import limit_of
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, format_duration
from sim.kernel.plural import counted
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.report.announcements import Word, words
from sim.report.assumed_numbers import assumed_numbers
from sim.report.decisions import decision_findings, omission_findings, sound_finding
from sim.report.mx_change import policy_findings, way_in_findings
from sim.report.outcome import Outcome, outcome, verdicts
from sim.report.people_findings import people_findings
from sim.report.scores import Change, Score, changes, never_judged, scores
from sim.report.sender_mix_findings import copies, of_one_mix, returned
from sim.report.timeline import Line, timeline, when


@dataclass(frozen=True, slots=True)
class Debrief:
    """Everything that the end of a drill shows. `nothing`: see `doing_nothing`."""

    title: str
    seed: int
    digest: str
    timeline: tuple[Line, ...]
    outcome: Outcome
    nothing: Outcome
    verdicts: tuple[tuple[ObjectiveVerdict, str], ...]
    """Each with what its objective teaches."""
    findings: tuple[str, ...]
    assumed: str
    scores: tuple[Score, ...] = ()
    """Never added up."""
    changes: tuple[Change, ...] = ()
    """How the scores came about."""
    not_judged: tuple[str, ...] = ()
    """Objectives on which nothing was decided, each with why."""
    words: tuple[Word, ...] = ()
    """What was said, beside what was true then."""


def doing_nothing(session: Session) -> Outcome:
    """What the same scenario and seed come to when nobody acts (a run of its own, a second or so).

    A drill that has ended is compared with one that has; any other at the moment that it has reached.
    """
    return outcome(ghost_of(session))


def ghost_of(session: Session) -> Session:
    """That run."""
    ghost = Session(session.scenario, session.seed, None)
    play(ghost, None, FOREVER_MS if session.complete else session.now_ms)
    return ghost


def debrief(session: Session, nothing: Outcome) -> Debrief:
    """The debrief of `session` beside `nothing` (see `doing_nothing`)."""
    figures = outcome(session)
    objectives, judged = session.scenario.objectives, verdicts(session)
    asked = {one.id: f"{one.learns} ({limit_of(one)})" for one in objectives}
    return Debrief(
        title=session.scenario.title,
        seed=session.seed,
        digest=session.digest(),
        timeline=timeline(session),
        outcome=figures,
        nothing=nothing,
        verdicts=tuple((verdict, f"{asked[verdict.id]}: {verdict.cause}") for verdict in judged),
        findings=(
            *_findings(session, figures, nothing),
            *people_findings(session),
            *decision_findings(session),
            *omission_findings(session),
            *sound_finding(session),
        ),
        scores=scores(objectives, judged),
        changes=changes(objectives, judged, partial(when, session)),
        not_judged=never_judged(judged),
        words=words(session),
        assumed=(
            "Who calls when, who reads what over which channel, how long mail stays useful and how fast the "
            "server takes mail are assumed numbers: compare two plays rather than trust one figure. "
            f"{_share_of_assumed(session)}"
        ),
    )


def _share_of_assumed(session: Session) -> str:
    found = assumed_numbers(session.drill)
    return (
        f"Of {found['of']:,} numbers and rules that this run rests on, nobody publishes "
        f"{found['numbers']:,}; `run --json` names them."
    )


def _findings(session: Session, figures: Outcome, nothing: Outcome) -> list[str]:
    found = [
        "" if session.complete else "The drill is not over: both plays are counted up to this moment.",
        _bounces(session, figures, nothing),
        returned(figures, nothing),
        of_one_mix(figures),
        _own_goals(figures, nothing),
        _suppressed(session),
        copies(session, figures),
        *way_in_findings(session),
        *policy_findings(session),
        _past_the_gateway(session),
        _greylisted(session),
        _herd(session),
        _recovery(figures, nothing),
        _by_hand(session),
        _users(figures, nothing),
        _left_behind(session, figures),
    ]
    return [finding for finding in found if finding]


def _bounces(session: Session, figures: Outcome, nothing: Outcome) -> str:
    """What was returned to its senders, beside doing nothing, and what people did about it."""
    did, would = figures.bounced, nothing.bounced
    if not did and not would:
        return _among_colleagues(figures, nothing) or _nothing_bounces(session, nothing)
    if did:
        text = f"{_bounced(figures)}; " + (
            f"{would:,} would have if nobody had acted." if would else "none if nobody had acted."
        )
    else:
        text = f"{counted(would, 'message')} would have bounced if nobody had acted; none did."
    return " ".join(
        [text, *_too_late(session, figures), *_measures(session, nothing, bounced=did > figures.by_hand)]
    )


def _too_late(session: Session, figures: Outcome) -> list[str]:
    """What the gateway has returned although the mail server was back: it did not try once more."""
    back_ms = session.drill.milestones.get(Milestone.OUTAGE_END)
    if back_ms is None or figures.by_hand:
        return []
    count = session.drill.world.ledger.returns.since(back_ms, "gateway expired")
    if not count:
        return []
    return [
        f"{count:,} of them bounced with the server back: their next try lay beyond their limit, and "
        "`queue retry inbound` at the return would have brought them."
    ]


def _bounced(figures: Outcome) -> str:
    """How many the gateway has returned, by whom, and how old they were at least."""
    text = f"{counted(figures.bounced, 'message')} bounced"
    if figures.by_hand == figures.bounced:
        return f"{text}, by hand"
    old = f"each at least {(figures.youngest_ms or 0) // HOUR_MS} h old"
    return f"{text}, {figures.by_hand:,} by hand, the others {old}" if figures.by_hand else f"{text}, {old}"


def _own_goals(figures: Outcome, nothing: Outcome) -> str:
    """What was refused for good, beside doing nothing."""
    did = figures.rejected + figures.outbound_rejected
    would = nothing.rejected + nothing.outbound_rejected
    if not did and not would:
        return ""
    text = f"{counted(did, 'message')} {'was' if did == 1 else 'were'} refused for good and returned at once"
    text += f", {would:,} if nobody had acted"
    if figures.rejected and figures.outbound_rejected:
        text += f" ({figures.rejected:,} that were written to you, {figures.outbound_rejected:,} of yours)"
    if did <= would:
        return f"{text}."
    return f"{text}: own goals. What waits can still be delivered; what is refused with 5xx is gone."


def _suppressed(session: Session) -> str:
    """What bulk senders make of a refusal for good."""
    world = session.drill.world
    if not world.suppression.addresses and not world.ledger.suppressed:
        return ""
    return (
        f"Bulk senders take a refusal for good for a dead address: {world.suppression.addresses:,} pairs of "
        f"account and address stand on their lists, and {world.ledger.suppressed:,} later messages were "
        "never sent (assumed). `notify partners advise=clear-lists` asks those who have such accounts to "
        "clear them; what is still refused by then is listed again."
    )


def _past_the_gateway(session: Session) -> str:
    """What the ways round the gateway cost, day by day."""
    costs = prices(session.drill)
    if not costs.unwanted and not costs.unarchived:
        return ""
    ways = {
        "by the backup, whose filter is weaker or none": costs.by_the_backup,
        "by the opened lock, from others at the backup's addresses": costs.by_the_lock,
        "straight to the server": costs.straight,
    }
    text = f"{counted(costs.unarchived, 'message')} went past the gateway: its archive has no copy of them"
    if not costs.unwanted:
        return f"{text}."
    parts = ", ".join(f"{count:,} {way}" for way, count in ways.items() if count)
    return f"{text}. Unwanted mail that its filter would have kept (assumed shares): {parts}."


def _greylisted(session: Session) -> str:
    """What the backup put off because it had never seen who sent it."""
    count = session.drill.world.inbound.first_contacts()
    return (
        f"The backup greylisted: {count:,} first contacts were put off, each until its sender's next try; "
        "what a sender tries once was returned."
        if count
        else ""
    )


def _herd(session: Session) -> str:
    """The rush of what had waited with its senders."""
    found = herd(session.drill)
    if (
        found is None
        or found.came < 2 * found.usual
        or found.came - found.usual < session.scenario.organisation.users // 10
    ):
        return ""
    when = session.drill.clock(found.from_ms)
    return (
        f"The herd came in the half hour from {when}: {found.came:,} messages from the internet, of which "
        f"{found.usual:,} were written in it; the rest had waited with their senders."
    )


def _among_colleagues(figures: Outcome, nothing: Outcome) -> str:
    """Nothing from outside was returned by the gateway, and some of the mail between colleagues was."""
    did, would = figures.internal_returned, nothing.internal_returned
    if not did and not would:
        return ""
    return (
        f"Nothing from outside bounced at the gateway; of what colleagues wrote to each other by it "
        f"{counted(did, 'message')} came back, {would or 'none'} if nobody had acted."
    )


def _nothing_bounces(session: Session, nothing: Outcome) -> str:
    if not session.complete:
        return "Nothing has bounced so far, nor would it have if nobody had acted."
    lasted = format_duration(session.scenario.outage_end_ms - session.scenario.outage_start_ms)
    if nothing.rejected:
        return ""
    if nothing.returned:
        where = "what it does not take waits with its senders"
        return f"The outage lasted {lasted}; nothing bounces at the gateway, {where}."
    kept = f"{nothing.retention_ms // HOUR_MS} h"
    tail = "Pausing is needless here, and was left alone."
    if Milestone.DELIVERIES_PAUSED in session.drill.milestones:
        tail = "Pausing was needless here."
    elif session.drill.world.writers.outgoing.queue.pauses:
        tail = "Pausing is needless here; what goes out was paused."
    return f"The outage lasted {lasted}, the gateway keeps each message for {kept}: nothing bounces. {tail}"


_LEAKS = frozenset({"mail-server is intermittent", "mail-server is partial"})
"""Faults in which some mail gets through all the while."""


def _measures(session: Session, nothing: Outcome, *, bounced: bool) -> list[str]:
    """Pauses and extensions as they were, and what was wrong with them when mail bounced all the same."""
    drill, told = session.drill, []
    pauses = _pauses(session)
    if pauses:
        paused_ms = sum(end_ms - start_ms for start_ms, end_ms in pauses)
        told.append(f"Deliveries were paused for {_hours(paused_ms)}, and paused mail does not expire.")
    if Milestone.QUEUE_EXTENDED in drill.milestones:
        told.append(f"Inbound mail is kept for {format_duration(drill.world.queue.slots.limit_ms)} by now.")
    if not bounced:
        return told
    if not pauses:
        last_ms = nothing.retention_ms * drill.scenario.organisation.decision_rules.pause_by_percent // 100
        leaks = any(fault.fault in _LEAKS for fault in drill.scenario.timeline)
        what = "A longer retention" if leaks else "A pause, or a longer retention,"
        tail = "; a pause would hold back what gets through as well" if leaks else ""
        told.append(f"{what} before the oldest is {_age(last_ms)} old keeps them{tail}.")
    elif pauses[0][0] > drill.milestones[Milestone.BOUNCE_FIRST]:
        told.append("The pause came after the first bounce.")
    outages = drill.world.users.outages
    if any(start_ms <= end < end_ms for _start, end in pauses for start_ms, end_ms in outages):
        told.append("A resume while the mail server is down returns what is past its limit at once.")
    return told


def _pauses(session: Session) -> list[tuple[int, int]]:
    """Stretches in which inbound deliveries were paused, whatever was known of it; the last one up to now."""
    return [
        (span[0], span[1] if len(span) > 1 else session.now_ms) for span in session.drill.world.queue.pauses
    ]


def _recovery(figures: Outcome, nothing: Outcome) -> str:
    if figures.drained_after_ms is None:
        return ""
    text = f"After the return {_backlog(figures)} to be delivered"
    if figures.backlog_internal > nothing.backlog_internal:
        text += (
            f"; {figures.backlog_internal:,} of them were mail between colleagues, which continuity brings "
            "through the gateway, and which stands in Outboxes without it"
        )
    if nothing.drained_after_ms is None:
        return f"{text}."
    return f"{text}. If nobody had acted, {_backlog(nothing)}."


def _backlog(figures: Outcome) -> str:
    """How many messages and how long they took: only both together can be compared with another play."""
    return (
        f"the backlog of {counted(figures.backlog, 'message')} took {_hours(figures.drained_after_ms or 0)}"
    )


def _by_hand(session: Session) -> str:
    """What each forced attempt came to; of many the first and the last few."""
    all_ = [batch for batch in session.drill.batches.all if len(batch.ids) > 1]
    if not all_:
        return ""
    shown = all_ if len(all_) <= 6 else [*all_[:3], *all_[-3:]]
    lines = "; ".join(of_batch(session.drill, batch) for batch in shown)
    return f"Attempts forced by hand, {len(all_)} in all: {lines}."


def _users(figures: Outcome, nothing: Outcome) -> str:
    if nothing.user_hours_without_mail == 0:
        return ""
    spared = nothing.user_hours_without_mail - figures.user_hours_without_mail
    if spared < 1:
        return "Nobody was spared an hour without a mailbox: no continuity event helped."
    return (
        f"Users were without a mailbox for {figures.user_hours_without_mail:,.0f} hours in all, "
        f"{nothing.user_hours_without_mail:,.0f} if nobody had acted: {spared:,.0f} user-hours spared."
    )


def _left_behind(session: Session, figures: Outcome) -> str:
    """What still waits although all is repaired, for each side that the gateway delivers to."""
    drill, queue = session.drill, session.drill.world.queue
    if not queue.answers or Milestone.OUTAGE_END not in drill.milestones:
        return ""
    told = []
    if queue.paused:
        again = _never_resumed(queue)
        told.append(f"Deliveries were {again}: the mail server is up and the mail waits at the gateway.")
    outgoing = drill.world.writers.outgoing
    if outgoing.queue.paused:
        waits = counted(outgoing.depth(), "message")
        told.append(
            f"Outbound deliveries were {_never_resumed(outgoing.queue)}: {waits} wait at the gateway."
        )
    if not told and session.complete and figures.drained_after_ms is None:
        told.append(f"The drill ended before the backlog was delivered{_in_queues(figures)}.")
    return " ".join(told)


def _in_queues(figures: Outcome) -> str:
    """`; in queues: 1 message from outside, 30 messages to the outside`."""
    waits = {
        "from outside": figures.queued + figures.elsewhere,
        "to the outside": figures.outbound_queued,
        "between colleagues": figures.internal_queued,
    }
    parts = [f"{counted(count, 'message')} {whither}" for whither, count in waits.items() if count]
    return f"; in queues: {', '.join(parts)}" if parts else ""


def _never_resumed(queue: DeliveryQueue) -> str:
    return "not resumed again" if len(queue.pauses) > 1 else "never resumed"


def _age(span_ms: int) -> str:
    """Whole hours as hours, 72 h rather than 3d: an age in a queue is told so."""
    return format_duration(span_ms) if span_ms % HOUR_MS else f"{span_ms // HOUR_MS} h"


def _hours(span_ms: int) -> str:
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d} min"
