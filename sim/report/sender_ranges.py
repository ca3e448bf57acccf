"""Bands of figures that depend on unpublished numbers: senders, retry schedules, shares of mail and people.

The figures are mail that bounces at its senders, late mail, and duplicates. Counts that depend only on a
message's platform or on an assumed share are derived from one run by weighting; retry schedules need runs of
their own, which `played` makes. After a change of the MX the counts also depend on the resolvers of the
largest senders, one or two organisations per platform, so each mix needs a run of its own as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction

import numpy as np

from sim.drill.scenario.assumptions import (
    AGAIN,
    CAPACITY,
    FILTER,
    GIVING_UP,
    LIFE,
    SCHEDULES,
    WHO_WRITES,
    Assumption,
    assumptions,
    queues_before_the_filter,
    share_factor,
)
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.platforms.sender_mixes import read_sender_mixes, with_mix
from sim.mail.senders.hop import SendingHop
from sim.report.chance import AverageCount, counted, possible, weighted

OWN = "the organisation's own"
_COPIES, _BACKLOG = 2, 3
"""The index of the number of copies, and of the time to clear the backlog, among the counts of a run."""


WHY_UNKNOWN = (
    "after an MX change they depend on the largest senders' resolvers; `--range` also runs the other mixes"
)


@frozen
class Range:
    """A count with each value of the unpublished numbers, and the resulting band."""

    mixes: Mapping[str, int | None]
    """The count for each mix of senders, the organisation's own mix first; None if this run shows nothing
    about that mix.
    """
    band: tuple[int, int] | None = None
    """The lowest and highest count in the worst case for all numbers at the same time, including chance;
    None if only the organisation's own mix is known.
    """
    assumed: Mapping[str, int] = field(default_factory=dict)
    """The count for each other assumption; only if each had a run of its own."""

    @property
    def known(self) -> list[int]:
        """The known counts; at least that of the organisation's own mix."""
        return [count for count in self.mixes.values() if count is not None]

    @property
    def low(self) -> int | None:
        """The lowest count; None if only the organisation's own mix is known."""
        return None if self.band is None else self.band[0]

    @property
    def high(self) -> int | None:
        """The highest count; None if only the organisation's own mix is known."""
        return None if self.band is None else self.band[1]


@frozen
class Ranges:
    """The figures that depend on unpublished numbers."""

    gave_up: Range
    """Messages that bounced at their senders."""
    late: Range
    """Inbound messages that were no longer useful when they could be read."""
    copies: Range
    """Messages that arrived twice."""
    why: str = ""
    """The reason why only the organisation's own mix is known; empty if other mixes are known too."""
    backlog_ms: Range | None = None
    """Time in ms to clear the backlog; None if it was never cleared, or if only separate runs would show
    it.
    """
    covers: str = ""
    """What the bands cover, in one line."""


def weighed(session: Session) -> Ranges:
    """The figures that follow from this run alone; after a change of the MX only the organisation's own
    mix is known.
    """
    drill, own = session.drill, _own_shares(session.scenario)
    shares = {name: mix.shares for name, mix in read_sender_mixes(session.scenario.files).mixes.items()}
    factor, unchanged = share_factor(session.scenario), not drill.dns.entered

    def over(
        counts: Mapping[str, int], besides: int = 0, fixed: int = 0, factor: int = 1, least: int = 0
    ) -> Range:
        """The band of a count. `besides`: counts that do not depend on the mix; `fixed`: counts that do
        not depend on an assumed share either. `least`: see `possible`.
        """
        others = {name: with_mix(counts, own, other) if unchanged else None for name, other in shares.items()}
        whole = {OWN: sum(counts.values()), **others}
        found = {name: None if count is None else count + besides + fixed for name, count in whole.items()}
        if not unchanged:
            return Range(found)
        mixes = [own, *(shares[name] for name, count in others.items() if count is not None)]
        varied = [weighted(counts, own, mix).plus(counted(besides)) for mix in mixes]
        if not any(one.count for one in varied):
            varied = [counted(least)]
        return Range(found, _band(varied, Fraction(factor), fixed))

    hop, world, least = drill.world.inbound.hop, drill.world, possible(session)
    late, again = world.late(), world.copies.again_outside(hop)
    copies, by_senders = world.copies.counts(hop), np.isin(late, world.outlived["id"])
    by_mail_server, cut_off = int((~by_senders).sum()), copies["after_the_dot"]
    besides = sum(copies.values()) - len(again) - cut_off
    return Ranges(
        over(world.inbound.given_up, least=least[0]),
        over(_by_platform(hop, late[by_senders]), by_mail_server, factor=factor, least=least[1]),
        over(_by_platform(hop, again), besides, cut_off, factor, least[_COPIES]),
        "" if unchanged else WHY_UNKNOWN,
        covers=_covers(session.scenario, ran=False),
    )


def played(session: Session, over: Sequence[Assumption] | None = None) -> Ranges:
    """Repeats the run's commands at the same times with each value of the unpublished numbers, in one run for
    each.

    `over`: with these values only.
    """
    mine, least = weighed(session), possible(session)
    tried = list(assumptions(session.scenario)) if over is None else over
    found = {one.name: _counts(_varied(session, one)) for one in tried}
    own = _counts(session)

    def of(number: int) -> Range:
        counts = {name: row[number] for name, row in found.items()}
        mixes = {one.name: counts[one.name] for one in tried if one.subject == WHO_WRITES}
        rest = {name: count for name, count in counts.items() if name not in mixes}
        band = _together(own[number], tried, counts)
        if band[1] == 0:
            factor = share_factor(session.scenario) if number else 1
            band = _band([counted(least[number])], Fraction(factor))
        return Range({OWN: own[number], **mixes}, band, rest)

    backlog = [row[3] for row in (own, *found.values())]
    times = of(_BACKLOG) if min(backlog) >= 0 else None
    if times is not None:  # a time has no chance component of its own: lowest and highest of all runs
        times = replace(times, band=(min(backlog), max(backlog)))
    return replace(
        mine,
        gave_up=of(0),
        late=of(1),
        copies=of(_COPIES),
        why="",
        backlog_ms=times,
        covers=_covers(session.scenario, ran=True),
    )


def _varied(session: Session, one: Assumption) -> Session:
    other = session.fork(session.now_ms, one.scenario(session.original))
    if session.complete and not other.ended:
        play(other, None, FOREVER_MS)
    return other


def _counts(session: Session) -> tuple[int, int, int, int]:
    """The counts of a run: bounced at the senders, late, copies, and the time to clear the backlog in ms
    (-1: not cleared).
    """
    world, came = session.drill.world, session.drill.milestones
    flags, back_ms = world.flags(), came.get(Milestone.OUTAGE_END)
    drained_ms = came.get(Milestone.QUEUE_DRAINED)
    backlog_ms = -1 if back_ms is None or drained_ms is None else drained_ms - back_ms
    return sum(world.inbound.given_up.values()), flags["late"], flags["duplicates"], backlog_ms


def _together(own: int, tried: Sequence[Assumption], counts: Mapping[str, int]) -> tuple[int, int]:
    """Every subject at its lowest value, and at its highest, all at once; senders and their schedules are
    one subject.
    """
    low, high, most = Fraction(own), Fraction(own), own
    for subjects in ((WHO_WRITES, SCHEDULES), (LIFE,), (AGAIN,), (GIVING_UP,), (CAPACITY,), (FILTER,)):
        theirs = [own, *(counts[one.name] for one in tried if one.subject in subjects)]
        low *= Fraction(min(theirs), own) if own else 0
        high = high * Fraction(max(theirs), own) if own else max(high, Fraction(max(theirs)))
        most = max(most, *theirs)
    if not most:
        return 0, 0
    return (
        counted(own).times(low / own).lowest if own else 0,
        counted(most).times(high / most).highest,
    )


def _band(averages: Sequence[AverageCount], factor: Fraction, fixed: int = 0) -> tuple[int, int]:
    """The lowest and the highest count of another run. `averages`: one for each mix of senders; `factor`:
    by which each may be lower or higher, apart from a `fixed` count.
    """
    low = min(one.times(1 / factor).plus(counted(fixed)).lowest for one in averages)
    high = max(one.times(factor).plus(counted(fixed)).highest for one in averages)
    return low, high


def _covers(scenario: Scenario, *, ran: bool) -> str:
    """What the bands cover, in one line."""
    factor = share_factor(scenario)
    times = f"(each from 1/{factor} to {factor} times its value)"
    shares = "the assumed shares of mail with a limited useful life and of people who send again"
    if not ran:
        return (
            f"Bands cover chance, the assumed mixes of senders, and {shares} {times}. They do not cover the "
            "unpublished retry schedules, limits and capacities, on which the time to clear the backlog "
            "depends; `--range` covers these as well."
        )
    filters = "the capacity of the gateway's filter, " if queues_before_the_filter(scenario) else ""
    return (
        "Bands cover chance, the assumed mixes of senders, the retry schedules of large platforms (dense to "
        f"sparse) and their reaction to their limits, {filters}{shares}, and the processing times of mail "
        f"server and backup {times}. Each of these values had a run of its own. The band of the time to "
        "clear the backlog does not cover chance: often, that time depends on a single message."
    )


def _by_platform(hop: SendingHop | None, ids: I64) -> dict[str, int]:
    if hop is None:
        return {}  # no mail was queued at a sender
    counts = hop.who.by_platform(ids).tolist()
    return {platform.id: count for platform, count in zip(hop.who.platforms, counts, strict=True)}


def _own_shares(scenario: Scenario) -> dict[str, int]:
    shares: dict[str, int] = {}
    for part in scenario.organisation.correspondents.mix:
        shares[part.platform] = shares.get(part.platform, 0) + part.share_percent
    return shares
