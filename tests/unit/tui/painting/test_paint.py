"""Painting: a row takes exactly its cells on every terminal, whatever its text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sim.kernel.plain_line import not_plain
from tests.hostile import tries
from tui.painting.paint import strip

SIGNS = list("a \u00ad\u200d\u200e\x1b\ud800\u115f\u6f22\U0001f468")
ODD = st.text(st.one_of(st.sampled_from(SIGNS), st.characters()))


@pytest.mark.parametrize(
    "text", ["a\u200db" * 9, "\u00ad" * 9, "\u115f" * 9, "\U0001f468\u200d\U0001f467" * 9]
)
def test_characters_that_are_not_seen_take_no_cells_and_cannot_push_the_next_pane(text: str) -> None:
    """Joined characters count as one for the screen's library, and as two for many a terminal."""
    painted = strip(((text, ""),), 10)
    shown = "".join(segment.text for segment in painted)
    assert sum(cell_len(sign) for sign in shown) == painted.cell_length == 10


@pytest.mark.fuzz
@tries(100)
@given(text=ODD, width=st.integers(1, 30))
def test_any_text_is_painted_in_exactly_its_cells(text: str, width: int) -> None:
    painted = strip(((text, ""), ("end", "dim")), width)
    shown = "".join(segment.text for segment in painted)
    assert cell_len(shown) == painted.cell_length == width
    assert not not_plain(shown)
    assert "\u200d" not in shown
