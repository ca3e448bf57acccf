"""Ranges of figures that depend on the mix of senders, over assumed mixes: the true one is unpublished.

Mail that bounces at its senders, late mail, and mail that people outside write again. The counts are
weighed from one run where they follow from a message's platform alone. After a change of the MX they also
depend on the resolvers of the largest senders, one or two organisations of a platform: then each mix needs a
run of its own, which `played` makes. Mail that is late for other reasons than its sender's attempts does not
depend on the mix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isqrt

import numpy as np

from sim.drill.organisation.organisation import PlatformShare
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.draws import I64
from sim.mail.platforms.sender_mixes import read_sender_mixes, with_mix
from sim.mail.senders.hop import SendingHop

OWN = "the organisation's own"


WHY_UNKNOWN = (
    "after a change of the MX they depend on the largest senders' resolvers; `--range` runs the other mixes"
)


@dataclass(frozen=True, slots=True)
class Range:
    """Messages by mix; the organisation's own mix comes first."""

    mixes: Mapping[str, int | None]
    """None: this run shows nothing of that mix."""

    @property
    def known(self) -> list[int]:
        """The counts that are known; at least the own one."""
        return [count for count in self.mixes.values() if count is not None]

    @property
    def low(self) -> int | None:
        """The least; None where only the own mix is known."""
        return min(self.known) if len(self.known) > 1 else None

    @property
    def high(self) -> int | None:
        """The most; None where only the own mix is known."""
        return max(self.known) if len(self.known) > 1 else None


@dataclass(frozen=True, slots=True)
class Ranges:
    """The three counts that depend on the mix of senders."""

    gave_up: Range
    """Mail that bounced at its senders."""
    late: Range
    """Inbound mail that was of no use any more when it could be read."""
    copies: Range
    """Messages that arrived twice."""
    why: str = ""
    """Why only the own mix is known; empty where others are."""


def weighed(session: Session) -> Ranges:
    """From this run alone; after a change of the MX only the own mix is known."""
    drill, own = session.drill, _own_shares(session.scenario)
    shares = {name: mix.shares for name, mix in read_sender_mixes(session.scenario.files).mixes.items()}

    def over(counts: Mapping[str, int], besides: int = 0, *, known: bool) -> Range:
        others = {name: with_mix(counts, own, other) if known else None for name, other in shares.items()}
        whole = {OWN: sum(counts.values()), **others}
        return Range({name: None if count is None else count + besides for name, count in whole.items()})

    hop, world, unchanged = drill.world.inbound.hop, drill.world, not drill.dns.entered
    late, again = world.late(), world.copies.again_outside(hop)
    copies, by_senders = sum(world.copies.counts(hop).values()), np.isin(late, world.outlived["id"])
    return Ranges(
        over(world.inbound.given_up, known=unchanged),
        over(_by_platform(hop, late[by_senders]), int((~by_senders).sum()), known=unchanged),
        over(_by_platform(hop, again), copies - len(again), known=unchanged),
        "" if unchanged else WHY_UNKNOWN,
    )


def played(session: Session) -> Ranges:
    """The same commands at the same moments with each mix, a run for each."""
    runs = {OWN: session}
    for name, mix in read_sender_mixes(session.scenario.files).mixes.items():
        other = runs[name] = session.fork(session.now_ms, sent_by(session.scenario, mix.shares))
        if session.complete and not other.ended:
            play(other, None, FOREVER_MS)
    found = {name: weighed(run) for name, run in runs.items()}

    def of(what: Callable[[Ranges], Range]) -> Range:
        return Range({name: what(ranges).mixes[OWN] for name, ranges in found.items()})

    return Ranges(of(lambda one: one.gave_up), of(lambda one: one.late), of(lambda one: one.copies))


def _by_platform(hop: SendingHop | None, ids: I64) -> dict[str, int]:
    if hop is None:
        return {}  # nothing has waited with a sender
    counts = hop.who.by_platform(ids).tolist()
    return {platform.id: count for platform, count in zip(hop.who.platforms, counts, strict=True)}


def sent_by(scenario: Scenario, shares: Mapping[str, int]) -> Scenario:
    """`scenario` with another mix of senders (platform: percent)."""
    mix = tuple(PlatformShare(platform=name, share_percent=share) for name, share in shares.items())
    organisation = scenario.organisation
    senders = organisation.correspondents.model_copy(update={"mix": mix})
    changed = organisation.model_copy(update={"correspondents": senders})
    return scenario.model_copy(update={"organisation": changed})


def _own_shares(scenario: Scenario) -> dict[str, int]:
    shares: dict[str, int] = {}
    for part in scenario.organisation.correspondents.mix:
        shares[part.platform] = shares.get(part.platform, 0) + part.share_percent
    return shares


DEVIATIONS = 4
"""Standard deviations of the random draw of messages by which a run may differ from the weighed count."""


def span(low: int | None, high: int | None) -> str:
    """`0 to 3,500`: the range of a count over all mixes; empty where only one mix is known.

    Widened by chance, then rounded outwards to two digits: a weighed count is not more exact than that.
    """
    if low is None or high is None:
        return ""
    if low == high == 0:
        return "0"
    least, most = max(low - DEVIATIONS * isqrt(low), 0), high + DEVIATIONS * isqrt(high)
    return f"{least // _unit(least) * _unit(least):,} to {-(-most // _unit(most)) * _unit(most):,}"


def _unit(count: int) -> int:
    """The second digit's."""
    return int(10 ** max(0, len(str(count)) - 2))


def range_text(did: Ranges, nothing: Ranges) -> str:
    """Both runs with each mix, row by row, each count from a run of its own."""
    lines = ["By mix of senders (assumed mixes, each a run of its own)"]
    for head, mine, theirs in (
        ("Bounced at the sender", did.gave_up, nothing.gave_up),
        ("Messages too late to be useful", did.late, nothing.late),
        ("Messages that arrived twice", did.copies, nothing.copies),
    ):
        lines += ["", f"{head:<34}{'this run':>12}{'doing nothing':>16}"]
        lines += [
            f"{name:<34}{_told(count):>12}{_told(theirs.mixes[name]):>16}"
            for name, count in mine.mixes.items()
        ]
    return "\n".join(lines)


def _told(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"
