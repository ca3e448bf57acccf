"""User time without mail: the number of users who could neither read nor send at a moment, and the total
time. Pure.
"""

import numpy as np

from sim.kernel.draws import I64
from sim.mail.users.absences import Flags
from sim.mail.users.users import Users


def without_mail(users: Users, moments_ms: I64) -> I64:
    """For each past time, the number of users who could neither read nor send."""
    inside, lost = _inside(users, users.membership.covered(), None, moments_ms)
    return lost - inside


def able_at(users: Users, whom: Flags, moments_ms: I64) -> tuple[I64, I64]:
    """(able, lost) at each past time. `lost`: users in `whom` who could not reach the mail server; `able`:
    those of them who could have been in an event.
    """
    return _inside(users, users.membership.covered(able=True), whom, moments_ms)


def _inside(
    users: Users, covered: list[tuple[I64, I64]], whom: Flags | None, moments_ms: I64
) -> tuple[I64, I64]:
    """Users in `whom` (None: all) who could not reach the server at each time: the number of those inside
    `covered`, and the number of all.
    """
    inside, lost = np.zeros(len(moments_ms), dtype=np.int64), np.zeros(len(moments_ms), dtype=np.int64)
    for start_ms, end_ms, who in users.absences.stretches:
        counted = who if whom is None else who & whom
        have = np.zeros(len(moments_ms), dtype=np.int64)
        for since_ms, until_ms in covered:
            some = counted & (since_ms < until_ms)
            have += np.searchsorted(np.sort(since_ms[some]), moments_ms, side="right")
            have -= np.searchsorted(np.sort(until_ms[some]), moments_ms, side="right")
        within = (start_ms <= moments_ms) & (moments_ms < end_ms)
        inside += np.where(within, have, 0)
        lost += np.where(within, int(counted.sum()), 0)
    return inside, lost


def lost_user_ms(users: Users, to_ms: int) -> int:
    """User-time in ms without mail up to `to_ms`."""
    total = 0
    covered = users.membership.covered()
    for start_ms, end_ms, who in users.absences.stretches:
        b_ms = min(end_ms, to_ms)
        total += int(who.sum()) * max(0, b_ms - start_ms)
        for since_ms, until_ms in covered:
            inside = np.minimum(b_ms, until_ms) - np.maximum(since_ms, start_ms)
            total -= int(np.maximum(inside[who], 0).sum())
    return total


def in_part_user_ms(users: Users, to_ms: int) -> int:
    """User-time in ms, up to `to_ms`, with a mailbox but without any of the gateway's services: no links,
    no portal.
    """
    total = 0
    for from_ms, until_ms in users.membership.cut_off:
        end_ms = min(until_ms, to_ms)
        total += users.count * max(0, end_ms - from_ms)
        for start_ms, stop_ms, who in users.absences.stretches:
            total -= int(who.sum()) * max(0, min(stop_ms, end_ms) - max(start_ms, from_ms))
    return total
