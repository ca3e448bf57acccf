"""The spread of a count over other runs: its average there, estimated from this run, and chance in both.

A count that is 0 in this run need not be 0 with another seed; `possible` tells such counts from the others.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, isqrt

from sim.drill.session.session import Session
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.traffic import DIRECTIONS, INBOUND

DEVIATIONS = 4
"""Number of standard deviations between this run's estimate and another run's count that a band covers."""


@frozen
class AverageCount:
    """The average count of other runs, as estimated from this run, and the variance of this estimate.

    Messages and calls are counted as in a Poisson process: the variance of a count is the count itself, and a
    multiple of a count has a variance that is larger by the square of the factor.
    """

    count: Fraction
    variance: Fraction

    def times(self, factor: Fraction) -> "AverageCount":
        """The average count if this number is `factor` times as large."""
        return AverageCount(self.count * factor, self.variance * factor * factor)

    def plus(self, other: "AverageCount") -> "AverageCount":
        """The average of both counts together; neither depends on the other."""
        return AverageCount(self.count + other.count, self.variance + other.variance)

    @property
    def lowest(self) -> int:
        """The lowest count of another run, chance included."""
        return max(0, floor(self.count) - self._chance())

    @property
    def highest(self) -> int:
        """The highest count of another run, chance included."""
        return ceil(self.count) + self._chance()

    def _chance(self) -> int:
        """The other run's count has a variance of its own: its average."""
        return isqrt(ceil(DEVIATIONS * DEVIATIONS * (self.variance + self.count)))


def counted(count: int) -> AverageCount:
    """The estimate from a count of this run, under the same assumptions."""
    return AverageCount(Fraction(count), Fraction(count))


def weighted(counts: Mapping[str, int], own: Mapping[str, int], other: Mapping[str, int]) -> AverageCount:
    """The estimate from counts of this run by platform, whose shares are `own`, for another mix of senders.

    Every platform of `other` has to send in this run. If other platforms have a count, a platform without one
    may have it by chance; its variance is that of a single message.
    """
    least = min(1, sum(counts.values()))
    found = counted(0)
    for name in filter(other.get, other):
        here = counts.get(name, 0)
        one = AverageCount(Fraction(here), Fraction(max(here, least)))
        found = found.plus(one.times(Fraction(other[name], own[name])))
    return found


UNSEEN = 2
"""The average that a count of 0 may have; with this average, one run in seven has a count of 0."""


def possible(session: Session) -> tuple[int, int, int, int]:
    """UNSEEN for each count that can be 0 only by chance, 0 for the others: mail bounced at its senders, late
    mail, duplicates, and the time to clear the backlog, which chance does not make 0.
    """
    may = (_bounces(session), _late(session), session.drill.world.copies.possible, False)
    bounces, late, copies, backlog = (UNSEEN if one else 0 for one in may)
    return bounces, late, copies, backlog


def _bounces(session: Session) -> bool:
    """Senders were deferred or refused for at least as long as one of their platforms keeps mail."""
    hop, organisation = session.drill.world.inbound.hop, session.scenario.organisation
    if hop is None:
        return False
    component = "gateway" if organisation.behind_gateway else "mail-server"
    lasted_ms = [
        min(fault.until_ms, session.now_ms) - fault.at_ms
        for fault in session.scenario.timeline
        if fault.kind.component == component
        and fault.direction != "outbound"
        and fault.kind.answer not in {None, "up"}
    ]
    return max(lasted_ms, default=0) > min(platform.expires_ms for platform in hop.who.platforms)


def _late(session: Session) -> bool:
    """Some mail, or users without a mailbox, waited for at least the shortest useful life."""
    world, now_ms = session.drill.world, session.now_ms
    shortest_ms = min(session.drill.spec.life_ms, default=NEVER_MS)
    waits_ms = now_ms - min(world.waits()[DIRECTIONS[INBOUND]], default=now_ms)
    away_ms = [
        min(end_ms, now_ms) - start_ms
        for start_ms, end_ms, who in world.users.absences.stretches
        if who.any()
    ]
    longest_ms = max(world.ledger.delay_ms(INBOUND, 100) or 0, waits_ms, *away_ms)
    return longest_ms >= shortest_ms
