"""Proof that lock and firewall are closed: a test from outside proves only the barrier that stops it.

A firewall drops packets before they reach the lock, and a lock that was opened only for the backup refuses
everyone else anyway. That is why an opening is proven closed by a test on the route for which it was opened.
"""

from typing import Literal

from sim.drill.drill import Drill
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import Milestone
from sim.kernel.frozen import frozen
from sim.mail.server.guard import SOURCES, Gates, MailOrigin

Barrier = Literal["firewall", "lock"]
BARRIERS: tuple[Barrier, ...] = ("firewall", "lock")
"""The barriers, named as in the register of openings, in the order in which mail passes them."""

BY: dict[MailOrigin, str] = {"internet": "straight from outside", "backup": "through the backup"}
_FOR: dict[MailOrigin, str] = {"internet": "everyone", "backup": "the backup alone"}


@frozen
class Tested:
    """A test message sent to the mail server."""

    by: MailOrigin
    answer: str | None
    """The reply that refused the message; None if it was accepted."""
    stopped: Barrier | None
    """The barrier that refused or quarantined the message; None if no barrier did, or if the server itself
    fails.
    """

    @property
    def met(self) -> str:
        """The server's answer in words: `530 5.7.57 …`, or `accepted with 250`."""
        return self.answer or ("accepted with 250 and quarantined" if self.stopped else "accepted with 250")


def send(drill: Drill, by: MailOrigin, turn: Turn) -> Tested:
    """Send a test message now, straight from the internet or through the backup."""
    gates, answer = drill.protection.gates_now, drill.protection.try_server(by, turn)
    if not drill.world.endpoint.condition.lets_through:
        return Tested(by, answer, None)
    if by not in gates.firewall:
        return Tested(by, answer, "firewall")
    kept_out = not gates.lets_in(by) or gates.quarantines(by)
    return Tested(by, answer, "lock" if kept_out else None)


def proves(drill: Drill, tested: Tested) -> str:
    """Enter the proof in the register; returns a remark on it, or an empty string."""
    door, register = tested.stopped, drill.room.openings
    waiting = [one for one in BARRIERS if register.unproven(one) and not register.is_open(one)]
    if door is None or not waiting:
        return ""
    if door not in waiting:
        how = "did not reach" if door == "firewall" else "passed"
        return f"; this does not prove anything about the {waiting[0]}, which the test {how}"
    if way_to(drill, door) != tested.by:
        return (
            f"; the {door} was open to {_FOR[way_to(drill, door)]}, a route that `openings prove "
            f"{door}` tests"
        )
    drill.room.prove(door, drill.now_ms)
    drill.reach(Milestone.LOCK_PROVEN)
    return f"; {door} proven closed"


def way_to(drill: Drill, door: Barrier) -> MailOrigin:
    """The route to test: the widest opening at the barrier that is not proven closed yet."""
    entries = drill.room.openings.unproven(door)
    from_ms = min((one.opened_ms for one in entries), default=drill.now_ms)
    versions = drill.protection.gates
    first = versions[0][1]
    let_in = [_let_in(gates, first, door) for t_ms, gates in versions if t_ms >= from_ms]
    return "internet" if any("internet" in sources for sources in let_in) else "backup"


def _let_in(gates: Gates, first: Gates, door: Barrier) -> frozenset[MailOrigin]:
    """The sources that this barrier admits in `gates` but not in `first`."""
    if door == "firewall":
        return gates.firewall - first.firewall
    return frozenset(SOURCES) if gates.lock != first.lock else gates.trusted - first.trusted
