"""The history of the inbound queue in samples, as the gateway's console plots it for a trainee."""

import numpy as np

from sim.drill.drill import Drill
from sim.kernel.series import sample_grid

HISTORY = ("queue", "delivered", "bounced")
"""The series: depth of the inbound queue; running totals of messages that the mail server accepted from
the queue, and of messages that left it otherwise.
"""


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
