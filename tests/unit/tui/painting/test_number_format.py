import pytest

from tui.painting.number_format import GROUP, compact, count, left_text, nice_ceiling, spaced, span_text
from tui.painting.rows import cut, left, right, shorten, spread, text_of, width_of, wrap

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (9480, f"9{GROUP}480"), (2_000_000, f"2{GROUP}000{GROUP}000")],
)
def test_thousands_stand_apart(number: int, text: str) -> None:
    assert count(number) == text


def test_numbers_in_texts_of_the_world_are_written_alike() -> None:
    assert spaced("1,204 correspondents, 12,000,000 more") == (
        f"1{GROUP}204 correspondents, 12{GROUP}000{GROUP}000 more"
    )
    assert spaced("at 5,20 or 1,2345") == "at 5,20 or 1,2345"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 s"),
        (222, "0 s"),
        (8_000, "8 s"),
        (47 * MINUTE + 59_000, "47 min"),
        (185 * MINUTE, "3 h 5 min"),
        (47 * HOUR + 59 * MINUTE, "47 h 59 min"),
        (2 * DAY, "2 d"),
        (13 * DAY + 23 * HOUR, "13 d 23 h"),
    ],
)
def test_an_age_is_in_whole_minutes_and_takes_eleven_cells_at_most(ms: int, text: str) -> None:
    assert span_text(ms) == text
    assert len(text) <= 11


@pytest.mark.parametrize(
    ("ms", "text"),
    [(4 * MINUTE - 1, "4 min"), (4 * MINUTE, "4 min"), (4 * MINUTE - 1001, "3 min"), (-5, "0 s")],
)
def test_a_remaining_time_agrees_with_the_clock_a_millisecond_after_the_minute(ms: int, text: str) -> None:
    """Steps of the clock end there: a task until 10:55 has four minutes left when it shows 10:51:00."""
    assert left_text(ms) == text


def test_axis_labels_fit_four_cells() -> None:
    assert compact(9_480) == "9.5k"
    assert all(len(compact(nice_ceiling(10**power + 1))) <= 4 for power in range(9))


@pytest.mark.parametrize(("number", "top"), [(0, 10), (10, 10), (11, 20), (9_480, 10_000), (41_000, 60_000)])
def test_the_axis_ends_at_a_round_number(number: int, top: int) -> None:
    assert nice_ceiling(number) == top


def test_cells_have_exactly_their_width() -> None:
    assert left("queue", 8) == "queue   "
    assert right("42", 5) == "   42"
    assert left("gateway", 4) == "gat…"
    assert shorten("gateway", 0) == ""


def test_a_row_that_is_cut_says_so() -> None:
    row = (("Internet", ""), (" ", ""), ("Gateway", "strong"))
    assert cut(row, 16) == row
    assert text_of(cut(row, 12)) == "Internet Ga…"
    assert width_of(cut(row, 9)) <= 9


def test_spread_fills_the_width_and_keeps_the_end() -> None:
    row = spread((("a long title", ""),), (("end", ""),), 10)
    assert text_of(row) == "a long…end"
    assert text_of(spread((("a", ""),), (("b", ""),), 5, fill="─")) == "a───b"


def test_wrapping_loses_no_word() -> None:
    text = "decide about pausing while there is time, and write it down"
    assert " ".join(wrap(text, 17)) == text
    assert max(map(len, wrap(text, 17))) <= 17


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    assert wrap("they hear it within 10 min of the alert", 22) == (
        "they hear it within",
        "10 min of the alert",
    )
    assert wrap("after 2 d 4 h", 8) == ("after", "2 d 4 h")
