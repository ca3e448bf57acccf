"""Evidence: sightings of components that work or fail, and the moment from which a recovery is known. Pure.

A check counts for the components that it passed through: an answered probe of the gateway does not prove
anything about sign-ins. If only a share of attempts, users or receivers had failed, one success is not
enough: the recovery is known only after a second one, an hour (house rule) after the first.
"""

from collections.abc import Iterable, Sequence

from sim.drill.scenario.fault import Fault
from sim.kernel.frozen import frozen

PROBED = frozenset({"gateway", "mail-server"})
"""Components that a probe of the gateway has passed through if it is answered."""
SENT = frozenset({"gateway", "receivers"})
"""Components that a test message has passed through if it left through the gateway and arrived outside."""
OPENED = frozenset({"mail-server", "access"})
"""Components that must work for pilot users to read and send without continuity."""


ROUND_TRIP, CONNECTOR, CONSOLE, PARTNER = "round trip", "connector", "console", "partner"
ALERT = "alert"
"""Ways in which something is seen to work or fail: a probe and its reply, a test that leaves through the
gateway, the gateway's console, a partner's report, the gateway's own alerts.
"""
INDIRECT = frozenset({ROUND_TRIP, CONSOLE, PARTNER})
"""Ways of seeing a failure that no longer count once mail has been seen to pass."""
NOTHING: frozenset[str] = frozenset()
GATEWAY_FAILS = frozenset({"gateway"})
SERVER_FAILS = frozenset({"mail-server"})


@frozen
class Sighting:
    """One check that showed components working or failing."""

    t_ms: int
    works: frozenset[str] = NOTHING
    """Components that were seen to work; names as in `diagnosis.COMPONENTS`."""
    fails: frozenset[str] = NOTHING
    """Components of which at least one was seen to fail; if there are several, it is unknown which."""
    by: str = ""
    """How the check was made: an MX host, or one of the names above; empty for any other way."""


def last_of(seen: Sequence[Sighting], by: str) -> Sighting | None:
    """The last sighting by the instrument `by`; None if there was none."""
    return next((one for one in reversed(seen) if one.by == by), None)


def known_back_ms(
    seen: Sequence[Sighting], faults: Iterable[Fault], now_ms: int, holds_ms: int
) -> int | None:
    """The first moment at which people could know that all faults are over; None if they could not by
    `now_ms`.

    `holds_ms`: the time for which a component must be seen to work after a partial failure.
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
    """Components that must be seen to work before people can know that the fault is over."""
    access = fault.sign_in == "lost" or fault.kind.component == "access"
    return frozenset({fault.kind.component} | ({"access"} if access else set()))


def _in_part(fault: Fault) -> bool:
    return fault.share_percent not in (None, 100) or fault.hosts == "one"
