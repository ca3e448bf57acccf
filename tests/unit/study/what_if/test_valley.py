"""The cost of a decision at other times: the best moment, and the one from which it was too late, from
runs."""

from collections.abc import Sequence
from dataclasses import replace

from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS
from sim.report.paper.html.valley import said, valley_charts
from sim.report.paper.regret_rows import ValleyRow
from sim.study.what_if.cost import RunCost, Stake
from sim.study.what_if.regret import Regret
from sim.study.what_if.subject import Subject, Variation
from sim.study.what_if.valley import AWAY_MS, Valley, valleys
from tests.plays import ONSET_MS, small

NO_COST = RunCost(0, 0, 0, 0, 0.0, 0, 0, 0, 0)
STAKE = Stake(100, 100, 100, 100, 100, 100, 100, 100)
GIVEN_MS = ONSET_MS + 3 * HOUR_MS
LOCK = "lock open for the backup"


def test_each_point_is_a_run_with_the_command_at_that_moment() -> None:
    """Here each hour of delay costs ten messages, and a day's worth of them is as bad as never."""
    subject = Subject(small(), 1, ((GIVEN_MS, LOCK), (GIVEN_MS, "note a")), FOREVER_MS, {})
    did = replace(NO_COST, lost=30)
    never = Regret(Variation("without", LOCK), GIVEN_MS, 1, did, STAKE, replace(NO_COST, lost=50), -0.2)

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        found = []
        for one in variations:
            (given_ms,) = [t_ms for t_ms, what in subject.inputs(one) if what == LOCK]
            assert (GIVEN_MS, "note a") in subject.inputs(one)
            found.append(replace(NO_COST, lost=min(50, 10 * (given_ms - ONSET_MS) // HOUR_MS)))
        return found

    (valley,) = valleys(subject, [never], runs)
    assert [t_ms - GIVEN_MS for t_ms, _gain in valley.points] == [
        *(-away_ms for away_ms in reversed(AWAY_MS[:3])),
        0,
        *AWAY_MS[:3],
    ], "four hours earlier was before the outage, and two hours later it comes to the same as never"
    assert valley.best_ms == GIVEN_MS - 2 * HOUR_MS
    assert valley.too_late_ms == GIVEN_MS + 2 * HOUR_MS
    assert valleys(subject, [replace(never, gain=0.001)], runs) == ()


def test_a_command_that_should_not_have_been_given_is_never_too_late() -> None:
    valley = Valley("deliveries pause inbound", 9, ((0, -0.1), (9, 0.0), (20, 0.01)), never=0.5)
    assert (valley.best_ms, valley.too_late_ms) == (9, None)
    refused = Valley("approve mx", 9, ((0, 0.5), (5, 0.3), (9, 0.0)), never=0.5)
    assert refused.best_ms == 5, "where it comes to the same as never, it was not given"


def test_it_is_told_in_words_in_a_picture_and_in_a_table_without_markup_from_people() -> None:
    points = ((-60, "Mon 09:12", -12.0), (0, "Mon 10:12", 0.0), (60, "Mon 11:12", 20.0))
    row = ValleyRow("note <b>x</b>", points, "Mon 10:12", "Mon 09:12", "Mon 11:12", 20.0)
    assert said(row) == (
        "Given at Mon 10:12; best at Mon 09:12. "
        "Too late from Mon 11:12 on: after that, giving it is no better than not giving it."
    )
    page = "".join(str(one) for one in valley_charts([row]))
    assert "<b>x</b>" not in page
    assert "-12.0" in page
    assert valley_charts([]) == []
