"""The true history of a drill in samples, for the charts of a debrief and for its CSV file."""

from itertools import pairwise

import numpy as np

from sim.drill.session.session import Session
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS
from sim.kernel.frozen import frozen
from sim.kernel.series import sample_grid
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import INBOUND
from sim.mail.users.time_without_mail import without_mail

POINTS = 241
"""Number of samples in a chart; more would not be visible."""
TOTALS = ("lost", "calls")
_BY_SENDERS: tuple[Who, ...] = ("senders gave up", "senders were refused")
_BY_OTHERS: tuple[Who, ...] = ("backup expired", "backup refused", "server was refused", "server expired")


@frozen
class Curve:
    """One quantity over time."""

    key: str
    """Name of the curve's column in the CSV file."""
    name: str
    values: tuple[int, ...]
    """One value for each moment in `Curves`."""
    total: bool = False
    """True if the curve is a running total."""


@frozen
class Curves:
    """Curves with their common moments, ms since the drill's start."""

    moments_ms: tuple[int, ...]
    of: tuple[Curve, ...]

    def named(self, *keys: str) -> tuple[Curve, ...]:
        return tuple(one for one in self.of if one.key in keys)


def curves(session: Session, points: int = POINTS) -> Curves:
    """The curves up to the current time of `session`.

    Messages queued at the gateway (all directions), at the backup and at outside senders; messages that these
    three returned, or that were permanently rejected, in any direction, or never sent to a suppressed
    address, as a running total; users without mail; calls to the helpdesk, as a running total.
    """
    grid_ms = sample_grid(0, session.now_ms, points)
    drill = session.drill
    world = drill.world
    by_senders = _returned(session, grid_ms, *_BY_SENDERS)
    accepted = (
        world.arrived.before(grid_ms)
        + world.relay.entered.before(grid_ms)
        + world.inbound.direct.before(grid_ms)
    )
    never_sent = world.ledger.suppressed_ms.before(grid_ms)
    at_senders = _written(session, grid_ms) - accepted - by_senders - never_sent
    of = (
        (
            "gateway_queue",
            "at the gateway",
            world.queue.entered.before(grid_ms) - world.queue.left.before(grid_ms),
        ),
        (
            "backup_queue",
            "at the backup",
            world.relay.entered.before(grid_ms) - world.relay.left.before(grid_ms),
        ),
        ("at_senders", "at the senders", at_senders),
        ("lost", "bounced, permanently rejected, or never sent", lost_before(session, grid_ms)),
        ("without_mail", "users without mail", without_mail(drill.world.users, grid_ms)),
        ("calls", "calls to the helpdesk", np.cumsum(drill.helpdesk.calls_in((0, *grid_ms.tolist())))),
    )
    return Curves(
        tuple(grid_ms.tolist()),
        tuple(
            Curve(key, name, tuple(int(value) for value in values), key in TOTALS) for key, name, values in of
        ),
    )


def lost_before(session: Session, grid_ms: I64) -> I64:
    """Messages in any direction that had been returned, permanently rejected, or never sent to a suppressed
    address before each sample time.
    """
    world = session.drill.world
    lost = world.queue.bounced.before(grid_ms) + world.ledger.suppressed_ms.before(grid_ms)
    if world.writers.outgoing.modelled:
        lost += world.writers.outgoing.queue.bounced.before(grid_ms)
    return lost + _returned(session, grid_ms, *_BY_SENDERS, *_BY_OTHERS)


def gateway_held(session: Session, onset_ms: int, points: int = POINTS) -> bool:
    """True if the gateway had a backlog for an hour or longer after the onset: at some sample it had
    passed on fewer messages than had reached it an hour earlier. Mail in transit does not count as a
    backlog.
    """
    grid_ms = sample_grid(0, session.now_ms, points)
    later_ms = grid_ms[grid_ms >= onset_ms + HOUR_MS]
    queue = session.drill.world.queue
    return bool((queue.entered.before(later_ms - HOUR_MS) > queue.left.before(later_ms)).any())


def _returned(session: Session, grid_ms: I64, *who: Who) -> I64:
    """Messages returned by `who` before each sample time."""
    returns = session.drill.world.ledger.returns
    return np.array([returns.count(*who) - returns.since(int(at), *who) for at in grid_ms], dtype=np.int64)


def _written(session: Session, grid_ms: I64) -> I64:
    """Inbound messages written before each sample time."""
    stream = session.drill.spec.stream(INBOUND)
    parts = [stream.count(int(a_ms), int(b_ms)) for a_ms, b_ms in pairwise(grid_ms)]
    return np.cumsum(np.array([stream.count(0, int(grid_ms[0])), *parts], dtype=np.int64))
