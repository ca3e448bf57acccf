"""When those who look themselves could know that an outage is over."""

import pytest

from sim.drill.room.evidence import OPENED, PROBED, SENT, Sighting, known_back_ms
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import HOUR_MS

SERVER = frozenset({"mail-server"})


def fault(what: str, at_h: int = 1, **more: object) -> Fault:
    return Fault.model_validate({"id": f"f{at_h}", "at": f"T+{at_h}h", "fault": what, "for": "2h"} | more)


def known_h(faults: list[Fault], *seen: tuple[float, frozenset[str]], now_h: float = 9) -> float | None:
    looks = [Sighting(int(hour * HOUR_MS), works) for hour, works in seen]
    found = known_back_ms(looks, faults, int(now_h * HOUR_MS), HOUR_MS)
    return None if found is None else found / HOUR_MS


@pytest.mark.parametrize(
    ("what", "shown_by", "not_by"),
    [
        ("mail-server refuses", (PROBED, OPENED, SERVER), (SENT,)),
        ("access lost", (OPENED,), (PROBED, SENT, SERVER)),
        ("gateway refuses", (PROBED, SENT), (OPENED, SERVER)),
        ("receivers answer 4xx", (SENT,), (PROBED, OPENED)),
    ],
)
def test_a_look_shows_what_it_goes_through(
    what: str, shown_by: tuple[frozenset[str], ...], not_by: tuple[frozenset[str], ...]
) -> None:
    for works in shown_by:
        assert known_h([fault(what)], (3.5, works)) == 3.5
    for works in not_by:
        assert known_h([fault(what)], (3.5, works)) is None


def test_what_was_seen_before_the_return_shows_nothing() -> None:
    one = [fault("mail-server refuses")]
    assert known_h(one, (2.5, PROBED)) is None
    assert known_h(one, (2.5, PROBED), (3, PROBED)) == 3
    assert known_h(one, (3.5, PROBED), now_h=3.25) is None
    assert known_h(one, (3.5, PROBED), now_h=2.75) is None
    assert known_h([], (3.5, PROBED)) is None


def test_a_lost_sign_in_has_to_be_seen_as_well() -> None:
    one = [fault("mail-server answers 4xx", sign_in="lost")]
    assert known_h(one, (4, PROBED)) is None
    assert known_h(one, (4, PROBED), (5, OPENED)) == 5


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("mail-server is intermittent", {"share_percent": 75}),
        ("mail-server is partial", {"share_percent": 30}),
        ("gateway refuses", {"hosts": "one"}),
    ],
)
def test_what_failed_in_part_has_to_be_seen_for_an_hour(what: str, more: dict[str, object]) -> None:
    one = [fault(what, **more)]
    assert known_h(one, (3.5, PROBED)) is None
    assert known_h(one, (3.5, PROBED), (4.25, PROBED)) is None
    assert known_h(one, (2.5, PROBED), (3.5, PROBED), (4.5, PROBED)) == 4.5


def test_between_two_outages_the_first_one_counts() -> None:
    two = [fault("mail-server refuses"), fault("mail-server refuses", at_h=5)]
    assert known_h(two, (3.5, PROBED), (7.5, PROBED), now_h=4) == 3.5
    assert known_h(two, (3.5, PROBED), now_h=8) is None
    assert known_h(two, (3.5, PROBED), (7.5, PROBED), now_h=8) == 7.5
