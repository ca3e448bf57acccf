"""One snapshot for all seats that paint at nearly the same moment."""

from sim.drill.snapshot.console import Snapshot
from tests.tui.fake_session import HOUR, snapshot_at
from tui.table.seat.glance import KEPT_S, Glance


class Looks:
    """Counts the looks that are taken."""

    def __init__(self) -> None:
        self.glance, self.taken = Glance(), 0

    def at(self, now_ms: int, now_s: float, *, stands: bool = False, listed: int = 0) -> int:
        def look() -> Snapshot:
            self.taken += 1
            return snapshot_at(now_ms)

        return self.glance.at(now_ms, now_s, listed, stands, look).t_ms


def test_seats_share_a_snapshot_for_a_moment() -> None:
    looks = Looks()
    assert looks.at(HOUR, 1.0) == HOUR
    assert looks.at(HOUR + 3000, 1.0 + KEPT_S / 2) == HOUR
    assert looks.at(HOUR + 9000, 1.01 + KEPT_S) == HOUR + 9000
    assert looks.taken == 2


def test_a_clock_that_stands_a_rewind_a_deed_and_another_list_need_a_new_one() -> None:
    looks = Looks()
    looks.at(HOUR, 1.0)
    assert looks.at(HOUR + 10, 1.01, stands=True) == HOUR + 10
    assert looks.at(HOUR - 10, 1.02) == HOUR - 10
    looks.glance.forget()
    looks.at(HOUR - 10, 1.02)
    looks.at(HOUR - 10, 1.02, listed=5)
    assert looks.taken == 5
