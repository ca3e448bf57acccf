"""The faults in force and their combined effect: the most serious failure of the mail server, and the
affected users.

Truth. People learn of it only through monitors, queue views and checks.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.drill.scenario.fault import Fault
from sim.drill.services.gateway_faults import OF, GatewayTrouble
from sim.kernel.draws import below, mix
from sim.mail.queue.receiver_condition import UP, Condition, ReceiverDraws
from sim.mail.world import World
from sim.mail.world_spec import SERVER


def hit_by(fault: Fault, seed: int, count: int) -> NDArray[np.bool_]:
    """The users who lose their mailboxes by `fault`; they are drawn for each fault by its id."""
    everyone = np.arange(count, dtype=np.int64)
    if fault.kind.hits_users and fault.kind.fails_attempts and fault.users_percent:
        return ReceiverDraws(seed, SERVER).hits(
            condition_of(fault), everyone
        )  # the same users as those whose mail is deferred
    bits = mix(seed, f"hit by {fault.id}", everyone)
    hit: NDArray[np.bool_] = below(bits, 100) < fault.users_percent
    return hit


def condition_of(fault: Fault | None) -> Condition:
    """A component's answer to attempts under its most serious fault; None if it accepts everything."""
    if fault is None or fault.kind.answer is None:
        return UP
    of = OF.get(fault.by, fault.kind.share_of)
    return Condition(fault.kind.answer, 10 * (fault.share_percent or 100), of, fault.says)


def _of_server(faults: Iterable[Fault]) -> list[Fault]:
    """The faults that make attempts at the mail server fail."""
    return [one for one in faults if one.kind.component == "mail-server" and one.kind.fails_attempts]


class Faults:
    """The faults in force. `begin`, `ramp` and `finish` are changes of the world."""

    def __init__(
        self, world: Callable[[], World], seed: int, now: Callable[[], int], console_lags_ms: int
    ) -> None:
        """`world`: the world now. `console_lags_ms`: how old the figures of the gateway's console are
        while it shows old ones.
        """
        self._present, self._seed, self._now = world, seed, now
        self._begun: list[Fault] = []
        self._since_ms: dict[str, int] = {}
        self._condition, self._receivers, self._slow_ms = UP, UP, 0
        self.gateway = GatewayTrouble(world, console_lags_ms)

    @property
    def _world(self) -> World:
        return self._present()

    def begin(self, fault: Fault) -> None:
        self._begun.append(fault)
        self._since_ms[fault.id] = self._now()
        self._come_to()

    def finish(self, fault: Fault) -> None:
        self._begun.remove(fault)
        del self._since_ms[fault.id]
        self._come_to()

    def has(self, fault: Fault) -> bool:
        """True if that fault is in force with that end and strength."""
        return fault in self._begun

    def turn_into(self, fault: Fault, other: Fault) -> None:
        """Give a fault in force another end or strength; its beginning stays the same."""
        self._begun[self._begun.index(fault)] = other
        self._come_to()

    def ramp(self) -> None:
        """Called when a fault has become stronger or weaker."""
        self._come_to()

    def _come_to(self) -> None:
        """Apply the faults in force to the world."""
        failing = self.gravest()
        world = self._world
        condition = condition_of(failing)
        if condition != self._condition:
            self._condition = condition
            world.server_door.meets(condition)
        self._outside()
        self._pace()
        self.gateway.come_to(self.in_force, self._now())
        lost = np.zeros(world.users.count, dtype=np.bool_)
        for fault in self.in_force:
            lost |= hit_by(fault, self._seed, world.users.count)
        if not np.array_equal(lost, world.users.absences.lost):
            world.reach(lost)
        self._sign_in()

    def _outside(self) -> None:
        """Set the receivers' answer to mail from the gateway: the fault with the largest share decides."""
        faults = [fault for fault in self.in_force if fault.kind.component == "receivers"]
        condition = condition_of(max(faults, key=lambda fault: fault.share_percent or 100, default=None))
        if condition != self._receivers:
            self._receivers = condition
            self._world.writers.outgoing.receivers_meet(condition)

    def _pace(self) -> None:
        """Set the mail server's processing time per message: the slowest fault decides."""
        slow_ms = max(
            (fault.per_message_ms or 0 for fault in self.in_force if fault.kind.component == "mail-server"),
            default=0,
        )
        if slow_ms != self._slow_ms:
            self._slow_ms = slow_ms
            usual = self._world.endpoint.usual_pace
            self._world.server_door.change_pace(replace(usual, per_message_ms=slow_ms) if slow_ms else usual)

    def _sign_in(self) -> None:
        """Update who can sign in after the directory has failed or recovered."""
        lost, ways = self.sign_in_lost, self._world.users.membership.ways
        if lost == ways.directory_answers:
            ways.directory_lost(self._now()) if lost else ways.directory_back(self._now())
            self._world.users.ways_changed(self._now())
            self._world.users_changed()

    # Looking up

    @property
    def in_force(self) -> list[Fault]:
        """The faults in force, each with its present strength."""
        return [fault.at(self._now()) for fault in self._begun]

    @property
    def sign_in_lost(self) -> bool:
        """True if the directory that sign-ins use does not answer."""
        return any(fault.sign_in == "lost" for fault in self.in_force)

    def sign_in_lost_since_ms(self) -> int | None:
        """The time since which the directory has not answered; None while it answers."""
        since = [self._since_ms[fault.id] for fault in self.in_force if fault.sign_in == "lost"]
        return min(since, default=None)

    def gravest(self) -> Fault | None:
        """The fault that decides the answer to an attempt at the mail server; of equally severe faults,
        the latest.
        """
        failing = _of_server(self.in_force)
        return min(reversed(failing), key=lambda fault: fault.leniency, default=None)

    def failing_since_ms(self) -> int | None:
        """The time since which the mail server has failed all or some attempts; None while it accepts
        every message.
        """
        since = [self._since_ms[fault.id] for fault in _of_server(self.in_force)]
        return min(since, default=None)

    def last_reply(self) -> str:
        """The reply to the last failed attempt, which the queue's view shows; empty before the first."""
        return self._world.queue.last_reply

    def repair_ms(self) -> int:
        """The onset of the present failure, and the time of its repair (truth: only for estimates)."""
        since_ms = self.failing_since_ms()
        if since_ms is None:
            return 0
        return max(fault.until_ms for fault in _of_server(self.in_force)) - since_ms
