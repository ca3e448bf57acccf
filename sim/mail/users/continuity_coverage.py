"""User time without a mailbox that a continuity event covered. Pure.

An event covers its members, whether or not they have begun to use their apps in it.
"""

from itertools import pairwise

import numpy as np

from sim.mail.users.users import Users


def covered_user_ms(users: Users, from_ms: int, to_ms: int) -> tuple[int, int]:
    """(needed, covered) in user-ms over [from_ms, to_ms), for the users without their mailboxes at each
    moment.

    If every user has a mailbox, as when only mail is late, all users count.
    """
    stretches = [(max(a, from_ms), min(b, to_ms), who) for a, b, who in users.absences.stretches]
    stretches = [one for one in stretches if one[0] < one[1]]
    if not stretches:
        stretches = [(from_ms, to_ms, np.ones(users.count, dtype=np.bool_))]
    edges = {edge for a, b, _who in stretches for edge in (a, b)}
    edges |= {edge for event in users.membership.events for edge in (event.start_ms, event.end_ms)}
    needed = covered = 0
    for a, b in pairwise(sorted(edge for edge in edges if from_ms <= edge <= to_ms)):
        lost = np.zeros(users.count, dtype=np.bool_)
        for start_ms, end_ms, who in stretches:
            if start_ms <= a < end_ms:
                lost |= who
        inside = np.zeros(users.count, dtype=np.bool_)
        for event in users.membership.events:
            if event.start_ms <= a < event.end_ms:
                inside |= event.who
        needed += (b - a) * int(lost.sum())
        covered += (b - a) * int((lost & inside).sum())
    return needed, covered
