"""Moments of what was returned, by who returned it."""

import numpy as np

from sim.mail.accounts.return_times import Returns


def moments(*of: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(of, dtype=np.int64)


def test_the_moment_when_there_were_too_many_is_that_of_the_first_one_over() -> None:
    returns = Returns()
    returns.add("gateway refused", moments(30, 10))
    returns.add("server was refused", moments(20))
    returns.add("senders were refused", moments(5))
    returns.add("gateway refused", moments(40))
    known = ("gateway refused", "server was refused")
    assert [returns.beyond(n, "gateway refused", "server was refused") for n in range(5)] == [
        10,
        20,
        30,
        40,
        None,
    ]
    assert returns.beyond(0, *known, "senders were refused") == 5
    assert returns.count(*known) == 4
    assert returns.beyond(0, "backup expired") is None
