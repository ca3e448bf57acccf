"""Painted bytes on their way to one client: the one who paints never waits."""

import asyncio

import pytest

from tui.table.seat import outlet
from tui.table.seat.outlet import MOST_PENDING, Outlet, pour


async def test_bytes_arrive_in_order_and_at_once() -> None:
    here = Outlet(lambda: pytest.fail("nothing was dropped"))
    here.put(b"one ")
    here.put(b"two")
    assert await here.take() == b"one two"


async def test_what_a_slow_client_misses_is_painted_again_when_it_reads() -> None:
    asked: list[str] = []

    def paint_again() -> None:
        asked.append("all of it")
        here.put(b"everything")

    here = Outlet(paint_again)
    here.put(b"x" * MOST_PENDING)
    here.put(b"one more")
    here.put(b"another")
    assert asked == []
    assert await here.take() == b"everything"
    assert asked == ["all of it"]


async def test_a_closed_outlet_ends_the_one_who_sends() -> None:
    here = Outlet(lambda: None)
    here.put(b"lost")
    here.close()
    here.put(b"ignored")
    assert await here.take() == b""


async def test_a_client_that_stops_reading_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 0.01)
    here = Outlet(lambda: None)
    here.put(b"paint")

    async def stuck(_piece: bytes) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await pour(here, stuck)
