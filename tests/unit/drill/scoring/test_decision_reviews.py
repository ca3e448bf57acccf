"""A decision on pausing that is put off: right while nothing can expire, and if somebody looks again."""

from dataclasses import replace

import pytest

from sim.drill.commands.outcome import Refused
from sim.drill.room.decisions import Judged
from sim.drill.scoring.decision_reviews import settled
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.decisions.decision_findings import decision_findings
from tests.drills.played import Played, run, scenario, steps
from tests.plays import play
from tests.unit.drill.scoring.test_decisions import KNOWN, NOON_MS, judged, sound

LATE_BY_MS = 30 * MINUTE_MS
PUT_OFF = Judged(0, "pause", "no", "decide pause no review=10h", False, True, "why", 10 * HOUR_MS)
LATER = replace(PUT_OFF, t_ms=10 * HOUR_MS, review_ms=None)
NAMED = {"back_by_ms": NOON_MS + 190 * HOUR_MS}
"""A time for which mail would surely expire."""


@pytest.mark.parametrize(
    ("age_h", "review_h", "right"), [(2, 22, True), (2, 70, True), (3, 70, False), (71, 2, False)]
)
def test_it_may_wait_until_the_oldest_has_waited_for_three_quarters(
    age_h: int, review_h: int, right: bool
) -> None:
    known = {"oldest_ms": age_h * HOUR_MS, **NAMED}
    assert sound(f"decide pause no review={review_h}h", **known) is right
    assert not sound("decide pause no", **known), "for good"
    assert judged(f"decide pause no review={review_h}h", **known).review_ms == NOON_MS + review_h * HOUR_MS


def test_a_longer_retention_leaves_more_time() -> None:
    known = {"oldest_ms": 71 * HOUR_MS, **NAMED}
    assert sound("decide pause no review=2h", **known, retention_ms=192 * HOUR_MS)
    assert sound("decide pause no review=12h", oldest_ms=None), "nothing waits"
    assert KNOWN.retention_ms == 96 * HOUR_MS


@pytest.mark.parametrize(
    ("after", "reported_h", "now_h", "held"),
    [
        ((), None, 10, True),  # it is not over yet
        ((), None, 11, False),
        ((LATER,), None, 20, True),
        ((replace(LATER, t_ms=10 * HOUR_MS + LATE_BY_MS),), None, 20, True),
        ((replace(LATER, t_ms=10 * HOUR_MS + LATE_BY_MS + 1),), None, 20, False),
        ((replace(LATER, about="continuity"),), None, 20, False),
        ((replace(LATER, about="retention"),), None, 20, True),
        ((), 10, 20, True),
        ((), 11, 20, False),
    ],
)
def test_somebody_must_look_again(
    after: tuple[Judged, ...], reported_h: int | None, now_h: int, held: bool
) -> None:
    reported_ms = None if reported_h is None else reported_h * HOUR_MS
    first = settled((PUT_OFF, *after), now_h * HOUR_MS, reported_ms, LATE_BY_MS)[0]
    assert first.sound is held
    assert first.why.endswith("the promised review did not take place") is not held


@pytest.mark.parametrize(("about", "held"), [("mx", True), ("pause", False)])
def test_a_no_to_the_mx_is_looked_at_again_by_a_decision_on_the_mx(about: str, held: bool) -> None:
    put_off, after = replace(PUT_OFF, about="mx"), replace(LATER, about=about)
    assert settled((put_off, after), 11 * HOUR_MS, None, LATE_BY_MS)[0].sound is held
    assert not settled((put_off,), 11 * HOUR_MS, None, LATE_BY_MS)[0].sound
    assert settled((put_off,), 10 * HOUR_MS, None, LATE_BY_MS)[0].sound, "it is not due yet"


def test_only_a_no_to_pausing_or_to_a_change_of_mx_is_put_off() -> None:
    session = play("2h", [], HOUR_MS)
    for text in ("decide pause yes review=2h", "decide mx yes review=2h", "decide outbound no review=2h"):
        given = session.dispatch(text)
        assert isinstance(given, Refused)
        assert given.reason == (
            "only a decision against a pause or an MX change can have a review; leave out review="
        )
    session.dispatch("decide pause no review=2h because=early")
    session.advance(session.now_ms + 5 * MINUTE_MS)
    assert session.events()[-1].text == "decided on pause: no; review by Mon 11:02; reason: early"
    session.dispatch("decide mx no review=2h because=the vendor names a time")
    session.advance(session.now_ms + 5 * MINUTE_MS)
    assert session.events()[-1].text.startswith("decided on mx: no; review by Mon 11:07")


def put_off(*again: tuple[str, str]) -> Played:
    event = ("alert.first + 5m", "continuity start group=all for=6d")
    first = ("outage.start + 2h", "decide pause no review=20h")
    return run(scenario("exchange-down", 60, "120h"), steps("exchange-down", event, first, *again))


def test_a_review_that_nobody_keeps_was_no_decision() -> None:
    asked = "decided-on-what-was-known"
    kept = put_off(("outage.start + 22h", "queue extend inbound 8d"))
    forgotten = put_off()
    assert (kept.objectives[asked], forgotten.objectives[asked]) == ("met", "failed")
    assert (kept.outcome.lost.bounced, forgotten.outcome.lost.bounced > 500) == (0, True)
    (told,) = [line for line in decision_findings(forgotten.session) if "pause no" in line]
    assert told.startswith("Wrong given the information available, and it turned out badly")
    assert "the promised review did not take place" in told
