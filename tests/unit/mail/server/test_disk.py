"""The mail server's disk by hand: what each message takes of it, and where it is full and free again."""

import numpy as np
import pytest

from sim.mail.server.disk import Disk, DiskRules, over

RULES = DiskRules(100_000, 50_000, 20_000, 1_000, 89, 80, 110)


def test_a_message_takes_its_logs_and_while_it_waits_its_own_size() -> None:
    disk = Disk(RULES)
    assert (disk.used_bytes(0, 0), disk.used_bytes(10, 0), disk.used_bytes(10, 4)) == (50_000, 61_000, 65_000)
    assert (disk.logs_bytes(10), disk.percent_used(10, 4)) == (31_000, 65.0)
    columns = np.array([[10, 0], [10, 4]], dtype=np.int64).T
    assert over(disk, *columns) == [61_000, 65_000]
    assert over(None, *columns) == [0, 0]


def test_a_backup_lets_go_of_all_logs_so_far_and_of_nothing_else() -> None:
    disk = Disk(RULES)
    assert disk.back_up(10) == 31_000
    assert (disk.used_bytes(10, 4), disk.used_bytes(12, 4)) == (34_000, 36_200)
    assert disk.logs_bytes(12) == 2_200
    assert disk.back_up(12) == 2_200
    assert (disk.used_bytes(12, 4), disk.logs_bytes(12)) == (34_000, 0)


def test_on_another_volume_lie_the_queue_and_the_logs_to_come() -> None:
    disk = Disk(RULES)
    assert not disk.moved
    disk.move(200_000, 12)
    assert disk.moved
    assert (disk.used_bytes(12, 4), disk.percent_used(12, 4)) == (4_000, 2.0)
    assert (disk.logs_bytes(12), disk.logs_bytes(13)) == (0, 1_100)
    assert disk.polled(False, 178_000)
    assert not disk.polled(False, 177_999)


@pytest.mark.parametrize(
    ("full", "used_bytes", "after"),
    [(False, 88_999, False), (False, 89_000, True), (True, 80_000, True), (True, 79_999, False)],
)
def test_it_is_full_from_the_upper_mark_on_until_less_than_the_lower_is_used(
    full: bool, used_bytes: int, after: bool
) -> None:
    disk = Disk(RULES)
    assert disk.polled(full, used_bytes) is after
    assert not disk.full, "a poll says so; what polls remembers it"


@pytest.mark.parametrize(
    ("full", "least", "most", "stays"),
    [
        (False, (0, 0), (35, 0), True),
        (False, (0, 0), (35, 1), False),
        (False, (36, 0), (36, 0), False),
        (True, (0, 0), (36, 0), False),
        (True, (28, 0), (36, 0), True),
        (True, (27, 0), (36, 0), False),
    ],
)
def test_no_poll_changes_it_if_neither_end_of_what_can_come_does(
    full: bool, least: tuple[int, int], most: tuple[int, int], stays: bool
) -> None:
    """35 messages' logs make 88.5 %, 36 make 89.6 %; 28 make 80.8 %, 27 make 79.7 %."""
    assert Disk(RULES).stays(full, least, most) is stays
