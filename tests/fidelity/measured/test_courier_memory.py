"""A real Courier with more messages than its scheduler keeps in memory, 40 of 100 or 60 of 150 by setting,
400 of 600 by default: the others are forgotten until fewer than half of those have left, and then leave
together, long after they were due.

Without the limit at most 21 of 100 and 74 of 600 messages would leave within half a second.
"""

from bisect import bisect_left

import pytest

from tests.fidelity.measured.recorded import RUNS, Recorded, always, compare, explained
from tests.oracle.senders import History

SERVICE_MS = 1
MORE_THAN_FIT = sorted(path.stem for path in RUNS.glob("e17-courier-*.json"))
OF_A_HUNDRED = [name for name in MORE_THAN_FIT if name.endswith("-n100")]


def played(name: str) -> tuple[Recorded, History]:
    return explained(name, always("mx1"), service_ms=SERVICE_MS)


def since_the_return(name: str) -> tuple[list[int], list[int]]:
    """When messages left: model, run."""
    ours, theirs = zip(*compare(*played(name)).waiting_ms, strict=True)
    return sorted(ours), sorted(theirs)


def together(leaving_ms: list[int]) -> int:
    """How many leave within half a second, at most."""
    return max(bisect_left(leaving_ms, at_ms + 500) - place for place, at_ms in enumerate(leaving_ms))


@pytest.mark.parametrize("name", MORE_THAN_FIT)
def test_each_tenth_leaves_when_the_model_says(name: str) -> None:
    """Within a second by Courier's clock of whole seconds; without the limit, some tenth of 600 messages
    would be 4 s too early.
    """
    assert compare(*played(name)).fates_agree
    ours, theirs = since_the_return(name)
    for place in range(0, len(ours), len(ours) // 10):
        assert abs(ours[place] - theirs[place]) <= 1_400


@pytest.mark.parametrize("name", MORE_THAN_FIT)
def test_forgotten_messages_leave_together(name: str) -> None:
    ours, theirs = since_the_return(name)
    allowed = 1 if name in OF_A_HUNDRED else len(ours) // 5
    assert abs(together(ours) - together(theirs)) <= allowed


@pytest.mark.parametrize("name", MORE_THAN_FIT)
def test_forgotten_messages_make_no_connections(name: str) -> None:
    """Up to 40 connections more without the limit."""
    ours, theirs = compare(*played(name)).connections
    assert abs(ours - theirs) <= 9
