"""The part of connector, lock and backup that a trainee may see: settings, and results of tests."""

from collections.abc import Sequence
from itertools import pairwise

from sim.drill.drill import Drill
from sim.drill.instruments import openings_clock as register_clock
from sim.drill.instruments import server_console
from sim.drill.instruments.server_console import ServerReading
from sim.drill.snapshot.mail_routes import (
    ConnectorView,
    FilterState,
    FilterView,
    LockView,
    ProtectionView,
    Seen,
    TestView,
)
from sim.mail.server.guard import SOURCES, Gates


def protection_view(drill: Drill, server: ServerReading) -> ProtectionView:
    """Everything that was set, tested and opened, and the queue on `server`."""
    protection = drill.protection
    gates, clock = protection.gates_now, register_clock.read(drill)
    walled = drill.scenario.organisation.server.own_firewall
    changes = [
        t_ms for (_, before), (t_ms, after) in pairwise(protection.gates) if _guards(before) != _guards(after)
    ]
    tried = sorted(protection.tried.values(), key=lambda one: one.t_ms)
    return ProtectionView(
        connector=ConnectorView(
            protection.connector,
            protection.connected[-1].t_ms if protection.connected else None,
            server.waiting,
            Seen(server_console.NAME, server.at_ms),
            drill.last_seen.no_answer_ms(server_console.NAME),
        ),
        lock=LockView(
            gates.lock,
            tuple(one for one in SOURCES if gates.lets_in(one) and not gates.quarantines(one)),
            tuple(source for source in SOURCES if source in gates.firewall) if walled else None,
            changes[-1] if changes else None,
        ),
        filter=_filter(protection.gates, server.at_ms),
        tests=tuple(TestView(one.t_ms, one.by, one.what, one.found) for one in tried),
        open_ms=clock.open_ms,
        not_approved_ms=clock.not_approved_ms,
        open_now=clock.open_now,
    )


def _guards(gates: Gates) -> tuple[object, ...]:
    """The state of lock and firewall, without the filter."""
    return gates.lock, gates.trusted, gates.firewall


def _filter(versions: Sequence[tuple[int, Gates]], at_ms: int) -> FilterView:
    """The state of the filter at that moment, and the time of its last change; `versions`: the versions of
    the server's whole protection.
    """
    known = [(t_ms, _state(gates)) for t_ms, gates in versions if t_ms <= at_ms]
    state, since_ms = known[-1][1], 0
    for t_ms, earlier in reversed(known):
        if earlier != state:
            break
        since_ms = t_ms
    return FilterView(state, since_ms or None)


def _state(gates: Gates) -> FilterState:
    if not gates.server_filters:
        return "none of its own"
    if gates.skips:
        return "skipped by a rule"
    if gates.looks_behind:
        return "in force, with enhanced filtering"
    return "in force, treats the backup as the sender"
