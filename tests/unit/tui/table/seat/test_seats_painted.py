"""The screen of a seat for the facilitator: what its client sees, and nothing before it is opened."""

from tests.at_table import at_table


async def test_the_mirror_shows_the_screen_that_the_client_sees() -> None:
    async with at_table() as here:
        assert here.seats.painted("dns") == []
        await here.at("dns", columns=120, rows=40)
        rows = [one.text for one in here.seats.painted("dns")]
        assert len(rows) == 40
        assert all(len(row) == 120 for row in rows)
        assert any("dns" in row for row in rows)
        assert here.seats.painted("lead") == []
