"""Pilot users: one user of each app, asked by phone to read mail, to send mail to an outside address, and
to write to the other pilot users.
"""

import numpy as np

from sim.drill.drill_state import DrillState
from sim.kernel.frozen import frozen
from sim.mail.users.continuity_access import Ways


@frozen
class Pilot:
    """What one pilot user reports."""

    user: int
    app: str
    """Name of the app, as users call it."""
    works: bool
    says: str
    through_server: bool = False
    """True if the mail server works for the user, who therefore does not need continuity."""


def pilots(drill: DrillState) -> list[Pilot]:
    """The reports of one pilot user for each app in use, instructed at the drill's current time.

    Pilot users were chosen beforehand from the largest group that uses the app, and know their
    cloud password.
    """
    ways = drill.users.membership.ways
    chosen = []
    for app in range(len(_apps(drill))):
        users = np.flatnonzero((ways.app == app) & ways.knows_cloud_password)
        if len(users):
            largest = int(np.argmax(np.bincount(ways.group[users])))
            chosen.append(int(users[ways.group[users] == largest][0]))
    return [_asked(drill, user) for user in chosen]


def _asked(drill: DrillState, user: int) -> Pilot:
    organisation, users, now_ms = drill.scenario.organisation, drill.users, drill.now_ms
    name = _apps(drill)[int(users.membership.ways.app[user])]
    one = np.array([user], dtype=np.int64)
    if not users.absences.lost[user]:
        return Pilot(user, name, True, "reads and sends through the mail server", through_server=True)
    if users.membership.in_continuity(one, np.int64(now_ms))[0]:
        return Pilot(user, name, True, "reads and sends")
    covering = [event for event in drill.continuity.events() if event.start_ms <= now_ms]
    if not any(event.who[user] for event in covering):
        groups = organisation.groups
        group = groups[int(users.membership.ways.group[user])].group if groups else "all"
        return Pilot(user, name, False, f"no continuity event covers group {group}")
    informed_ms = np.full(users.count, now_ms, dtype=np.int64)
    opens_ms = min(
        int(users.membership.ways.open_ms(event.start_ms, event.draws, informed_ms)[user])
        for event in covering
        if event.who[user]
    )
    if opens_ms <= now_ms:
        other = int(users.membership.ways.falls_back[user])
        instead = organisation.apps[int(users.membership.ways.app[user])].continuity == "never" and other >= 0
        return Pilot(
            user, name, True, f"reads and sends in {_apps(drill)[other]}" if instead else "reads and sends"
        )
    return Pilot(
        user,
        name,
        False,
        _why(
            users.membership.ways,
            organisation.apps[int(users.membership.ways.app[user])].continuity,
            user,
            now_ms,
        ),
    )


def _why(ways: Ways, continuity: str, user: int, now_ms: int) -> str:
    """The reason why a user who has been instructed cannot sign in."""
    own, other = int(ways.app[user]), int(ways.falls_back[user])
    app = other if continuity == "never" else own
    if app < 0:
        return "the app does not support continuity, and the user has no other app"
    if ways.permitted_ms[ways.group[user], app] > now_ms:
        return "the app is not permitted for this user's group"
    if ways.asks_directory(np.array([app]))[0] and ways.signs_in_ms()[user] > now_ms:
        return "sign-in needs the directory, which does not answer"
    return "not yet: the app has not polled the gateway again"


def _apps(drill: DrillState) -> list[str]:
    return [app.name for app in drill.scenario.organisation.apps]
