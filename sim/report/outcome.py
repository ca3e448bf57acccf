"""What a drill came to, in numbers: for people's debriefs and for the JSON contract of `run`."""

from dataclasses import dataclass
from typing import Any

from sim.drill.instruments.arrival_logs import herd
from sim.drill.room.announcements import promises
from sim.drill.scenario.verdicts import Verdict
from sim.drill.scoring.bypass_costs import prices
from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.figures import false_statements, verdicts_of
from sim.drill.scoring.unfinished_mail import oldest_ms
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.accounts.ledger import ACCOUNTS
from sim.mail.message.traffic import DIRECTIONS, INBOUND, OUTBOUND
from sim.mail.senders.hop import Hop
from sim.report.assumed_numbers import assumed_numbers
from sim.report.decisions import decision_rows
from sim.report.sender_ranges import OWN, Range, Ranges, weighed


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures by which two plays of one scenario are compared. Inbound mail, if not said otherwise."""

    generated: int
    delivered: int
    queued: int
    """In the gateway's inbound queue."""
    elsewhere: int
    """In the backup's queue, or accepted by the mail server and not worked off."""
    at_senders: int
    bounced: int
    """By the gateway, which has them in its archive."""
    by_hand: int
    """Of these, what somebody has had it return."""
    youngest_ms: int | None
    """How old the youngest was that it has returned by itself; None: it has not, in any direction."""
    returned: int
    """By the organisations that sent them, which gave up."""
    returned_low: int | None
    returned_high: int | None
    """The same over mixes of who may write to the organisation; None: this play tells only of its own."""
    held: int
    """Taken by the gateway and kept."""
    rejected: int
    """Inbound mail refused for good by this side, and so returned at once."""
    suppressed: int
    """Inbound mail that a bulk sender's list has kept from being sent at all."""
    unfiltered: int
    junked: int
    """Put aside by a filter, a quarantine or recipients' systems; both directions."""
    backscatter: int
    """Returns to strangers by a backup that did not know the recipients."""
    unsigned: int
    """Outbound messages that left by a way on which DMARC fails."""
    not_approved_ms: int
    """Time in which unfiltered mail could get in and nobody had approved that."""
    copies: int
    """Messages that came twice; every direction."""
    copies_low: int | None
    copies_high: int | None
    """The same over those mixes."""
    late: int
    late_low: int | None
    late_high: int | None
    """The same over those mixes."""
    unknown_mixes: str
    """Why this play tells only of the own mix; empty if it tells of others."""
    longest_delay_ms: int
    outbound_held: int
    outbound_rejected: int
    """Refused for good by those that it was sent to."""
    outbound_returned: int
    outbound_queued: int
    """What users sent to the outside, and the mail server or the gateway still has in a queue."""
    outbound_delay_ms: int
    """The longest of what users sent to the outside, of what came and of what still waits."""
    internal_queued: int
    """Mail between colleagues in a queue of the gateway or the mail server."""
    internal_returned: int
    """Mail between colleagues that the gateway took in continuity and returned or rejected."""
    user_hours_without_mail: float
    user_hours_in_part: float
    """With a mailbox, and nothing of the gateway: no links, no portal, none of its ways in and out."""
    drained_after_ms: int | None
    """From the server's return until the backlog was delivered; None if it was not."""
    backlog: int
    """Messages that waited at the return, of every direction; none before."""
    backlog_internal: int
    """Of these, mail between colleagues that the gateway took in continuity."""
    calls: int
    """Calls to the helpdesk."""
    executive_calls: int
    partner_calls: int
    """Of executives and partners who had no word that held."""
    alert_texts: int
    """Text messages of the gateway's monitors: each alert until somebody acknowledges it."""
    retention_ms: int
    """How long the gateway keeps a message from its arrival."""
    at_ms: int
    """The moment that the figures are of, since the drill's start."""


def outcome(session: Session) -> Outcome:
    """The figures of `session` at the moment that it has reached."""
    drill = session.drill
    ledger, custody = drill.world.ledger, drill.world.custody()
    inbound, outbound, internal = (custody[name] for name in DIRECTIONS)
    price = exposure(drill)
    by_gateway = int(ledger.expired[INBOUND])
    by_mix, returned = weighed(session), inbound.get("bounced", 0) - by_gateway
    of_others = returned - sum(drill.world.inbound.given_up.values())
    came, back = drill.milestones.get("queue.drained"), drill.milestones.get("outage.end")
    return Outcome(
        generated=drill.world.generated()[INBOUND],
        delivered=inbound.get("delivered", 0),
        queued=inbound.get("gateway_queue", 0),
        elsewhere=inbound.get("relay_queue", 0) + inbound.get("server_queue", 0),
        at_senders=inbound.get("at_sender", 0),
        bounced=by_gateway,
        by_hand=int(ledger.by_hand[INBOUND]),
        youngest_ms=ledger.youngest_ms,
        returned=returned,
        returned_low=None if by_mix.gave_up.low is None else by_mix.gave_up.low + of_others,
        returned_high=None if by_mix.gave_up.high is None else by_mix.gave_up.high + of_others,
        held=inbound.get("held", 0),
        outbound_held=outbound.get("held", 0),
        rejected=inbound.get("rejected", 0),
        suppressed=inbound.get("suppressed", 0),
        outbound_rejected=outbound.get("rejected", 0),
        unfiltered=price.unfiltered,
        junked=inbound.get("junked", 0) + outbound.get("junked", 0),
        backscatter=price.backscatter,
        unsigned=price.unsigned,
        not_approved_ms=price.unsigned_off_ms,
        copies=drill.world.flags()["duplicates"],
        copies_low=by_mix.copies.low,
        copies_high=by_mix.copies.high,
        late=drill.world.flags()["late"],
        late_low=by_mix.late.low,
        late_high=by_mix.late.high,
        unknown_mixes=by_mix.why,
        longest_delay_ms=ledger.delay_ms(INBOUND, 100) or 0,
        outbound_returned=outbound.get("bounced", 0),
        outbound_queued=_queued(outbound),
        outbound_delay_ms=max(ledger.delay_ms(OUTBOUND, 100) or 0, oldest_ms(drill, "outbound") or 0),
        internal_queued=_queued(internal),
        internal_returned=internal.get("bounced", 0) + internal.get("rejected", 0),
        user_hours_without_mail=drill.world.users.lost_user_ms(drill.now_ms) / HOUR_MS,
        user_hours_in_part=drill.world.users.in_part_user_ms(drill.now_ms) / HOUR_MS,
        drained_after_ms=came - back if came is not None and back is not None else None,
        backlog=sum(drill.backlog.values()),
        backlog_internal=drill.backlog.get("internal", 0),
        calls=drill.helpdesk.calls_before(drill.now_ms),
        executive_calls=len(drill.stakeholders.called_ms("executives")),
        partner_calls=len(drill.stakeholders.called_ms("partners")),
        alert_texts=drill.alerting.texts,
        retention_ms=drill.world.queue.slots.limit_ms,
        at_ms=drill.now_ms,
    )


def _queued(book: dict[str, int]) -> int:
    return book.get("gateway_queue", 0) + book.get("server_queue", 0)


def verdicts(session: Session) -> list[Verdict]:
    """What has become of each objective."""
    return verdicts_of(session.drill)


def document(session: Session, runbook: str, wall_s: float, by_mix: Ranges | None = None) -> dict[str, Any]:
    """The JSON document of `mxdrill run` (docs/reference/run-json.md); `wall_s`: how long the run took.

    `by_mix`: what hangs on who writes with each mix, where that was played.
    """
    drill, figures = session.drill, outcome(session)
    ranges, runs = by_mix or weighed(session), by_mix is not None
    generated = dict(zip(DIRECTIONS, drill.world.generated(), strict=True))
    custody = drill.world.custody()
    return {
        "scenario": session.scenario.id,
        "settings": session.scenario.settings,
        "runbook": runbook,
        "seed": session.seed,
        "digest": session.digest(),
        "until_s": session.now_ms / 1000,
        "ended": session.ended,
        "generated": generated,
        "ledger": {name: {a: custody[name].get(a, 0) for a in ACCOUNTS} for name in DIRECTIONS},
        "flags": drill.world.flags(),
        "duplicates": drill.world.copies.counts(drill.world.inbound.hop),
        "attempts": drill.world.attempts(),
        "deferrals": drill.world.deferrals(),
        "waiting_s": {name: _seconds(oldest_ms(drill, name)) for name in DIRECTIONS},
        "delay_s": {name: _delays(session, direction) for direction, name in enumerate(DIRECTIONS)},
        "first_s": {
            "alert": _seconds(drill.milestones.get("alert.first")),
            "delay_notice": _seconds(_first_notice(drill.world.writers.outbound.hop)),
            "delay_notice_outside": _seconds(_first_notice(drill.world.inbound.hop)),
            "bounce": _seconds(_first_bounce(session)),
            "bounce_by_gateway": _seconds(drill.milestones.get("bounce.first")),
        },
        "users": {
            "user_hours_without_mail": round(figures.user_hours_without_mail, 3),
            "user_hours_in_part": round(figures.user_hours_in_part, 3),
            "calls": figures.calls,
            "executive_calls": figures.executive_calls,
            "partner_calls": figures.partner_calls,
        },
        "senders_gave_up": _by_mix(ranges.gave_up, ranges.why, played=runs),
        "late_by_mix": _by_mix(ranges.late, ranges.why, played=runs),
        "duplicates_by_mix": _by_mix(ranges.copies, ranges.why, played=runs),
        "alerts": {"texts": figures.alert_texts},
        "recovery": {
            "drained_after_s": _seconds(figures.drained_after_ms),
            "backlog": figures.backlog,
            "backlog_internal": figures.backlog_internal,
            "herd": _herd(session),
        },
        "exposure": _exposure(session),
        "words": _words(session),
        "decisions": decision_rows(session),
        "objectives": _objectives(session),
        "assumed": assumed_numbers(drill),
        "wall_s": round(wall_s, 3),
        "messages_per_s": round(sum(generated.values()) / wall_s) if wall_s > 0 else None,
    }


def _objectives(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "id": verdict.id,
            "met": _met(verdict),
            "at_s": _seconds(verdict.at_ms),
            "state": verdict.state,
            "cause": verdict.cause,
            "side": asked.side,
            "judges": asked.judges,
        }
        for asked, verdict in zip(session.scenario.objectives, verdicts(session), strict=True)
    ]


def _by_mix(found: Range, why: str, *, played: bool) -> dict[str, Any]:
    """The count with each mix; the least and the most of those that are known, and why some are not."""
    others = [{"mix": name, "count": count} for name, count in found.mixes.items() if name != OWN]
    return {
        "own_mix": found.mixes[OWN],
        "low": found.low,
        "high": found.high,
        "mixes": others,
        "played": played,
        "why": why or None,
    }


def _herd(session: Session) -> dict[str, float | int | None]:
    found = herd(session.drill)
    if found is None:
        return {"from_s": None, "came": None, "usual": None}
    return {"from_s": found.from_ms / 1000, "came": found.came, "usual": found.usual}


def _exposure(session: Session) -> dict[str, float | int]:
    price, costs, world = exposure(session.drill), prices(session.drill), session.drill.world
    return {
        "unfiltered": price.unfiltered,
        "rejected": price.rejected,
        "backscatter": price.backscatter,
        "unsigned_outbound": price.unsigned,
        "unwanted": costs.unwanted,
        "unarchived": costs.unarchived,
        "suppressed_addresses": world.suppression.addresses,
        "suppressed_messages": world.ledger.suppressed,
        "greylisted": world.inbound.first_contacts(),
        "open_s": price.open_ms / 1000,
        "exposed_s": price.exposed_ms / 1000,
        "not_approved_s": price.unsigned_off_ms / 1000,
    }


def _words(session: Session) -> dict[str, int]:
    """What was said, promised and opened; false words are known to the debrief alone."""
    room = session.drill.room
    due = promises(room.said, session.now_ms, session.scenario.rules.words)
    return {
        "said": len(room.said),
        "reached_nobody": sum(not one.reached for one in room.said),
        "promises_due": len(due),
        "promises_kept": sum(one.kept_ms is not None for one in due),
        "false": len(false_statements(session.drill)),
        "without_approval": len(room.approvals.overridden),
        "openings_unproven": len(room.openings.unproven()),
    }


def _first_bounce(session: Session) -> int | None:
    """When an inbound message was first returned to its sender, by the gateway or by whoever sent it."""
    drill = session.drill
    by_gateway = (drill.milestones.get(name) for name in ("bounce.first", "bounce.by-hand"))
    moments = (*by_gateway, drill.world.inbound.first_return_ms)
    return min((moment for moment in moments if moment is not None), default=None)


def _met(verdict: Verdict) -> bool | None:
    return None if verdict.state == "open" else verdict.state == "met"


def _seconds(moment_ms: int | None) -> float | None:
    return None if moment_ms is None else moment_ms / 1000


def _first_notice(hop: Hop | None) -> int | None:
    """Everything passes at once while there is no sending hop."""
    return None if hop is None else hop.first_notice_ms()


def _delays(session: Session, direction: int) -> dict[str, float | None]:
    ledger = session.drill.world.ledger
    return {
        "p50": _seconds(ledger.delay_ms(direction, 50)),
        "p95": _seconds(ledger.delay_ms(direction, 95)),
        "max": _seconds(ledger.delay_ms(direction, 100)),
    }
