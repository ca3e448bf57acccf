"""What protection the outage has cost: mail that nobody filtered, own goals, backscatter, time left open.

Truth, for the debrief; of it a trainee sees the clock and what is on the register. Apart from availability.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.kernel.duration import MINUTE_MS
from sim.mail.gates import Gates
from sim.mail.inbound import BACKUP, DIRECT
from sim.mail.outbound import CONNECTORS
from sim.mail.readiness import dmarc_verdict

if TYPE_CHECKING:
    from sim.drill.drill import Drill

Span = tuple[int, int]
"""From a moment up to another, ms."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """The price in protection, as counts and ms."""

    unfiltered: int
    """Inbound messages that reached the mail server and that no filter had looked at."""
    rejected: int
    """Messages of both directions refused for good: own goals."""
    backscatter: int
    """Returns to strangers by a backup that does not know the recipients."""
    unsigned: int
    """Outbound messages handed over by a path on which DMARC fails."""
    open_ms: int
    """Time with anything on the register of openings open."""
    exposed_ms: int
    """Time in which unfiltered mail could get in by what people had opened."""
    unsigned_off_ms: int
    """The part of it before anybody had approved the exposure."""


def exposure(drill: "Drill") -> Exposure:
    """The price up to now."""
    protection, world, now_ms = drill.protection, drill.world, drill.now_ms
    spans = exposed_spans(drill)
    signed_ms = signed_off_ms(drill)
    before = [(a, min(b, signed_ms)) for a, b in spans if a < signed_ms]
    entries = drill.room.openings.entries
    handed = world.writers.outbound.handed
    return Exposure(
        unfiltered=world.unfiltered,
        rejected=int(world.ledger.rejected.sum()),
        backscatter=backscatter(drill),
        unsigned=sum(handed[name] for name in CONNECTORS if dmarc_verdict(protection.path(name)) == "fail"),
        open_ms=total_ms(
            (one.opened_ms, now_ms if one.closed_ms is None else one.closed_ms) for one in entries
        ),
        exposed_ms=total_ms(spans),
        unsigned_off_ms=total_ms(before),
    )


def exposed_spans(drill: "Drill") -> list[Span]:
    """When unfiltered mail could get in by what people had opened or entered in the zone, in order."""
    protection, dns, now_ms = drill.protection, drill.dns, drill.now_ms
    moments = sorted({0, now_ms, *(t for t, _ in protection.gates), *(one.t_ms for one in dns.entered)})
    return [span for span in pairwise(moments) if _exposed_at(drill, span[0])]


def exposed_now(drill: "Drill") -> bool:
    """Whether it can get in now."""
    return _exposed_at(drill, drill.now_ms)


def _exposed_at(drill: "Drill", moment_ms: int) -> bool:
    versions = drill.protection.gates
    gates = [gates for t_ms, gates in versions if t_ms <= moment_ms][-1]
    routes = [one.route for one in drill.dns.entered if one.t_ms <= moment_ms]
    return _exposed(gates, versions[0][1], routes[-1] if routes else ())


def _exposed(gates: Gates, first: Gates, route: tuple[str, ...]) -> bool:
    """Whether unfiltered mail can get in; what stood open before counts only if the MX leads there."""
    straight = gates.lets_in("internet") and gates.unfiltered("internet")
    before = first.lets_in("internet") and first.unfiltered("internet")
    by_backup = gates.lets_in("backup") and gates.unfiltered("backup") and BACKUP in route
    return by_backup or (straight and (not before or DIRECT in route))


def signed_off_ms(drill: "Drill") -> int:
    """When the exposure was first approved; never: now. Going ahead in an emergency is no approval; where
    nothing needs any, all is approved.
    """
    if drill.room.approvals.rules is None:
        return 0
    given = [
        one.answered_ms
        for one in drill.room.approvals.requests
        if one.subject == "exposure" and one.state == "granted" and one.answered_ms is not None
    ]
    return min(given, default=drill.now_ms)


def backscatter(drill: "Drill") -> int:
    """Returns to strangers: a share of what the backup took while it did not know the recipients."""
    protection, took = drill.protection, drill.world.relay.entered
    until_ms = [t_ms for t_ms, _ in protection.recipients[1:]] + [drill.now_ms]
    count = sum(
        took.between(from_ms, to_ms)
        for (from_ms, known), to_ms in zip(protection.recipients, until_ms, strict=True)
        if not known
    )
    return count * protection.backup.unknown_permille // 1000


def total_ms(spans: Iterable[Span]) -> int:
    """The time that `spans` cover together; what two cover counts once."""
    covered_ms = reached_ms = 0
    for a_ms, b_ms in sorted(spans):
        covered_ms += max(0, b_ms - max(a_ms, reached_ms))
        reached_ms = max(reached_ms, b_ms)
    return covered_ms


def minutes(span_ms: int) -> int:
    """Begun minutes."""
    return -(-span_ms // MINUTE_MS)
