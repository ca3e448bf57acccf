"""The server team's words: about what is left, by the draw; revised, and silent when nothing is broken."""

from functools import partial
from itertools import pairwise

import pytest

from sim.drill.organisation.house_rules import EstimateManners
from sim.drill.organisation.staff_file import EstimateRules
from sim.drill.room.repair_estimates import Estimate, Estimates, estimate
from sim.kernel.duration import HOUR_MS, MINUTE_MS

QUARTER_MS = 15 * MINUTE_MS
MANNERS = EstimateManners(named_to="15m", apart="30m", source="test", confidence="assumed")  # type: ignore[call-arg]


def rules(*off: int, sure: int = 160, every: str = "4h") -> EstimateRules:
    return EstimateRules.model_validate({
        "after_minutes": [60, 120], "off_percent": off or (50, 100, 200), "sure_percent": sure,
        "every": every, "source": "test", "confidence": "assumed",
    })  # fmt: skip


@pytest.mark.parametrize(("percent", "hours"), [(50, 5), (100, 10), (200, 20)])
def test_a_word_is_about_what_is_left_of_the_repair(percent: int, hours: int) -> None:
    one = estimate(rules(percent, percent), QUARTER_MS, 1, 0, 2 * HOUR_MS, 12 * HOUR_MS)
    assert one == Estimate(2 * HOUR_MS, (2 + hours) * HOUR_MS, 2 * HOUR_MS + 16 * hours * HOUR_MS // 10)


def test_over_many_seeds_some_are_too_early_and_few_beyond_what_was_allowed() -> None:
    words = [
        estimate(rules(50, 75, 100, 125, 150), QUARTER_MS, seed, 0, 0, 100 * HOUR_MS) for seed in range(400)
    ]
    early = sum(one.by_ms < 100 * HOUR_MS for one in words)
    beyond = sum(one.sure_ms < 100 * HOUR_MS for one in words)
    assert 160 < early < 240, "half of the table"
    assert 30 < beyond < 80, "below 62.5: an eighth of the table"
    assert all(one.by_ms % QUARTER_MS == 0 == one.sure_ms % QUARTER_MS for one in words)


def spoken(end_ms: int, *off: int, every: str = "4h", again: tuple[int, int] | None = None) -> list[Estimate]:
    """All words of a repair that ends then, with a clock made of a list.

    `again`: (from, to) of a second failure; all that is told of failing is that something may have failed.
    """
    agenda, now = [], [0]
    said: list[Estimate] = []

    def ends_ms() -> int | None:
        spans = [(0, end_ms), *([again] if again else [])]
        return next((to_ms for from_ms, to_ms in spans if from_ms <= now[0] < to_ms), None)

    team = Estimates(
        rules(*off, every=every), MANNERS, 7, lambda at_ms, act: agenda.append((at_ms, act)), ends_ms,
        said.append,
    )  # fmt: skip
    for begins_ms in [0, 5, *([end_ms, again[0] - MINUTE_MS, again[0]] if again else [])]:
        agenda.append((begins_ms, partial(team.begin, begins_ms)))
    while agenda:
        agenda.sort(key=lambda one: one[0])
        now[0], act = agenda.pop(0)
        act()
    assert team.given == said
    return said


def test_the_first_word_comes_in_the_second_hour_and_then_every_four() -> None:
    said = spoken(24 * HOUR_MS, 200, 200)
    assert HOUR_MS <= said[0].t_ms <= 2 * HOUR_MS
    assert {later.t_ms - one.t_ms for one, later in pairwise(said)} == {4 * HOUR_MS}
    assert all(later.by_ms < one.by_ms for one, later in pairwise(said)), "each is better"


def test_when_a_named_time_has_passed_they_speak_again() -> None:
    said = spoken(20 * HOUR_MS, 10, 10)
    for one, later in pairwise(said):
        assert later.t_ms == max(one.by_ms, one.t_ms + 30 * MINUTE_MS)
    assert len(said) > 10


def test_a_short_failure_hears_nothing() -> None:
    assert spoken(HOUR_MS - 1) == []
    nobody = Estimates(
        None, MANNERS, 1, lambda _at, _act: pytest.fail("nobody speaks"), lambda: 5, lambda _one: None
    )
    nobody.begin(0)
    assert nobody.known_at(HOUR_MS) is None


def test_a_later_failure_has_words_of_its_own() -> None:
    """The first may be over before anything was said of it, and a false alarm in between says nothing."""
    again = (30 * HOUR_MS, 50 * HOUR_MS)
    for first_ms in (10 * MINUTE_MS, 20 * HOUR_MS):
        said = spoken(first_ms, 100, 100, again=again)
        of_it = [one for one in said if one.t_ms >= again[0]]
        assert 31 * HOUR_MS <= of_it[0].t_ms <= 32 * HOUR_MS
        assert of_it[0].by_ms == again[1], "a word of 100 % names the end"
        assert (len(said) > len(of_it)) is (first_ms > HOUR_MS)


def test_what_was_known_is_the_last_word_before() -> None:
    team = Estimates(rules(), MANNERS, 1, lambda _at, _act: None, lambda: 5, lambda _one: None)
    team.given = [Estimate(10, 20, 30), Estimate(15, 40, 50)]
    assert [team.known_at(at_ms) for at_ms in (9, 10, 14, 15)] == [None, *team.given[:1] * 2, team.given[1]]
