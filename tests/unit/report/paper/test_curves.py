"""The curves of a debrief end at the ledger's figures, and a moment in between is that of a shorter drill."""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import load_runbook, reference_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.outcome import outcome
from sim.report.paper.curves import curves
from sim.report.paper.tiles import lost


def played(name: str, hours: int) -> Session:
    """A run by the runbook of that name, or by the reference of the scenario of that name."""
    mistake = name.startswith("gateway-down-")
    scenario = load_scenario("gateway-down" if mistake else name, {"users": "40" if mistake else "20"})
    runbook = load_runbook(name, parse) if mistake else reference_runbook(scenario, parse)
    session = Session(scenario, 1, None)
    play(session, runbook, hours * HOUR_MS)
    return session


@pytest.mark.parametrize(
    "name",
    [
        "gateway-down",
        "exchange-down",
        "gateway-down-mx-before-unlock",
        "gateway-down-direct-without-readiness",
    ],
)
def test_the_end_of_each_curve_is_the_ledgers_figure(name: str) -> None:
    for hours in (4, 12):
        session = played(name, hours)
        inbound, outbound = (session.drill.world.custody()[way] for way in ("inbound", "outbound"))
        in_queue = sum(account.get("gateway_queue", 0) for account in session.drill.world.custody().values())
        last = {one.key: one.values[-1] for one in curves(session, 25).of}
        assert last["at_senders"] == inbound.get("at_sender", 0)
        assert last["backup_queue"] == inbound.get("relay_queue", 0)
        assert last["gateway_queue"] == in_queue
        from_outside = sum(inbound.get(name, 0) for name in ("bounced", "rejected", "suppressed"))
        assert last["lost"] == from_outside + outbound.get("rejected", 0)
        assert (outbound.get("rejected", 0) > 0) == name.endswith("without-readiness")
        assert (inbound.get("suppressed", 0) > 0) == name.endswith("before-unlock")
        assert last["calls"] == session.drill.helpdesk.calls_before(session.now_ms)


def test_lost_is_what_the_first_page_counts_in_every_direction() -> None:
    """Outbound mail that the server bounces at two days, and mail of continuity that the gateway bounces."""
    scenario = load_scenario("gateway-down-long-ttl", {"users": "20"})
    dead = Session(scenario, 1, None)
    play(dead, None, scenario.outage_end_ms)
    full = Session(load_scenario("exchange-down", {"users": "20", "outage": "100h"}), 1, None)
    full.advance(full.scenario.outage_start_ms + 10 * MINUTE_MS)
    full.dispatch("continuity start for=16h")
    play(full, None, full.scenario.outage_end_ms)
    for session, whither in ((dead, "outbound"), (full, "internal")):
        assert session.drill.world.custody()[whither]["bounced"] > 0
        (curve,) = curves(session, 25).named("lost")
        assert curve.values[-1] == lost(outcome(session))


def test_a_moment_in_the_past_is_as_it_was_then() -> None:
    """Calls, too: they are counted on lookups, not when they come."""
    then, later = played("exchange-down", 6), played("exchange-down", 12)
    half = {one.key: one.values[12] for one in curves(later, 25).of}
    assert half == {one.key: one.values[-1] for one in curves(then, 25).of}
    assert half["calls"] > 0


def test_totals_never_fall() -> None:
    for one in curves(played("exchange-down", 12)).of:
        if one.total:
            assert list(one.values) == sorted(one.values)
