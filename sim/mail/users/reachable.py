"""The times from which users who can be notified are able to work, whether or not they do. Pure.

A user counts if one of their programs takes part in continuity and they can sign in to it, for example with a
password distributed beforehand, and if they can get text messages (a number in the directory) or their
program switches over by itself. A user is able to work if they have a mailbox, or if they are in an event in
force and, for a program that has to be switched by hand, an update about it has reached them. The time until
they look at their phone does not count.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.mail.users.absences import Flags
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.time_without_mail import able_at
from sim.mail.users.users import Users


def reachable(users: Users, seed: int, channels: list[UpdateChannel]) -> Flags:
    """Users who can be notified and can use an event; if there is no channel for notifying them, all users
    who can use an event.
    """
    ways = users.membership.ways
    by_itself, takes_part = ways.switches_by_itself, ways.takes_part
    kept = [one for one in channels if one.same_people]
    if not kept:
        return takes_part
    has = np.zeros(users.count, dtype=np.bool_)
    for one in kept:
        has |= below(mix(seed, f"has {one.same_people}", 0, ways.everyone), 100) < one.reaches_percent
    return takes_part & (has | by_itself)


def able_from(users: Users, whom: Flags, percent: int, moments_ms: I64) -> tuple[int | None, int]:
    """The first of `moments_ms` at which `percent` of those users in `whom` who lack a mailbox can work, None
    if there is none; and the largest percentage, rounded down, at an earlier moment.

    Users with a mailbox do not count, so that unaffected users do not decide the result of a partial outage.
    """
    able, lost = able_at(users, whom, moments_ms)
    enough = np.flatnonzero(100 * able >= percent * lost)
    before = slice(None, enough[0] if len(enough) else None)
    shares = 100 * able[before] // lost[before]  # nobody is without a mailbox only where enough are able
    return (int(moments_ms[enough[0]]) if len(enough) else None), int(shares.max(initial=0))
