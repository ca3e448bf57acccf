"""From connector, lock and backup to what a trainee may see: what is set, and what tests showed."""

from typing import TYPE_CHECKING

from sim.drill.instruments import register_clock, server_console
from sim.drill.instruments.server_console import ServerReading
from sim.drill.snapshot_ways import ConnectorView, LockView, ProtectionView, Seen, TestView
from sim.mail.gates import SOURCES

if TYPE_CHECKING:
    from sim.drill.drill import Drill


def protection_view(drill: "Drill", server: ServerReading) -> ProtectionView:
    """Everything that was set, tried and opened, and the queue that `server` shows."""
    protection = drill.protection
    gates, clock = protection.gates_now, register_clock.read(drill)
    changes = [t_ms for t_ms, _ in protection.gates[1:]]
    tried = sorted(protection.tried.values(), key=lambda one: one.t_ms)
    return ProtectionView(
        connector=ConnectorView(
            protection.connector,
            protection.connected[-1].t_ms if protection.connected else None,
            server.waiting,
            Seen(server_console.NAME, server.at_ms),
        ),
        lock=LockView(
            gates.lock,
            tuple(source for source in SOURCES if gates.lets_in(source)),
            tuple(source for source in SOURCES if source in gates.firewall),
            gates.skips,
            changes[-1] if changes else None,
            gates.server_filters,
            gates.looks_behind,
        ),
        tests=tuple(TestView(one.t_ms, one.by, one.what, one.found) for one in tried),
        open_ms=clock.open_ms,
        not_approved_ms=clock.not_approved_ms,
        open_now=clock.open_now,
    )
