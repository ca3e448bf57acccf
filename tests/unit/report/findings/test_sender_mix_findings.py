"""Sentences on what hangs on who writes."""

import pytest

from sim.report.findings.sender_mix_findings import came_twice


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (
            {"outbox": 0, "notice": 1, "notice_outside": 0, "after_the_dot": 0},
            "1 message arrived twice: 1 sent again",
        ),
        (
            {"outbox": 0, "notice": 2, "notice_outside": 1, "after_the_dot": 0},
            "3 messages arrived twice: 2 sent again",
        ),
    ],
)
def test_one_copy_is_told_in_the_singular(counts: dict[str, int], told: str) -> None:
    assert came_twice(counts, "").startswith(told)


def test_where_nothing_came_twice_nothing_is_told() -> None:
    assert came_twice(dict.fromkeys(("outbox", "notice", "notice_outside", "after_the_dot"), 0), "") == ""
