"""One is not many."""

import pytest

from sim.kernel.quantities import GB, MB, counted, size_in_words


@pytest.mark.parametrize(("number", "told"), [(0, "0 messages"), (1, "1 message"), (1204, "1,204 messages")])
def test_one_is_singular(number: int, told: str) -> None:
    assert counted(number, "message") == told


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (240 * MB, "240 MB"), (3_949_000_000, "3.9 GB"),
     (9_960_000_000, "10 GB"), (12_345 * GB, "12,345 GB")],
)  # fmt: skip
def test_sizes_in_words(size_bytes: int, words: str) -> None:
    assert size_in_words(size_bytes) == words
