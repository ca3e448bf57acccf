"""`gateway-down` for thirty users, with lead times that a test can reckon with, and hands to act in it."""

from functools import cache
from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS

ONSET_MS = HOUR_MS + 10 * MINUTE_MS
INVENTED = {"source": "test", "confidence": "assumed"}


@cache
def _thirty() -> Scenario:
    return load_scenario("gateway-down", {"users": "30"})


def content() -> dict[str, Any]:
    """Its content, to be changed."""
    return _thirty().content()


def drill(
    at_ms: int = ONSET_MS,
    *,
    approvals: bool = False,
    fault: dict[str, Any] | None = None,
    direct: dict[str, Any] | None = None,
    paths: dict[str, Any] | None = None,
    secondary: dict[str, Any] | None = None,
    guard: dict[str, Any] | None = None,
    phoning: bool = True,
) -> Session:
    """`gateway-down` for 30 users at `at_ms`; lead times are ten minutes, or none for the guard.

    `phoning`: whether executives and partners phone.
    """
    changed = content()
    organisation = changed["organisation"]
    if not phoning:
        organisation["stakeholders"] = []
    if not approvals:
        organisation["approvals"] = None
    else:
        organisation["approvals"]["answer_minutes"] = [90, 90]
    organisation["zone"] |= {"hosting": "registrar", "change_minutes": [0, 0]}
    organisation["zone"]["mta_sts"] = {"mode": "none", **INVENTED}
    organisation["outbound_paths"] |= {"connector_minutes": [10, 10], **(paths or {})}
    organisation["outbound_paths"]["direct"] |= direct or {}
    organisation["secondary"] |= {"settings_minutes": [10, 10], **(secondary or {})}
    organisation["guard"] |= {"change_minutes": [0, 0], **(guard or {})}
    changed["timeline"][0] |= fault or {}
    session = Session(Scenario.model_validate(changed), 1, None)
    session.advance(at_ms)
    return session
