"""From when the users whom a word can reach are able to send and receive, whether they do so or not. Pure.

A user can be reached who has what the text messages go to (a number in the directory), or whose program
switches over by itself; and only if some program of theirs takes part in continuity and lets them sign in:
a password that asks no directory has been given out before, or has not. Able is who has a mailbox, or an
event in force that lets them in and of which a word has reached them, if their program needs their hands:
when they look at their phone is nobody's doing.
"""

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.mail.users.absences import Flags
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.time_without_mail import able_at
from sim.mail.users.users import Users


def reachable(users: Users, seed: int, channels: list[UpdateChannel]) -> Flags:
    """Whom a word can reach and who has a way into an event; without such a channel, everybody with a way."""
    ways = users.membership.ways
    by_itself, takes_part = ways.switches_by_itself, ways.takes_part
    kept = [one for one in channels if one.same_people]
    if not kept:
        return takes_part
    has = np.zeros(users.count, dtype=np.bool_)
    for one in kept:
        has |= below(mix(seed, f"has {one.same_people}", 0, ways.everyone), 100) < one.reaches_percent
    return takes_part & (has | by_itself)


def able_from(users: Users, whom: Flags, percent: int, moments_ms: I64) -> int | None:
    """The first of `moments_ms` at which `percent` of those of `whom` without mailbox are able, if any.

    Those who have one do not count, so that who is hit in part is not judged by the others.
    """
    able, lost = able_at(users, whom, moments_ms)
    enough = np.flatnonzero(100 * able >= percent * lost)
    return int(moments_ms[enough[0]]) if len(enough) else None
