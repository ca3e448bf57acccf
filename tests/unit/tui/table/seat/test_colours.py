"""The nearest of 256 colours."""

import io

import pytest
from rich.console import Console

from tui.table.seat.colours import nearest, true_colours, with_256_colours


@pytest.mark.parametrize(
    ("colour", "number"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 231),
        ((95, 135, 175), 67),
        ((255, 0, 0), 196),
        ((8, 8, 8), 232),
        ((128, 128, 128), 244),
    ],
)
def test_exact_colours_have_their_own_number(colour: tuple[int, int, int], number: int) -> None:
    assert nearest(*colour) == number


def test_only_colours_are_changed() -> None:
    painted = "\x1b[1;38;2;255;255;255;48;2;255;0;0mtext 38;5 \x1b[0m"
    assert with_256_colours(painted) == "\x1b[1;38;5;231;48;5;196mtext 38;5 \x1b[0m"


def test_seats_have_true_colours_beside_a_screen_with_few() -> None:
    """The styles are shared, and Rich keeps the codes of the first use."""
    few = Console(color_system="256", file=io.StringIO(), force_terminal=True)
    true = true_colours(few)
    assert true.color_system == "truecolor"
    assert true.file is few.file
