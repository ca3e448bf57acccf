"""The driver of a seat: bytes of a client become keys, and nothing else."""

import pytest

from tests.at_table import at_table, shown
from tui.table.seat.driver import LARGEST, UnusableInput


async def test_a_screen_is_at_most_as_large_as_allowed() -> None:
    async with at_table() as here:
        lead = await here.at("lead", "", 999, 999)
        await shown(lead, "EXERCISE")
        driver = here.seats._seats["lead"].driver
        assert driver._size == LARGEST
        lead.resize(0, 0)
        assert driver._size == (1, 1)


async def test_answers_and_sizes_that_a_terminal_could_send_are_dropped() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        await shown(lead, "EXERCISE")
        driver = here.seats._seats["lead"].driver
        lead.feed(b"\x1b[48;50000;50000;1;1t\x1b[?2026;2$y\x1b[12;40R\x1b[I\x1b[Onote ok\r")
        await shown(lead, "noted note ok")
        assert driver._size == (120, 40)
        assert here.exercise.session.given == ["lead Ann: note ok"]


@pytest.mark.parametrize(
    "data", [b"\x1b[999999999999;5u", b"\x1b[1114112u", b"\x1b[200~" + b"x" * 9000, b"x" * 2000]
)
async def test_what_no_terminal_sends_is_refused_and_the_seat_goes_on(data: bytes) -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        await shown(lead, "EXERCISE")
        try:
            lead.feed(data)
        except UnusableInput:
            lead.end()
            lead = await here.at("lead")
        lead.feed(b"\x15note ok\r")  # the line is cleared first
        await shown(lead, "noted note ok")


async def test_half_a_character_is_not_the_end_of_input() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        e_acute = "é".encode()
        for piece in (b"note caf", e_acute[:1], e_acute[1:], b"", b"\r"):
            lead.feed(piece)
        await shown(lead, "noted note café")


async def test_a_paste_of_the_longest_line_arrives_whole() -> None:
    async with at_table() as here:
        lead = await here.at("lead")
        text = "note " + "long " * 110
        lead.feed(b"\x1b[200~" + text.encode() + b"\x1b[201~\r")
        await shown(lead, "noted note long")
        assert here.exercise.session.given == [f"lead Ann: {text.strip()}"]
