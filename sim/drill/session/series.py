"""A drill's past in samples: the inbound queue as a trainee's console plots it, and the truth."""

import numpy as np

from sim.drill.drill import Drill
from sim.kernel.series import sample_grid
from sim.mail.users.time_without_mail import without_mail

HISTORY = ("queue", "delivered", "bounced")
"""The series of the console: depth of the inbound queue; running totals of messages that the mail server
accepted from the queue, and of messages that left it otherwise.
"""

SERIES = ("queue", "delivered", "bounced", "without_mail")
"""The series of the truth."""


def history(
    drill: Drill, what: str, a_ms: int, b_ms: int, points: int, plotted_ms: int | None = None
) -> list[int]:
    """`points` evenly spaced samples over [a_ms, b_ms] of one of HISTORY; where the console has not shown
    values yet, the last value repeats.

    `plotted_ms`: the time up to which the console had plotted at an earlier moment; None: at the present one.
    """
    queue = drill.world.queue
    shown_ms = drill.last_seen.plotted_ms() if plotted_ms is None else plotted_ms
    grid_ms = np.minimum(sample_grid(a_ms, b_ms, points), shown_ms)
    if what == "queue":
        values = queue.entered.before(grid_ms) - queue.left.before(grid_ms)
    elif what == "delivered":
        values = queue.delivered.before(grid_ms)
    elif what == "bounced":
        values = queue.bounced.before(grid_ms)
    else:
        raise KeyError(f"no series {what!r}; choose from {', '.join(HISTORY)}")
    return [int(value) for value in values]


def true_series(drill: Drill, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
    """Samples of the truth, for `run --series` and tests, never for a trainee.

    One of SERIES at `points` evenly spaced times over [a_ms, b_ms]: depth of the inbound queue, messages that
    the mail server has accepted from it or that have bounced (running totals), or users without mail.
    """
    grid_ms = sample_grid(a_ms, b_ms, points)
    queue = drill.world.queue
    match what:
        case "queue":
            values = queue.entered.before(grid_ms) - queue.left.before(grid_ms)
        case "delivered":
            values = queue.delivered.before(grid_ms)
        case "bounced":
            values = queue.bounced.before(grid_ms)
        case "without_mail":
            values = without_mail(drill.world.users, grid_ms)
        case _:
            raise KeyError(f"no series {what!r}; choose from {', '.join(SERIES)}")
    return [int(value) for value in values]
