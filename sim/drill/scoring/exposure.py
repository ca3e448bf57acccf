"""The cost of the outage in protection: unfiltered, rejected and unsigned mail, backscatter, openings.

Truth, for the debrief; a trainee sees only the clock and the register. The cost in protection is never added
to the cost in availability.
"""

from itertools import pairwise

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.instruments.unapproved_time import Span, Unsigned, opened, total_ms, unsigned
from sim.drill.room.approvals import Scope
from sim.kernel.frozen import frozen
from sim.kernel.series import Times
from sim.mail.routes.authentication import dmarc_verdict
from sim.mail.routes.connector import CONNECTORS
from sim.mail.routes.inbound import BACKUP, DIRECT
from sim.mail.server.guard import Gates


@frozen
class Exposure:
    """The cost in protection, as counts and times in ms."""

    unfiltered: int
    """Inbound messages that reached the mail server unfiltered."""
    rejected: int
    """Permanently rejected messages, in both directions."""
    backscatter: int
    """Backscatter: bounces that a backup without a list of recipients sends to forged senders."""
    unsigned: int
    """Outbound messages that receivers accepted over a route on which they fail DMARC."""
    open_ms: int
    """Time during which any opening in the register was open."""
    exposed_ms: int
    """Time during which unfiltered mail could get in through openings."""
    unsigned_off_ms: int
    """The part of `exposed_ms` during which an opening had no valid approval."""


def exposure(drill: DrillState) -> Exposure:
    """The cost so far."""
    world, now_ms = drill.world, drill.now_ms
    spans = exposed_spans(drill)
    entries = drill.room.openings.entries
    return Exposure(
        unfiltered=world.intake.unfiltered,
        rejected=int(world.ledger.rejected.sum()),
        backscatter=backscatter(drill),
        unsigned=sum(len(times) for times in _unsigned_ms(drill)),
        open_ms=total_ms(
            (one.opened_ms, now_ms if one.closed_ms is None else one.closed_ms) for one in entries
        ),
        exposed_ms=total_ms(spans),
        unsigned_off_ms=total_ms((one.a_ms, one.b_ms) for one in exposed_unsigned(drill)),
    )


def _unsigned_ms(drill: DrillState) -> list[Times]:
    """The times at which receivers accepted messages over each route on which DMARC fails."""
    outbound, path = drill.world.writers.outbound, drill.protection.path
    return [outbound.handed_ms[name] for name in CONNECTORS if dmarc_verdict(path(name)) == "fail"]


def unsigned_beyond(drill: DrillState, number: int) -> int | None:
    """The time at which more than `number` messages had left by such routes; None if they have not."""
    left_ms = np.sort(
        np.concatenate([np.empty(0, dtype=np.int64), *(one.since(0) for one in _unsigned_ms(drill))])
    )
    return int(left_ms[number]) if number < len(left_ms) else None


def exposed_spans(drill: DrillState) -> list[Span]:
    """Spans in which unfiltered mail could get in through openings or because of the zone's records, in
    order.
    """
    protection, dns, now_ms = drill.protection, drill.dns, drill.now_ms
    moments = sorted({0, now_ms, *(t for t, _ in protection.gates), *(one.t_ms for one in dns.entered)})
    return [span for span in pairwise(moments) if _exposed_at(drill, span[0])]


def exposed_now(drill: DrillState) -> bool:
    """True if unfiltered mail can get in now."""
    return _exposed_at(drill, drill.now_ms)


def _exposed_at(drill: DrillState, moment_ms: int) -> bool:
    return _exposed(*_standing(drill, moment_ms))


def _standing(drill: DrillState, moment_ms: int) -> tuple[Gates, Gates, tuple[str, ...]]:
    """The protection of the mail server at that moment and at the start, and the last MX published."""
    versions = drill.protection.gates
    gates = [gates for t_ms, gates in versions if t_ms <= moment_ms][-1]
    routes = [one.route for one in drill.dns.entered if one.t_ms <= moment_ms]
    return gates, versions[0][1], routes[-1] if routes else ()


def _exposed(gates: Gates, first: Gates, route: tuple[str, ...]) -> bool:
    """True if unfiltered mail can get in; an old opening counts only if the MX points there."""
    straight = gates.lets_in("internet") and gates.unfiltered("internet")
    before = first.lets_in("internet") and first.unfiltered("internet")
    by_backup = gates.lets_in("backup") and gates.unfiltered("backup") and BACKUP in route
    return by_backup or (straight and (not before or DIRECT in route))


def exposed_unsigned(drill: DrillState) -> list[Unsigned]:
    """Spans in which unfiltered mail could get in without a valid approval for the opening."""
    return unsigned(
        drill.room.approvals, ((span, _let_in_by(drill, span[0])) for span in exposed_spans(drill))
    )


def _let_in_by(drill: DrillState, moment_ms: int) -> tuple[Scope, ...]:
    """The openings through which unfiltered mail could get in; the MX, if there was no other."""
    gates, first, route = _standing(drill, moment_ms)
    straight = DIRECT in route or gates.lets_in("internet")
    by_mx = Scope("exposure", "backup-mx", "everybody" if straight else "backup")
    return opened(gates, first) or (by_mx,)


def backscatter_beyond(drill: DrillState, number: int) -> int | None:
    """The time at which the backscatter exceeded `number` messages; None if it has not."""
    permille = drill.protection.backup.unknown_permille
    if not permille:
        return None
    moments_ms = drill.world.relay.entered.since(0)
    known = np.array([known for _, known in drill.protection.recipients])
    from_ms = np.array([t_ms for t_ms, _ in drill.protection.recipients], dtype=np.int64)
    taken_ms = moments_ms[~known[from_ms.searchsorted(moments_ms, side="right") - 1]]
    needed = -(-(number + 1) * 1000 // permille)
    return int(taken_ms[needed - 1]) if needed <= len(taken_ms) else None


def backscatter(drill: DrillState) -> int:
    """The backscatter so far: a share of the mail that the backup accepted without knowing the recipients."""
    protection, took = drill.protection, drill.world.relay.entered
    until_ms = [t_ms for t_ms, _ in protection.recipients[1:]] + [drill.now_ms]
    count = sum(
        took.between(from_ms, to_ms)
        for (from_ms, known), to_ms in zip(protection.recipients, until_ms, strict=True)
        if not known
    )
    return count * protection.backup.unknown_permille // 1000
