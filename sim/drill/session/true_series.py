"""The true history of a drill in samples, for `run --series` and tests, never for a trainee."""

from sim.drill.drill import Drill
from sim.kernel.series import sample_grid
from sim.mail.users.time_without_mail import without_mail

SERIES = ("queue", "delivered", "bounced", "without_mail")


def true_series(drill: Drill, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
    """Samples of one of SERIES at `points` evenly spaced times over [a_ms, b_ms]: depth of the inbound
    queue, messages that the mail server has accepted from it or that have bounced (running totals), or
    users without mail.
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
