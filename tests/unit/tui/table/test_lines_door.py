"""JSON lines: what a stranger, a flood, an endless line and a client that does not read come to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sim.kernel.user_mistake import Mistake
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tests.tui.conftest import Wall
from tui.table import lines_client, lines_door
from tui.table.lines_client import LONGEST_LINE_BYTES
from tui.table.lines_door import LinesDoor
from tui.table.log_on import Keyring
from tui.table.second_client import SecondClients

SEATS = ("messaging", "dns", "facilitator")


@dataclass
class Here:
    """The door of one exercise, and what the facilitator was shown."""

    path: Path
    exercise: Exercise
    keyring: Keyring = field(default_factory=lambda: Keyring(bytes(32), SEATS))
    wall: Wall = field(default_factory=Wall)
    reported: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    """What the facilitator was asked about second clients."""

    def __post_init__(self) -> None:
        self.second = SecondClients(self.questions.append)
        self.door = LinesDoor(
            self.exercise, self.keyring, self.path, self.wall, self.reported.append, self.second.ask
        )

    @asynccontextmanager
    async def client(
        self, seat: str = "", person: str = "Mona", limit: int = 1 << 22
    ) -> AsyncIterator["Client"]:
        """`limit`: twice as many bytes are taken from the door before they are read."""
        client = Client(*await asyncio.open_unix_connection(str(self.path), limit=limit))
        try:
            if seat:
                client.send({"is": "hello", "version": 1, "token": self.token(seat), "person": person})
                assert (await client.next())["is"] == "welcome"
            yield client
        finally:
            client.writer.close()
            with suppress(ConnectionError):
                await client.writer.wait_closed()

    def token(self, seat: str) -> str:
        return self.keyring.token("seat", seat)


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, line: dict[str, Any]) -> None:
        self.writer.write(json.dumps(line).encode() + b"\n")

    async def next(self) -> dict[str, Any]:
        """The next line; empty after the end of the connection."""
        try:
            return json.loads(await self.reader.readline() or b"{}")  # type: ignore[no-any-return]
        except ConnectionError:
            return {}

    async def ask(self, line: dict[str, Any]) -> dict[str, Any]:
        self.send(line)
        return await self.next()

    async def rest(self) -> list[dict[str, Any]]:
        """Everything up to the end of the connection."""
        found = []
        while line := await self.next():
            found.append(line)
        return found


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    exercise = Exercise.start(small(), 1, None, ("messaging", "dns"))
    exercise.sit("facilitator", "Fay")
    one = Here(tmp_path / "door.sock", exercise)
    await one.door.open()
    yield one
    await one.door.close()
    assert not one.path.exists()


async def test_a_seat_opens_only_with_its_token(here: Here) -> None:
    assert here.path.stat().st_mode & 0o777 == 0o600
    async with here.client() as stranger:
        assert (await stranger.ask({"is": "do", "text": "note x"}))["text"] == "say hello first"
        stranger.send({"is": "hello", "version": 1, "token": "wrong", "person": "Eve"})
        assert [one["is"] for one in await stranger.rest()] == ["error"]
    async with here.client() as stranger:
        stranger.send({"is": "hello", "version": 1, "token": here.token("dns"), "seat": "messaging"})
        assert "does not open that seat" in (await stranger.rest())[0]["text"]
    async with here.client() as old:
        assert "version 1" in (await old.ask({"is": "hello", "version": 9, "token": "x"}))["text"]
    assert here.exercise.person("dns") == ""


async def test_a_person_keeps_the_seat_until_the_facilitator_frees_it(here: Here) -> None:
    async with here.client("dns", "Dan") as dan, here.client() as eve:
        told = await eve.ask({"is": "hello", "version": 1, "token": here.token("dns"), "person": "Eve"})
        assert told["text"] == "Dan has the seat dns; ask the facilitator to free it"
        here.exercise.leave("dns")
        told = await dan.ask({"is": "do", "id": 1, "text": "note hello"})
        assert "no longer has the seat dns" in told["text"]
        assert told["id"] == 1


async def test_a_second_client_with_the_same_token_and_name_waits_for_the_facilitator(here: Here) -> None:
    hello = {"is": "hello", "version": 1, "token": here.token("dns"), "person": "Dan"}
    async with here.client("dns", "Dan") as dan, here.client() as second:
        assert (await second.ask(hello))["is"] == "wait"
        assert (await dan.ask({"is": "do", "id": 1, "text": "note hello"}))["accepted"]
        async with here.client() as third:  # one question for each seat at a time
            assert [(await third.ask(hello))["is"], (await third.next())["is"]] == ["wait", "error"]
        assert len(here.questions) == 1
        assert "`admit dns NAME` lets NAME in" in here.second.asking["dns"]
        assert here.second.admit("dns")
        assert (await second.next())["is"] == "welcome"
        assert "opened elsewhere" in (await dan.rest())[-1]["text"]
        assert (await second.ask({"is": "do", "id": 2, "text": "note hello"}))["accepted"]
        assert (await second.ask(hello))["is"] == "welcome", "it has the seat itself"


async def test_a_client_that_comes_back_has_its_seat_without_a_question(here: Here) -> None:
    async with here.client("dns", "Dan"):
        pass
    async with here.client("dns", "Dan") as dan:
        assert (await dan.ask({"is": "do", "id": 1, "text": "note hello"}))["accepted"]
    assert here.questions == []


async def test_a_door_closes_while_a_second_client_waits(here: Here) -> None:
    async with here.client("dns", "Dan"):
        second = Client(*await asyncio.open_unix_connection(str(here.path)))
        hello = {"is": "hello", "version": 1, "token": here.token("dns"), "person": "Dan"}
        assert (await second.ask(hello))["is"] == "wait"
        async with asyncio.timeout(10):
            await here.door.close()
        assert [one["is"] for one in await second.rest()] == ["end"]
        second.writer.close()


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[]", b'{"is":7}', b'{"is":"dance"}', b'{"is":"do"}', b'{"is":"look","what":"truth"}'],
)
async def test_a_line_that_is_not_understood_is_answered(here: Here, line: bytes) -> None:
    async with here.client("messaging") as mona:
        mona.writer.write(line + b"\n")
        assert (await mona.next())["is"] == "error"
        assert (await mona.ask({"is": "do", "id": 2, "text": "note hello"}))["accepted"]


async def test_an_endless_line_and_a_flood_are_cut_off_and_others_go_on(here: Here) -> None:
    async with here.client("dns", "Dan") as dan, here.client("messaging") as mona:
        mona.writer.write(b"x" * (LONGEST_LINE_BYTES + 2))
        assert "longer than" in (await mona.rest())[-1]["text"]
        async with here.client("messaging") as again:
            for _line in range(100):  # the wall clock of this test does not move
                again.send({"is": "do", "text": "nothing"})
            assert "too many lines" in (await again.rest())[-1]["text"]
        assert (await dan.ask({"is": "do", "id": 3, "text": "note hello"}))["accepted"]
    assert len(here.reported) == 2


async def test_a_client_that_does_not_read_is_cut_off_and_others_go_on(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_client, "MOST_PENDING_BYTES", 1 << 16)
    async with here.client("messaging", limit=1 << 16) as deaf, here.client("dns", "Dan") as dan:
        for _line in range(10):
            deaf.send({"is": "look"})
        while not here.reported:
            here.wall.now_s += 5
            deaf.send({"is": "look"})
            await asyncio.sleep(0)
        assert here.reported == ["lines door: messaging has stopped reading and is cut off"]
        assert (await dan.ask({"is": "do", "id": 3, "text": "note hello"}))["accepted"]


async def test_one_that_says_nothing_and_one_too_many_are_sent_away_and_others_go_on(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_client, "FIRST_WORD_S", 0.05)
    monkeypatch.setattr(lines_door, "MOST_CLIENTS", 2)
    async with here.client("dns", "Dan") as dan, asyncio.timeout(60):
        async with here.client() as silent:
            async with here.client() as third:
                assert "has 2 clients" in (await third.rest())[0]["text"]
            assert [one["text"] for one in await silent.rest()] == ["no hello"]
        assert (await dan.ask({"is": "do", "id": 3, "text": "note hello"}))["accepted"]


async def test_a_client_comes_back_from_its_last_event_and_hears_of_a_rewind(here: Here) -> None:
    here.exercise.do("facilitator", "Fay", "tell all first")
    async with here.client("messaging") as mona:
        mona.send({"is": "resume", "after_seq": -1})
        said = [await mona.next() for _event in range(3)]
        assert "first" in said[1]["text"]
    here.exercise.do("facilitator", "Fay", "tell all second")
    async with here.client("messaging") as mona:
        mona.send({"is": "resume", "after_seq": said[-1]["seq"]})
        assert "second" in (await mona.next())["text"]


async def test_what_was_said_in_confidence_and_the_truth_do_not_reach_a_seat(here: Here) -> None:
    """Planted words of the truth, of notes, predictions, requests and talk of others: none of them."""
    exercise = here.exercise
    exercise.sit("dns", "Dan")
    for text in (
        "note - zebra", "tell dns zebra", "say as=Zebra to=dns text=zebra", "bookmark zebra",
        "fault insert mail-server slow for=1h per=20s", "freeze",
    ):  # fmt: skip
        assert exercise.do("facilitator", "Fay", text).accepted, text
    exercise.do("dns", "Dan", "predict zebra sure=50")
    exercise.do("dns", "Dan", "tell facilitator zebra")
    exercise.do("facilitator", "Fay", "go")
    exercise.advance(ONSET_MS + 600_000)
    exercise.do("dns", "Dan", "probe mx all")
    exercise.advance(ONSET_MS + 1_200_000)
    async with here.client("messaging") as mona:
        mona.send({"is": "resume", "after_seq": -1})
        mona.send({"is": "look"})
        mona.send({"is": "do", "id": "end", "text": "tell messaging end"})
        got = []
        while not got or got[-1].get("id") != "end":
            got.append(await mona.next())
    heard = json.dumps(got).lower()
    scenario = exercise.session.scenario
    truth = ["zebra", "live-1", scenario.id, scenario.title.lower(), *(one.id for one in scenario.timeline)]
    assert not [word for word in truth if word in heard]
    assert not {one["kind"] for one in got if one["is"] == "event"} & {"fault", "milestone", "observation"}


async def test_a_look_has_the_parts_that_the_places_of_the_seat_show(here: Here) -> None:
    async with here.client("dns", "Dan") as dan, here.client("messaging") as mona:
        of_dns = (await dan.ask({"is": "look"}))["look"]["snapshot"]
        of_messaging = (await mona.ask({"is": "look"}))["look"]["snapshot"]
    assert {"dns", "room", "people", "local"} <= of_dns.keys()
    assert not {"queue", "mail", "hops", "helpdesk", "objectives"} & of_dns.keys()
    assert {"queue", "mail", "hops"} <= of_messaging.keys()
    assert not {"dns", "objectives"} & of_messaging.keys()


async def test_a_socket_that_a_dead_process_left_is_replaced_and_a_living_one_is_not(here: Here) -> None:
    other = LinesDoor(here.exercise, here.keyring, here.path, here.wall, here.reported.append)
    with pytest.raises(Mistake, match="choose another --socket"):
        await other.open()
    async with here.client("dns", "Dan") as dan:
        assert (await dan.ask({"is": "look"}))["look"]["seat"]["person"] == "Dan"
