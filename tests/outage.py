"""A whole outage of the mail server, in one call: its transport, and every user's access."""

import numpy as np

from sim.mail.queue.receiver_condition import REFUSED, UP
from sim.mail.users.users import Users
from sim.mail.world import World


def mailboxes_lost(users: Users, now_ms: int) -> None:
    """From now on no user reaches the mail server."""
    users.reach(now_ms, np.ones(users.count, dtype=np.bool_))


def mailboxes_back(users: Users, now_ms: int) -> None:
    """From now on every user reaches it."""
    users.reach(now_ms, np.zeros(users.count, dtype=np.bool_))


def server_stops(world: World) -> None:
    """The mail server refuses every connection, and no user reaches it."""
    world.server_door.meets(REFUSED)
    world.reach(np.ones(world.users.count, dtype=np.bool_))


def server_starts(world: World) -> None:
    """It works again."""
    world.server_door.meets(UP)
    world.reach(np.zeros(world.users.count, dtype=np.bool_))
