"""Outages that happened, played without anybody doing anything, and what became of every message."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.drill.scenario.assumptions import sent_by
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.draws import I64
from sim.kernel.duration import MINUTE_MS
from sim.mail.platforms.sender_mixes import read_sender_mixes
from sim.mail.senders.arrivals import REJECTED, Arrivals
from tests.kept import kept
from tests.shipped import FILES

HERE = Path(__file__).parent

MIXES: dict[str, tuple[tuple[str, int], ...]] = {
    "as shipped": (),
    **{name: tuple(mix.shares.items()) for name, mix in read_sender_mixes(FILES).mixes.items()},
}
"""Who writes is not reported of any outage: what holds must hold with each of these (platform, percent)."""

STEP_MS = 30 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Sent:
    """Mail from the internet that has left its sender. Columns of equal length."""

    time_ms: I64
    written_ms: I64
    taken: NDArray[np.bool_]
    """A host of the organisation took it; otherwise it was returned to its writer."""
    rejected: NDArray[np.bool_]
    """It was returned because of a 5xx."""
    platform: NDArray[np.str_]

    def returned_by(self, *platforms: str) -> NDArray[np.bool_]:
        """Those that one of `platforms` gave up."""
        return ~self.taken & np.isin(self.platform, platforms)


@dataclass(frozen=True, slots=True)
class Look:
    """What was where at a moment."""

    now_ms: int
    at_senders: int
    queued: int
    """In the gateway's queue."""
    held: int
    outbound: int
    """Of users' mail to the outside: not sent."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A play at its end."""

    session: Session
    sent: Sent
    looks: tuple[Look, ...]
    onset_ms: int
    end_ms: int

    @property
    def inbound(self) -> dict[str, int]:
        """The ledger's accounts of inbound mail."""
        return self.session.drill.world.custody()["inbound"]

    @property
    def outbound(self) -> dict[str, int]:
        return self.session.drill.world.custody()["outbound"]

    @property
    def generated(self) -> int:
        return self.session.drill.world.generated()[0]

    def written(self, a_ms: int, b_ms: int) -> int:
        """How many messages from outside were written in [a, b)."""
        return len(self.session.drill.world._stream.between(a_ms, b_ms).id)

    def during(self) -> list[Look]:
        """Looks while the first fault lasted, its first moments left out."""
        first = self.session.scenario.timeline[0]
        return [look for look in self.looks if first.at_ms + STEP_MS <= look.now_ms <= first.until_ms]


def scenario(name: str, mix: str, users: int, **settings: str) -> Scenario:
    """The outage in the file of that name, with another mix of senders."""
    one = load_scenario(str(HERE / f"{name}.yaml"), {"users": str(users), **settings})
    if not MIXES[mix]:
        return one
    return sent_by(one, dict(MIXES[mix]))


def observe(
    one: Scenario,
    seed: int = 1,
    act: Callable[[Session], None] | None = None,
    act_ms: int = 0,
    step_ms: int = STEP_MS,
) -> Observed:
    """Play it to its end, look every half hour, or every `step_ms`; `act` is done at `act_ms`."""
    session = Session.start(one, seed)
    inbound, parts = session.drill.world.inbound, list[Arrivals]()
    advance = inbound.advance

    def recorded(to_ms: int) -> Arrivals | None:
        come = advance(to_ms)
        if come is not None:
            parts.append(come)
        return come

    setattr(inbound, "advance", recorded)  # noqa: B010
    looks = []
    while not session.ended:
        if act is not None and session.now_ms == act_ms:
            act(session)
        ahead_ms = act_ms - session.now_ms if session.now_ms < act_ms else step_ms
        session.advance(session.now_ms + min(step_ms, ahead_ms))
        world = session.drill.world
        custody = world.custody()
        outbound = custody["outbound"]
        looks.append(
            Look(
                session.now_ms,
                custody["inbound"].get("at_sender", 0),
                custody["inbound"].get("gateway_queue", 0),
                custody["inbound"].get("held", 0),
                world.generated()[1] - outbound.get("delivered", 0),
            )
        )
    assert session.complete
    _check_books(session)
    timeline = one.timeline
    return Observed(
        session,
        _sent(session, parts),
        tuple(looks),
        min(fault.at_ms for fault in timeline),
        max(fault.until_ms for fault in timeline),
    )


@kept
def played(
    name: str, mix: str = "as shipped", users: int = 150, step_ms: int = STEP_MS, **settings: str
) -> Observed:
    """`observe` of the file of that name."""
    return observe(scenario(name, mix, users, **settings), step_ms=step_ms)


def _check_books(session: Session) -> None:
    """Every message is in exactly one account; the truth, of which people see only a part."""
    world = session.drill.world
    for accounts, generated in zip(world.custody().values(), world.generated(), strict=True):
        assert sum(accounts.values()) == generated
        assert all(count > 0 for count in accounts.values())


def _sent(session: Session, parts: list[Arrivals]) -> Sent:
    hop = session.drill.world.inbound.hop
    if hop is None:
        none = np.empty(0, dtype=np.int64)
        return Sent(none, none, none.astype(np.bool_), none.astype(np.bool_), none.astype(np.str_))
    time_ms, ids, written_ms, host, cause = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("time_ms", "id", "written_ms", "host", "cause")
    )
    names = np.array([platform.id for platform in hop.who.platforms])
    number = np.searchsorted(np.cumsum(hop.who.counts), hop.who.of(ids), side="right")
    return Sent(time_ms, written_ms, host >= 0, (host < 0) & np.isin(cause, REJECTED), names[number])
