"""From connector, lock and backup to what a trainee may see: what is set, and what tests showed."""

from typing import TYPE_CHECKING

from sim.drill.exposure import exposed_now, exposure
from sim.drill.snapshot import ConnectorView, LockView, ProtectionView, TestView
from sim.mail.gates import SOURCES

if TYPE_CHECKING:
    from sim.drill.drill import Drill


def protection_view(drill: "Drill") -> ProtectionView:
    """Everything that was set, tried and opened. Looking changes nothing."""
    protection = drill.protection
    gates, price = protection.gates_now, exposure(drill)
    changes = [t_ms for t_ms, _ in protection.gates[1:]]
    tried = sorted(protection.tried.values(), key=lambda one: one.t_ms)
    return ProtectionView(
        connector=ConnectorView(
            protection.connector,
            protection.connected[-1].t_ms if protection.connected else None,
            drill.world.writers.outbound.waiting,
        ),
        lock=LockView(
            gates.lock,
            tuple(source for source in SOURCES if gates.lets_in(source)),
            tuple(source for source in SOURCES if source in gates.firewall),
            gates.skips,
            changes[-1] if changes else None,
        ),
        tests=tuple(TestView(one.t_ms, one.by, one.what, one.found) for one in tried),
        exposed_ms=price.exposed_ms,
        not_approved_ms=price.unsigned_off_ms,
        exposed_now=exposed_now(drill),
    )
