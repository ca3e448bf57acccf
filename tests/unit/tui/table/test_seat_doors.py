"""Browsers and SSH lead to the same seats of a real exercise, and the facilitator admits a second client."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sim.table.exercise import Exercise
from tests.at_table import shown
from tests.plays import ONSET_MS, small
from tui.table.address import NoDoor
from tui.table.clock import TableClock
from tui.table.door_protocol import Around
from tui.table.facilitator.station import Station
from tui.table.seat.seat import Client, SeatTaken
from tui.table.seat_doors import SeatDoors, SeatPorts
from tui.table.second_client import SecondClients


@asynccontextmanager
async def doors(folder: Path, told: list[str]) -> AsyncIterator[tuple[Exercise, SeatDoors]]:
    journal = folder / "table.jsonl"
    exercise = Exercise.start(small(), 1, journal, ("messaging", "dns"))
    exercise.sit("facilitator", "Fay")
    around = Around(exercise, TableClock(exercise, time.monotonic, told.append), told.append, journal)
    opened = SeatDoors(around, bytes(32), SeatPorts(browser=0, ssh=0))
    await opened.open()
    try:
        yield exercise, opened
    finally:
        await opened.close()
        exercise.close()


async def test_a_seat_of_a_real_exercise_from_both_doors(tmp_path: Path) -> None:
    told: list[str] = []
    async with doors(tmp_path, told) as (exercise, opened):
        links = opened.links()
        assert [row.partition(":")[0] for row in links][:5] == [
            "seat messaging", "seat dns", "phone messaging", "phone dns", "projector",
        ]  # fmt: skip
        password = re.search(r"password (\S+)", next(row for row in links if row.startswith("SSH dns")))
        assert password is not None
        assert links[1].endswith(password[1])  # one token for a seat, whichever door
        messaging = await opened._seats.take("messaging", Client("a test"), 120, 40)
        await shown(messaging, "Type your name")
        messaging.feed(b"Mona\r")
        await shown(messaging, "you have the seat messaging")
        messaging.feed(b"tell all here I am\r")
        await shown(messaging, "sent to all")
        assert exercise.person("messaging") == "Mona"
        exercise.advance(ONSET_MS + 10)
        hidden = {one.text for one in exercise.session.events() if one.kind == "fault"}
        messaging.feed(b"0")
        text = await shown(messaging, "here I am")
        assert hidden
        assert not [one for one in hidden if one in text]
        assert any("seat messaging: a test is here" in line for line in told)


async def test_a_second_client_waits_for_the_facilitator() -> None:
    told: list[str] = []
    second = SecondClients(told.append)
    assert not second.admit("dns")
    answer = asyncio.create_task(second.ask("dns", "browser A", "browser B"))
    await asyncio.sleep(0)
    assert told == [
        "seat dns (browser A): browser B is asking for it; `admit dns NAME` lets NAME in, within a minute"
    ]
    assert second.asking == {"dns": told[0]}
    assert not await second.ask("dns", "browser A", "browser C")  # one question at a time
    assert second.admit("dns")
    assert await answer
    assert not second.asking
    assert not second.admit("dns")


async def test_an_admitted_newcomer_has_a_name_and_an_empty_line(tmp_path: Path) -> None:
    told: list[str] = []
    async with doors(tmp_path, told) as (exercise, opened):
        station = Station(exercise, "Fay", told.append, admit=opened.admit, asking=opened.asking)
        exercise.sit("dns", "Dan")
        first = await opened._seats.take("dns", Client("one"), 120, 40)
        first.feed(b"probe mx ")
        await shown(first, "probe mx ")
        asked = asyncio.create_task(opened._seats.take("dns", Client("other"), 120, 40))
        await asyncio.sleep(0)
        assert "other is asking for it" in opened.asking()["dns"]
        station.give("admit dns")
        assert told[-1] == "refused: add the person's name: `admit dns NAME`, or `admit dns Dan` for Dan"
        assert not asked.done()
        station.give("admit dns Nina")
        assert told[-1] == "admitted at dns: Nina"
        second = await asked
        assert exercise.person("dns") == "Nina"
        second.feed(b"tell all here I am\r")
        await shown(second, "sent to all")
        assert [one.source for one in exercise.events("dns") if "here I am" in one.text] == ["Nina (dns)"]
        station.give("admit dns Ada")
        assert told[-1] == "refused: no one is asking for dns"


async def test_tokens_are_void_and_seats_closed_after_the_end(tmp_path: Path) -> None:
    async with doors(tmp_path, []) as (_exercise, opened):
        pass
    with pytest.raises(KeyError):
        opened.links()
    with pytest.raises(SeatTaken, match="the facilitator has closed the table"):
        await opened._seats.take("dns", Client("late"), 80, 24)


async def test_codes_are_for_links_that_exist(tmp_path: Path) -> None:
    async with doors(tmp_path, []) as (_exercise, opened):
        assert len(opened.code("projector")) > 10
        assert opened.code("phone dns") != opened.code("dns")
        with pytest.raises(NoDoor, match="write qr SEAT, qr phone SEAT or qr projector"):
            opened.code("nowhere")
