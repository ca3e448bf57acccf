"""Looks: few false verdicts however often one looks, and none that is green without being decided."""

import numpy as np
import pytest

from sim.study.looks import fewest, look, sizes


def test_looks_double_up_to_the_number_of_runs() -> None:
    assert sizes(800) == (50, 100, 200, 400, 800)
    assert sizes(300) == (50, 100, 200, 300)
    assert sizes(20) == (20,)


def verdict(kept: np.ndarray, sure: float, planned: tuple[int, ...]) -> str:
    """The verdict of a study whose runs were `kept` or not."""
    for size in planned:
        found = look(int(kept[:size].sum()), size, sure, len(planned))
        if found.verdict != "undecided":
            return found.verdict
    return "undecided"


@pytest.mark.parametrize("sure", [0.5, 0.9])
def test_false_verdicts_at_the_border_stay_below_five_in_a_hundred(sure: float) -> None:
    """At the border neither verdict is more right: each that is given is counted as false."""
    planned = sizes(400)
    studies = np.random.default_rng(11).random((400, 400)) < sure
    found = [verdict(kept, sure, planned) for kept in studies]
    assert (len(found) - found.count("undecided")) / len(found) < 0.05


def test_far_from_the_border_the_first_look_decides() -> None:
    assert look(50, 50, 0.8, 5).verdict == "holds"
    assert look(10, 50, 0.9, 5).verdict == "fails"
    assert look(45, 50, 0.9, 5).verdict == "undecided"


def test_runs_that_ended_too_early_may_have_kept_it_or_not() -> None:
    """Neither `holds` nor `fails` may rest on them."""
    assert look(50, 100, 0.9, 5).verdict == "fails"
    found = look(50, 100, 0.9, 5, unknown=50)
    assert (found.verdict, found.kept, found.unknown) == ("undecided", 50, 50)
    assert (found.low, found.high) == (look(50, 100, 0.9, 5).low, 1.0)
    assert look(50, 100, 0.9, 5, unknown=10).verdict == "fails"
    assert look(99, 100, 0.9, 5, unknown=1).verdict == "holds"


def test_without_a_run_nothing_is_decided() -> None:
    found = look(0, 0, 0.9, 1)
    assert (found.verdict, found.low, found.high) == ("undecided", 0.0, 1.0)


def test_over_two_hundred_studies_the_intervals_cover_as_often_as_they_say() -> None:
    """All looks of a study together: in at least 95 of 100 studies every interval holds the truth."""
    share, planned = 0.83, sizes(400)
    studies = np.random.default_rng(17).random((200, 400)) < share
    covering = sum(
        all(
            found.low <= share <= found.high
            for found in (look(int(kept[:size].sum()), size, 0.9, len(planned)) for size in planned)
        )
        for kept in studies
    )
    assert covering / 200 >= 0.95


@pytest.mark.parametrize(("sure", "looks"), [(0.5, 1), (0.9, 1), (0.9, 5), (0.95, 8), (0.999, 5)])
def test_no_smaller_number_of_runs_could_hold(sure: float, looks: int) -> None:
    runs = fewest(sure, 0.05 / looks)
    assert runs is not None
    assert look(runs, runs, sure, looks).verdict == "holds"
    assert look(runs - 1, runs - 1, sure, looks).verdict == "undecided"


def test_no_number_of_runs_shows_a_certainty() -> None:
    assert fewest(1.0, 0.05) is None
    assert look(5_000, 5_000, 1.0, 1).verdict == "undecided"
