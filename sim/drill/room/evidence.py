"""What people here have seen work or fail with their own eyes, and from when they knew of the return. Pure.

A look counts for the components that it passed through: a probe that has come back from the gateway says
nothing of whether users can sign in. Where only a share of attempts, users or receivers had failed, one
success shows little: it is known once another has come an hour (house rule) after a first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.drill.scenario.fault import Fault

PROBED = frozenset({"gateway", "mail-server"})
"""What a probe of the gateway that has come back went through."""
SENT = frozenset({"gateway", "receivers"})
"""What a test went through that has left by the gateway and arrived outside."""
OPENED = frozenset({"mail-server", "access"})
"""What pilots go through who read and send without continuity."""


ROUND_TRIP, CONNECTOR, CONSOLE, PARTNER = "round trip", "connector", "console", "partner"
ALERT = "alert"
"""Through what people look: a probe and its reply, a test that leaves by the gateway, the gateway's console,
what a partner says of their side, the gateway's own alerts.
"""
INDIRECT = frozenset({ROUND_TRIP, CONSOLE, PARTNER})
"""What tells nothing any more once mail has been seen to go through."""
NOTHING: frozenset[str] = frozenset()
GATEWAY_FAILS = frozenset({"gateway"})
SERVER_FAILS = frozenset({"mail-server"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look that has found something to work or to fail."""

    t_ms: int
    works: frozenset[str] = NOTHING
    """Components, as in `diagnosis.COMPONENTS`."""
    fails: frozenset[str] = NOTHING
    """Of these at least one; of several it has not shown which."""
    by: str = ""
    """Through what: an MX host, or one of those above; empty: something else."""


def last_of(seen: Sequence[Sighting], by: str) -> Sighting | None:
    """The last look through `by`; None: there was none."""
    return next((one for one in reversed(seen) if one.by == by), None)


def known_back_ms(
    seen: Sequence[Sighting], faults: Iterable[Fault], now_ms: int, holds_ms: int
) -> int | None:
    """When those who looked could first know that all is over that has broken; None: not by `now_ms`.

    `holds_ms`: for how long what had failed in part has to be seen to work.
    """
    begun = [fault for fault in faults if fault.at_ms <= now_ms]
    if not begun or any(now_ms < fault.until_ms for fault in begun):
        return None
    over_ms = max(fault.until_ms for fault in begun)
    moments = [
        _seen_ms(seen, component, over_ms, holds_ms if _in_part(fault) else 0)
        for fault in begun
        for component in _needed(fault)
    ]
    known = [moment for moment in moments if moment is not None and moment <= now_ms]
    return max(known) if len(known) == len(moments) else None


def _seen_ms(seen: Sequence[Sighting], component: str, from_ms: int, holds_ms: int) -> int | None:
    fitting = [one.t_ms for one in seen if component in one.works and one.t_ms >= from_ms]
    return next((t_ms for t_ms in fitting if t_ms >= fitting[0] + holds_ms), None)


def _needed(fault: Fault) -> frozenset[str]:
    """What has to be seen to work before that fault is known to be over."""
    access = fault.sign_in == "lost" or fault.kind.component == "access"
    return frozenset({fault.kind.component} | ({"access"} if access else set()))


def _in_part(fault: Fault) -> bool:
    return fault.share_percent not in (None, 100) or fault.hosts == "one"
