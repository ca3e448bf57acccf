"""One is not many."""

import pytest

from sim.kernel.plural import counted


@pytest.mark.parametrize(("number", "told"), [(0, "0 messages"), (1, "1 message"), (1204, "1,204 messages")])
def test_one_is_singular(number: int, told: str) -> None:
    assert counted(number, "message") == told
