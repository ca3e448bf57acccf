"""Which command of an earlier run lends its draws, if the same text was given several times."""

import pytest

from sim.drill.room.draw_keys import OWN_KEYS, DrawKeys
from sim.kernel.duration import MINUTE_MS

GIVEN = {10: 1, 30: 2, 40: 3}
"""The key of each command, by the minute at which the earlier run gave it."""


def again(*minutes: int) -> list[int]:
    """The keys of the same commands, given at these minutes."""
    first, run = DrawKeys(), DrawKeys()
    for minute, key in GIVEN.items():
        first.begin("alerts ack", minute * MINUTE_MS).next(key)
    run.as_before(first.drawn)
    return [run.begin("alerts ack", minute * MINUTE_MS).next(99) for minute in minutes]


@pytest.mark.parametrize(
    ("minutes", "keys"),
    [
        ((10, 30, 40), [1, 2, 3]),
        ((30, 40), [2, 3]),
        ((10, 40), [1, 3]),
        ((10, 30), [1, 2]),
        ((25, 45, 55), [1, 2, 3]),
        ((0, 15, 25), [1, 2, 3]),
        ((29, 30, 40), [1, 2, 3]),
        ((10, 33, 40), [1, 2, 3]),
    ],
)
def test_each_of_several_like_commands_keeps_its_own_draws(minutes: tuple[int, ...], keys: list[int]) -> None:
    """Whichever of them is left out, and if all of them or one of them are given at other times."""
    assert again(*minutes) == keys


def test_one_command_more_has_draws_of_its_own() -> None:
    *kept, added = again(10, 30, 40, 50)
    assert kept == [1, 2, 3]
    assert added >= OWN_KEYS
