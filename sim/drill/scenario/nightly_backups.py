"""The mail server's nightly backups: at a local hour, if the server is up then."""

from datetime import datetime, time, timedelta

from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import DAY_MS
from sim.kernel.local_time import local_to_utc_ms, utc_ms_to_local

DAYS_AFTER = 60
"""Number of days after the outage for which backups are planned, regardless of the scenario's end."""


def nights_ms(scenario: Scenario) -> tuple[int, ...]:
    """Times of successful backups, in ms since the drill's start, ascending; empty if no hour is set for
    them.

    A backup fails during an outage of the whole server. There is no backup at an hour that summer time skips.
    """
    disk = scenario.organisation.server.disk
    if disk is None or disk.nightly_hour is None:
        return ()
    days = scenario.outage_end_ms // DAY_MS + DAYS_AFTER
    first = utc_ms_to_local(scenario.starts_utc_ms, scenario.zone).date()
    moments = (
        _since_start(scenario, datetime.combine(first + timedelta(days=n), time(disk.nightly_hour)))
        for n in range(days)
    )
    return tuple(at_ms for at_ms in moments if at_ms is not None and at_ms > 0 and not _dead(scenario, at_ms))


def _since_start(scenario: Scenario, local: datetime) -> int | None:
    try:
        return local_to_utc_ms(local, scenario.zone) - scenario.starts_utc_ms
    except ValueError:
        return None


def _dead(scenario: Scenario, at_ms: int) -> bool:
    dead = (one for one in scenario.timeline if one.kind.component == "mail-server" and one.kind.silent)
    return any(fault.at_ms <= at_ms < fault.until_ms for fault in dead)
