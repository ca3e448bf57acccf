"""Turns a scenario's words into the mail server of a run: back pressure, disk, and nightly backups.

Back pressure is that of all of the organisation's mail servers together: when they slow down, and when they
refuse mail. There is a nightly backup at a local hour, if the server is up then.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from sim.drill.organisation.organisation import Organisation
from sim.drill.scenario.scenario import Scenario
from sim.kernel.data_files import DataFiles
from sim.kernel.duration import DAY_MS
from sim.kernel.local_time import local_to_utc_ms, utc_ms_to_local
from sim.kernel.quantities import GB
from sim.mail.message.sizes import MessageSizes
from sim.mail.queue.receiver import Receiver
from sim.mail.server.disk import DiskRules
from sim.mail.server.pressure_gauge import BackPressureSpec, PressureEffect, PressureRules
from sim.mail.server.server_file import read_server

DAYS_AFTER = 60
"""Number of days after the outage for which backups are planned, regardless of the scenario's end."""


def back_pressure(
    files: DataFiles, organisation: Organisation, nights_ms: tuple[int, ...] = ()
) -> BackPressureSpec | None:
    """Thresholds of the servers' back pressure, and their processing speed; None: no back pressure, and no
    delay.
    """
    server = organisation.server
    if server.back_pressure is None:
        return None
    figures = read_server(files, server.back_pressure).back_pressure
    many = servers(organisation)
    works = Receiver(figures.works.connections * many, server.works_for_ms or figures.works.per_message_ms)
    return BackPressureSpec(
        _together(figures.rules, many),
        works,
        figures.refusal.value,
        _disk(files, organisation, many, nights_ms),
    )


def _disk(
    files: DataFiles, organisation: Organisation, many: int, nights_ms: tuple[int, ...]
) -> DiskRules | None:
    """The disks of `many` servers, taken together."""
    disk, server = organisation.server.disk, organisation.server.back_pressure
    if disk is None or server is None:
        return None
    does, size_bytes = read_server(files, server).disk, disk.size_gb * GB * many
    return DiskRules(
        size_bytes=size_bytes,
        used_bytes=size_bytes * disk.used_percent // 100,
        old_logs_bytes=size_bytes * min(disk.old_logs_percent, disk.used_percent) // 100,
        message_bytes=MessageSizes(0, organisation.sizes.quantiles_bytes).mean_bytes,
        fills_percent=does.fills.value,
        frees_percent=does.frees.value,
        logs_percent=does.logs.value,
        nights_ms=nights_ms,
    )


def level_of(effect: PressureEffect) -> str:
    """The effect of back pressure on senders, in words."""
    if effect.disk_full:
        return "refuses mail from outside, its disk is full"
    if effect.refuses:
        return "refuses mail from outside"
    return "makes each message wait" if effect.tarpit_ms else "none any more"


def servers(organisation: Organisation) -> int:
    """Number of mail servers: one for each source address of the gateway."""
    return -(-organisation.users // organisation.server.users_per_source)


def _together(rules: PressureRules, many: int) -> PressureRules:
    """The thresholds of `many` servers that share the load evenly."""
    return replace(
        rules,
        low_to_medium=rules.low_to_medium * many,
        medium_to_high=rules.medium_to_high * many,
        high_to_medium=rules.high_to_medium * many,
        medium_to_low=rules.medium_to_low * many,
    )


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
