"""Whatever a file holds, it is a scenario or a BadFile: never another exception."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder
from tests.hostile import tries

SHIPPED = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
LINES = SHIPPED.splitlines(keepends=True)
VALUES = [
    "",
    "x",
    "7",
    "-7",
    "[]",
    "{}",
    "[a, {b: c}]",
    "{a: [1]}",
    "null",
    "true",
    "1h",
    "!!set {a}",
    "&a [*a]",
    "? a",
    "<<: {a: b}",
    "1.5",
    ".nan",
    "9" * 400,
    "9" * 20 + "d",
    "9999-12-31T23:59 Europe/London",
    "0001-01-01T00:00 Europe/London",
]


def refusal(folder: Path, text: str) -> list[str]:
    file = folder / "any.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    try:
        load_scenario(str(file), {})
    except BadFile as error:
        return error.lines
    return []


@pytest.mark.fuzz
@tries(40)
@given(line=st.integers(0, len(LINES) - 1), value=st.sampled_from(VALUES))
def test_a_value_that_is_something_else(tmp_path: Path, line: int, value: str) -> None:
    head, colon, _ = LINES[line].partition(":")
    text = "".join([*LINES[:line], f"{head}{colon} {value}\n", *LINES[line + 1 :]])
    assert all("\n" not in one for one in refusal(tmp_path, text))


@pytest.mark.fuzz
@tries(40)
@given(start=st.integers(0, len(SHIPPED)), length=st.integers(1, 200), put=st.text(max_size=10))
def test_a_piece_that_is_cut_or_overwritten(tmp_path: Path, start: int, length: int, put: str) -> None:
    text = SHIPPED[:start] + put + SHIPPED[start + length :]
    assert all("\n" not in one for one in refusal(tmp_path, text))
