"""Turns a scenario's words and units into the world's numbers: mail, gateway, backup MX, zone and senders."""

from functools import cache

from sim.drill.organisation.mail_routes_file import Guard, Secondary
from sim.drill.organisation.mail_server_file import MailServer
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.zone_file import DnsZone
from sim.drill.scenario.build_server import back_pressure, nights_ms
from sim.drill.scenario.scenario import Scenario
from sim.kernel.conductor import LOOK_AHEAD_MS
from sim.kernel.draws import mix_one
from sim.kernel.duration import DAY_MS, MINUTE_MS, NEVER_MS, format_duration
from sim.kernel.user_mistake import Mistake
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.weekly_curve import Week
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.routes.inbound import DIRECT, GATEWAY, BackupSpec
from sim.mail.routes.zone import StsSpec, ZoneSpec
from sim.mail.senders.hosts.correspondents import CorrespondentTable, correspondents
from sim.mail.server.guard import Gates
from sim.mail.server.mailbox_limit import MailboxRules
from sim.mail.server.throttle import ThrottleRules
from sim.mail.world_spec import FilterSpec, FullRules, WorldSpec

MOST_WAITING = 40_000_000
"""Maximum number of messages that one drill may hold at the same time; that many take about 7 GB."""
MOST_IN_MAILSHOTS = 1_000_000
"""Maximum number of messages in one direction in a week's mailshots. A quarter of an hour has four million
message identities.
"""


MANY_USERS = 10_000
"""For an organisation of this size, mail in the usual look-ahead takes some 60 MB; with fewer users, a
longer look-ahead takes no more than that.
"""
LONGER_AT_MOST = 4


class TooLarge(Mistake):
    """The scenario has more mail than the simulator can hold."""


def look_ahead_ms(scenario: Scenario) -> int:
    """The span that this drill's watchers look ahead at a time. The span is longer for few users, because
    their mail costs less than each look ahead.
    """
    return LOOK_AHEAD_MS * min(max(1, MANY_USERS // scenario.organisation.users), LONGER_AT_MOST)


def check_size(scenario: Scenario) -> None:
    """Raises TooLarge if the drill would not fit into memory."""
    traffic, users = scenario.organisation.traffic, scenario.organisation.users
    a_day = traffic.inbound_per_user_workday + traffic.outbound_per_user_workday
    a_day += traffic.internal_per_user_workday
    longest_ms = max(fault.for_ms for fault in scenario.timeline)
    by_direction = [
        sum(one.mean_micro for one in some) // 1_000_000 for some in traffic.mailshots_by_direction(users)
    ]
    if max(by_direction) > MOST_IN_MAILSHOTS:
        most = f"the limit is {MOST_IN_MAILSHOTS:,} in one direction, so use fewer users"
        raise TooLarge(f"{users:,} users: mailshots of {max(by_direction):,} messages; {most}")
    waiting = users * a_day * longest_ms // DAY_MS + sum(by_direction) * (longest_ms // (7 * DAY_MS) + 1)
    if waiting > MOST_WAITING:
        held = f"{waiting // 1_000_000} million messages wait"
        most = f"the limit is {MOST_WAITING // 1_000_000} million, so use fewer users"
        raise TooLarge(f"{users:,} users for {format_duration(longest_ms)}: {held}; {most}")


def world_spec(scenario: Scenario, seed: int) -> WorldSpec:
    """The mail of a run of `scenario` with `seed`."""
    check_size(scenario)
    organisation = scenario.organisation
    traffic, gateway = organisation.traffic, organisation.gateway
    files, rules = scenario.files, scenario.rules
    platform = load_platform(files, gateway.platform)
    return WorldSpec(
        files=files,
        seed=seed,
        starts_utc_ms=scenario.starts_utc_ms,
        week=Week(
            scenario.zone,
            traffic.hours_permille,
            (traffic.monday_percent, 100, 100, 100, 100, traffic.saturday_percent, traffic.sunday_percent),
        ),
        per_workday=(
            organisation.users * traffic.inbound_per_user_workday,
            organisation.users * traffic.outbound_per_user_workday,
            organisation.users * traffic.internal_per_user_workday,
        ),
        offsets=lambda up_to_ms: offsets_ms(platform, up_to_ms),
        limit_ms=platform.expires_ms,
        last_try=gateway.bounce_at == "next attempt",
        most_attempts=platform.most_attempts,
        receiver=Receiver(organisation.server_connections, organisation.server.per_message_ms),
        life_permille=tuple(kind.share_permille for kind in organisation.useful_life),
        life_ms=tuple(
            NEVER_MS if kind.life_ms is None else kind.life_ms for kind in organisation.useful_life
        ),
        reconnect_ms=rules.clients.reconnect_ms,
        correspondents=cache(lambda: _correspondents(scenario, seed)),
        zone=_zone(organisation.zone),
        server_platform=organisation.server.platform,
        back_pressure=back_pressure(files, organisation, nights_ms(scenario)),
        backup=_backup(organisation.secondary),
        gates=_gates(organisation),
        throttle=_throttle(organisation.guard),
        mailboxes=_mailboxes(organisation.server),
        busy_permille=traffic.busy_mailbox_permille,
        lists_every_ms=rules.lists.every_ms,
        sizes_bytes=organisation.sizes.quantiles_bytes,
        habits=_habits(organisation),
        standing_counts=(gateway.while_paused == "counts", gateway.while_dead == "counts"),
        mailshots=traffic.mailshots_by_direction(organisation.users),
        filter=_filter(organisation),
    )


def _mailboxes(server: MailServer) -> MailboxRules | None:
    most = server.mailbox_per_hour
    return MailboxRules(most, server.mailbox_reply) if most else None


def notice_after_ms(scenario: Scenario) -> int | None:
    """The age at which the gateway notifies a sender that outbound mail is late; None if it never does."""
    return load_platform(scenario.files, scenario.organisation.gateway.platform).notice.threshold_ms(1)


def _filter(organisation: Organisation) -> FilterSpec:
    file = organisation.gateway.filter
    many = -(-organisation.users // file.users_per_place)
    most = file.holds * many
    full = FullRules(most, most * file.accepts_again_percent // 100, file.checks_ms, file.reply)
    return FilterSpec(Receiver(file.at_a_time * many, file.per_message_ms), full)


def _throttle(guard: Guard) -> ThrottleRules | None:
    most = guard.throttle_per_hour
    return ThrottleRules(most, guard.throttle_reply) if most else None


def _backup(file: Secondary) -> BackupSpec:
    return BackupSpec(file.at_a_time, file.per_message_ms, file.greylist_ms, file.greylists == "pairs")


def _habits(organisation: Organisation) -> Habits:
    """Shares of people who send mail again if it does not arrive."""
    again = organisation.resending
    return Habits(
        again.outbox_permille,
        again.outbox_told_permille,
        tuple(minutes * MINUTE_MS for minutes in again.after_minutes),
        again.notice_permille,
        again.notice_told_permille,
        again.partners_percent,
        again.after_dot_ms,
    )


def _gates(organisation: Organisation) -> Gates:
    """How the server treats mail that does not come from the gateway, before anything is opened."""
    guard = organisation.guard
    return Gates(
        lock=guard.lock,
        reply=guard.reply,
        firewall=frozenset(guard.firewall_lets_in),
        server_filters=guard.filters,
        backup_filters=organisation.secondary.filters,
        junk_permille=guard.junk_permille,
    )


def _zone(zone: DnsZone) -> ZoneSpec:
    """The zone before the drill; only a policy in mode `enforce` keeps senders from a host (RFC 8461 §5)."""
    policy = zone.mta_sts
    sts = StsSpec(policy.honoured_by, policy.id_ttl_ms) if policy.mode == "enforce" else None
    route = (DIRECT,) if zone.mx == "server" else GATEWAY
    return ZoneSpec(route, zone.ttl_ms, zone.population, zone.hosting, sts)


def _correspondents(scenario: Scenario, seed: int) -> CorrespondentTable:
    """Outside senders to the organisation, and their platforms."""
    organisation = scenario.organisation
    outside = organisation.correspondents
    mix = [(load_platform(scenario.files, part.platform), part.share_percent) for part in outside.mix]
    count = organisation.correspondent_count
    return correspondents(seed, mix, count, outside.zipf_exponent, outside.per_network)


def windows_of(scenario: Scenario, seed: int) -> FailureWindows:
    """The Continuity Monitor's windows; the time at which they begin is drawn, because it is unpublished."""
    width_ms = scenario.organisation.gateway.continuity_monitor.window_ms
    return FailureWindows(width_ms, -(mix_one(seed, "continuity window") % width_ms))
