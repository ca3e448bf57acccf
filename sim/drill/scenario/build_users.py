"""Turns a scenario's words into the users of a run, their helpdesk calls, and the channels for updates."""

from functools import lru_cache

from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.local_time import utc_ms_to_local
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.calls import TurnedAway
from sim.mail.users.continuity_access import AccessGroup, AppShare
from sim.mail.users.users import Users

_SATURDAY = 5


def users_of(scenario: Scenario, seed: int, *, keyed_by_time: bool = False) -> Users:
    """The organisation's users, with their apps and their habit of calling the helpdesk. `keyed_by_time`: see
    `Users`.
    """
    organisation = scenario.organisation
    names = [app.app for app in organisation.apps]
    apps = [
        AppShare(
            app.share_percent,
            app.polls_ms,
            app.continuity == "when told",
            names.index(app.falls_back_to) if app.falls_back_to else None,
            app.log_on == "directory",
        )
        for app in organisation.apps
    ]
    groups = [
        AccessGroup(group.share_percent, frozenset(names.index(app) for app in group.permitted))
        for group in organisation.groups
    ]
    calls = organisation.calls
    after_ms = tuple(minutes * MINUTE_MS for minutes in calls.after_minutes)
    return Users(
        seed,
        organisation.users,
        apps,
        calls.share_percent,
        after_ms,
        groups,
        organisation.gateway.continuity_events.cloud_password_percent,
        _by_hours(scenario, calls.again_permille),
        _by_hours(scenario, calls.links_permille),
        absent_permille=_by_hours(scenario, calls.absent_permille),
        patience_ms=tuple(one * MINUTE_MS for one in calls.missed_after_minutes),
        turned_away=TurnedAway(
            calls.turned_away_percent, tuple(one * MINUTE_MS for one in calls.turned_away_minutes)
        ),
        informed_percent=calls.informed_percent,
        session_ms=[minutes * MINUTE_MS for minutes in scenario.rules.sessions.minutes],
        keyed_by_time=keyed_by_time,
    )


def _by_hours(scenario: Scenario, by_hour: tuple[int, ...] | None) -> tuple[int, ...]:
    """For each hour of the drill, the share of users who call in it, in ‰; zero at weekends."""
    if by_hour is None:
        return ()
    count = (scenario.outage_end_ms + scenario.ends.after_recovery_at_most_ms) // HOUR_MS + 1
    hours = _weekday_hours(scenario.starts_utc_ms, scenario.zone, count)
    return tuple(0 if hour is None else by_hour[hour] for hour in hours)


@lru_cache(maxsize=16)
def _weekday_hours(starts_utc_ms: int, zone: str, count: int) -> tuple[int | None, ...]:
    """The local hour at each of the first `count` hours of a drill; None at weekends."""
    local = [utc_ms_to_local(starts_utc_ms + hour * HOUR_MS, zone) for hour in range(count)]
    return tuple(one.hour if one.weekday() < _SATURDAY else None for one in local)


def channels_of(scenario: Scenario) -> dict[str, UpdateChannel]:
    """Channels for updates, by name."""
    return {
        channel.via: UpdateChannel(
            channel.reaches_percent,
            tuple(minutes * MINUTE_MS for minutes in channel.acts_after_minutes),
            channel.needs_mail,
            channel.same_people,
        )
        for channel in scenario.organisation.channels
    }
