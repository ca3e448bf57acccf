"""What senders give up, over mixes of who may write to the organisation: nobody publishes the true one.

Weighed from the one play where what a platform's senders give up follows from the platform alone. Once the MX
was changed it also follows from which resolver the greatest of them ask, one or two organisations of a
platform: then a play with another mix has to be a run of its own, and `played` makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.drill.organisation import PlatformShare
from sim.drill.player import play
from sim.drill.scenario import Scenario
from sim.drill.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.mail.sender_mixes import read_sender_mixes, with_mix

OWN = "the organisation's own"


@dataclass(frozen=True, slots=True)
class Range:
    """Messages that senders gave up, by mix; the organisation's own mix stands first."""

    mixes: Mapping[str, int | None]
    """None: this play tells nothing of that mix."""

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


def weighed(session: Session) -> Range:
    """From this play alone; of no other mix anything is known once the MX was changed."""
    counts, own = session.drill.world.inbound.given_up, _own_shares(session.scenario)
    known = not session.drill.dns.entered
    others = {
        name: with_mix(counts, own, mix.shares) if known else None
        for name, mix in read_sender_mixes().mixes.items()
    }
    return Range({OWN: sum(counts.values()), **others})


def played(session: Session) -> Range:
    """The same commands at the same moments with each mix: as many runs of their own."""
    counts = {OWN: sum(session.drill.world.inbound.given_up.values())}
    for name, mix in read_sender_mixes().mixes.items():
        other = session.fork(session.now_ms, sent_by(session.scenario, mix.shares))
        if session.complete and not other.ended:
            play(other, None, FOREVER_MS)
        counts[name] = sum(other.drill.world.inbound.given_up.values())
    return Range(counts)


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


def rounded(count: int) -> str:
    """To two digits: what was weighed is no more exact than that."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return f"{(count + unit // 2) // unit * unit:,}"


def span(low: int | None, high: int | None) -> str:
    """`0 to 3,200`; empty where only one mix is known."""
    if low is None or high is None:
        return ""
    return rounded(low) if rounded(low) == rounded(high) else f"{rounded(low)} to {rounded(high)}"


def range_text(did: Range, nothing: Range) -> str:
    """Both plays with each mix, row by row, each count from a run of its own."""
    heads = f"{'Messages that senders gave up':<34}{'this play':>12}{'doing nothing':>16}"
    rows = [f"{name:<34}{_told(did.mixes[name]):>12}{_told(nothing.mixes[name]):>16}" for name in did.mixes]
    return "\n".join(["By who writes to you (assumed mixes, each a run of its own)", "", heads, *rows])


def _told(count: int | None) -> str:
    return "not known" if count is None else f"{count:,}"
