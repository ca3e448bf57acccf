"""What a test from outside has reached of lock and firewall: that is what it proves, and nothing behind it.

A firewall drops packets before any lock is asked; a lock that was opened for the backup alone turns away
everybody else all the while. So an opening is proven closed by a test that comes the way it was opened for.
"""

from dataclasses import dataclass
from typing import Literal

from sim.drill.drill import Drill
from sim.drill.scenario.milestones import Milestone
from sim.mail.server.guard import SOURCES, Gates, MailOrigin

Barrier = Literal["firewall", "lock"]
BARRIERS: tuple[Barrier, ...] = ("firewall", "lock")
"""As the register of openings names them, in the order in which mail meets them."""

BY: dict[MailOrigin, str] = {"internet": "straight from outside", "backup": "by way of the backup"}
_FOR: dict[MailOrigin, str] = {"internet": "everybody", "backup": "the backup alone"}


@dataclass(frozen=True, slots=True)
class Tested:
    """A message that was sent to the mail server to see whether it gets in."""

    by: MailOrigin
    answer: str | None
    """Of whatever did not take it; None: it was taken."""
    stopped: Barrier | None
    """What kept it out or put it aside; None: nothing did, or the server itself is in trouble."""

    @property
    def met(self) -> str:
        """`530 5.7.57 …`, `taken with 250`."""
        return self.answer or ("taken with 250 and put aside" if self.stopped else "taken with 250")


def send(drill: Drill, by: MailOrigin) -> Tested:
    """Try it now."""
    gates, answer = drill.protection.gates_now, drill.protection.try_server(by)
    if not drill.world.endpoint.condition.lets_through:
        return Tested(by, answer, None)
    if by not in gates.firewall:
        return Tested(by, answer, "firewall")
    kept_out = not gates.lets_in(by) or gates.quarantines(by)
    return Tested(by, answer, "lock" if kept_out else None)


def proves(drill: Drill, tested: Tested) -> str:
    """Enter in the register what the test has proven; what is to be said of that, if anything."""
    door, register = tested.stopped, drill.room.openings
    waiting = [one for one in BARRIERS if register.unproven(one) and not register.is_open(one)]
    if door is None or not waiting:
        return ""
    if door not in waiting:
        how = "has not reached" if door == "firewall" else "has passed"
        return f"; it says nothing of the {waiting[0]}, which it {how}"
    if way_to(drill, door) != tested.by:
        return f"; it was open to {_FOR[way_to(drill, door)]}: `openings prove {door}` tries that way"
    drill.room.prove(door, drill.now_ms)
    drill.reach(Milestone.LOCK_PROVEN)
    return f"; {door} proven closed"


def way_to(drill: Drill, door: Barrier) -> MailOrigin:
    """The way by which a test has to come: the widest for which it was opened and not proven closed."""
    entries = drill.room.openings.unproven(door)
    from_ms = min((one.opened_ms for one in entries), default=drill.now_ms)
    versions = drill.protection.gates
    first = versions[0][1]
    let_in = [_let_in(gates, first, door) for t_ms, gates in versions if t_ms >= from_ms]
    return "internet" if any("internet" in sources for sources in let_in) else "backup"


def _let_in(gates: Gates, first: Gates, door: Barrier) -> frozenset[MailOrigin]:
    """Whom `gates` let in at this door that `first` did not."""
    if door == "firewall":
        return gates.firewall - first.firewall
    return frozenset(SOURCES) if gates.lock != first.lock else gates.trusted - first.trusted
