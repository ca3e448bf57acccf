"""Message tracking in the gateway's console: what it says has become of single messages.

It knows what the gateway has accepted, as of the console's figures: what is in process, in the delivery
queue, handed over or returned. What never came to it, it does not know.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.drill.addresses import from_addresses
from sim.drill.labels import subject
from sim.mail.rows import BOUNCED, DELIVERED, Gone, Rows
from sim.mail.traffic import REAL_MAIL

if TYPE_CHECKING:
    from sim.drill.drill import Drill

Meant = Callable[[Rows | Gone], NDArray[np.intp]]
"""Which of some messages are asked for."""

LOOKED_AT = 400
"""Of so many of the newest that fit otherwise the sender is compared."""

_LEFT = {DELIVERED: "handed to the mail server", BOUNCED: "returned to its sender, its time was up"}


@dataclass(frozen=True, slots=True)
class Tracked:
    """One message as the console tells it."""

    id: int
    arrival_ms: int
    user: int
    state: str
    """What has become of it, in words."""

    @property
    def real(self) -> bool:
        """Whether it has come through a socket: such mail is always looked at."""
        return self.id >= REAL_MAIL


def tracked(drill: "Drill", user: int | None, since_ms: int) -> list[Tracked]:
    """Messages to `user` (None: to anybody) that arrived at `since_ms` or later, the newest first."""
    seen_ms = drill.seen_ms()

    def meant(rows: Rows | Gone) -> NDArray[np.intp]:
        fits = (rows.arrival_ms >= since_ms) & (rows.arrival_ms < seen_ms)
        return np.flatnonzero(fits if user is None else fits & (rows.user == user))

    found = [*_waiting(drill, meant, seen_ms), *_in_process(drill, meant), *_gone(drill, meant, seen_ms)]
    return sorted(found, key=lambda one: (-one.arrival_ms, one.id))


def named(drill: "Drill", some: list[Tracked]) -> list[tuple[str, str, str]]:
    """The sender, recipient and subject of each."""
    domain, found = drill.scenario.organisation.domain, []
    for one, sender in zip(some, senders_of(drill, some), strict=True):
        letter = drill.letters.of(one.id)
        if letter is not None:
            found.append((sender, ", ".join(letter.recipients), letter.subject))
        else:
            found.append((sender, f"user{one.user:04d}@{domain}", subject(drill.seed, one.id)))
    return found


def senders_of(drill: "Drill", some: list[Tracked]) -> list[str]:
    """Who wrote each."""
    return from_addresses(drill, np.array([one.id for one in some], dtype=np.int64))


def _waiting(drill: "Drill", meant: Meant, seen_ms: int) -> Iterator[Tracked]:
    rows, now = drill.world.live(), seen_ms == drill.now_ms
    for row in meant(rows).tolist():
        tries = f" after {int(rows.attempts[row])} attempts" if now and rows.failed[row] else ""
        yield _one(rows, row, f"in the delivery queue{tries}")


def _in_process(drill: "Drill", meant: Meant) -> Iterator[Tracked]:
    held = drill.world.cloud.kept()
    for row in meant(held).tolist():
        yield _one(held, row, "accepted, in process")


def _gone(drill: "Drill", meant: Meant, seen_ms: int) -> Iterator[Tracked]:
    """What has left; what left after the console's figures were taken still waits in them."""
    out = drill.world.lately.all()
    if out is None:
        return
    for row in meant(out).tolist():
        left_ms = int(out.time_ms[row])
        said = _LEFT.get(int(out.kind[row]), "rejected, its sender is told")
        state = f"{said} at {drill.clock(left_ms)}" if left_ms < seen_ms else "in the delivery queue"
        yield _one(out, row, state)


def _one(rows: Rows | Gone, row: int, state: str) -> Tracked:
    return Tracked(int(rows.id[row]), int(rows.arrival_ms[row]), int(rows.user[row]), state)
