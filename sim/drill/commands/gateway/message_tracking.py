"""Message tracking in the gateway's console: the state of single messages.

Message tracking lists mail that the gateway has accepted, as of the time of the console's figures: being
processed, in a delivery queue, handed over or returned. Mail that never reached the gateway is missing, and
so are single outbound messages from times when outbound mail left without delay.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.drill.drill import Drill
from sim.drill.instruments.mail_addresses import domain_of, from_addresses
from sim.drill.instruments.subjects import subject
from sim.drill.scenario.build_world import notice_after_ms
from sim.kernel.frozen import frozen
from sim.mail.gateway.outbound_queue import notified
from sim.mail.message.recently_left import Lately
from sim.mail.message.rows import BOUNCED, DELIVERED, Gone, Rows
from sim.mail.message.traffic import OUTBOUND, REAL_MAIL, direction_of_one

Meant = Callable[[Rows | Gone], NDArray[np.intp]]
"""The indices of the wanted messages among the given rows."""

LOOKED_AT = 20_000
"""Largest number of messages whose senders are compared: the newest that match in every other respect."""

_OUTBOUND = "the outbound delivery queue"
_BACK = "bounced, retention expired"
_LEFT = {DELIVERED: "handed to the mail server", BOUNCED: _BACK}
_LEFT_OUT = {DELIVERED: "handed to the receiver", BOUNCED: _BACK}


@frozen
class Tracked:
    """One message as the console shows it."""

    id: int
    arrival_ms: int
    user: int
    state: str
    """The message's state in words."""

    @property
    def real(self) -> bool:
        """True if the message arrived over real SMTP; such mail is always listed."""
        return self.id >= REAL_MAIL


def tracked(drill: Drill, user: int | None, domain: int | None, since_ms: int) -> list[Tracked]:
    """Messages to `user`, or to the outside organisation number `domain` (both None: to anyone), that
    arrived at `since_ms` or later, newest first.
    """
    seen_ms, found = drill.consoles.gateway().figures_ms, list[Tracked]()

    def to(whom: int | None) -> Meant:
        def meant(rows: Rows | Gone) -> NDArray[np.intp]:
            fits = (rows.arrival_ms >= since_ms) & (rows.arrival_ms < seen_ms)
            return np.flatnonzero(fits if whom is None else fits & (rows.user == whom))

        return meant

    if domain is None:
        meant = to(user)
        found += [*_waiting(drill, meant, seen_ms), *_in_process(drill, meant)]
        found += _gone(drill, drill.world.lately, meant, _LEFT, "the delivery queue")
    if user is None:
        meant = to(domain)
        found += [*_waiting_outside(drill, meant, seen_ms), *_in_process(drill, meant, outbound=True)]
        found += _gone(drill, drill.world.writers.outgoing.lately, meant, _LEFT_OUT, _OUTBOUND)
    return sorted(found, key=lambda one: (-one.arrival_ms, one.id))


def named(drill: Drill, some: list[Tracked]) -> list[tuple[str, str, str]]:
    """The sender, recipient and subject of each message."""
    domain, found = drill.scenario.organisation.domain, []
    for one, sender in zip(some, senders_of(drill, some), strict=True):
        letter = drill.letters.of(one.id)
        if letter is not None:
            found.append((sender, ", ".join(letter.recipients), letter.subject))
        else:
            outbound = direction_of_one(one.id) == OUTBOUND
            whom = domain_of(drill.seed, one.user) if outbound else f"user{one.user:04d}@{domain}"
            found.append((sender, whom, subject(drill.seed, one.id)))
    return found


def senders_of(drill: Drill, some: list[Tracked]) -> list[str]:
    """The sender of each message."""
    return from_addresses(drill, np.array([one.id for one in some], dtype=np.int64))


def _waiting(drill: Drill, meant: Meant, seen_ms: int) -> Iterator[Tracked]:
    rows, now = drill.world.cloud.live(), seen_ms == drill.now_ms
    for row in meant(rows).tolist():
        tries = f" after {int(rows.attempts[row])} attempts" if now and rows.failed[row] else ""
        yield _one(rows, row, f"in the delivery queue{tries}")


def _waiting_outside(drill: Drill, meant: Meant, seen_ms: int) -> Iterator[Tracked]:
    rows, now = drill.world.writers.outgoing.live(), seen_ms == drill.now_ms
    told = notified(rows, notice_after_ms(drill.scenario))
    for row in meant(rows).tolist():
        tries = f" after {int(rows.attempts[row])} attempts" if now and rows.failed[row] else ""
        late = ", its sender notified of the delay" if now and told[row] else ""
        yield _one(rows, row, f"in {_OUTBOUND}{tries}{late}")


def _in_process(drill: Drill, meant: Meant, *, outbound: bool = False) -> Iterator[Tracked]:
    held = drill.world.writers.outgoing.in_process() if outbound else drill.world.cloud.kept()
    for row in meant(held).tolist():
        yield _one(held, row, "accepted, in process")


def _gone(
    drill: Drill, lately: Lately, meant: Meant, ways: Mapping[int, str], queue: str
) -> Iterator[Tracked]:
    """Mail that has left `queue`. Mail that left after the time of the console's figures still counts as
    queued.
    """
    out, seen_ms = lately.all(), drill.consoles.gateway().figures_ms
    if out is None:
        return
    for row in meant(out).tolist():
        left_ms = int(out.time_ms[row])
        said = ways.get(int(out.kind[row]), "rejected, its sender notified")
        state = f"{said} at {drill.clock(left_ms)}" if left_ms < seen_ms else f"in {queue}"
        yield _one(out, row, state)


def _one(rows: Rows | Gone, row: int, state: str) -> Tracked:
    return Tracked(int(rows.id[row]), int(rows.arrival_ms[row]), int(rows.user[row]), state)
