"""A whole exercise over JSON lines: one facilitator, two seats, a killed server, and a debrief with names."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sim.drill.session.session import Session
from tui.table.log_on import Keyring, kept_secret

SEATS = ("messaging", "security", "facilitator")
PLANTED = ("zebra", "walrus")
"""Words of the truth and of other seats' talk that must not reach a seat."""


class Seat:
    """A client of the door, and every byte that it got."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.bytes = b""
        self.events: list[dict[str, Any]] = []

    @classmethod
    async def at(cls, path: Path, token: str, person: str) -> Self:
        seat = cls(*await asyncio.open_unix_connection(str(path), limit=1 << 24))
        seat.send(**{"is": "hello", "version": 1, "token": token, "person": person})
        assert (await seat.next("welcome"))["person"] == person
        seat.send(**{"is": "resume", "after_seq": -1})
        return seat

    def send(self, **line: Any) -> None:
        self._writer.write(json.dumps(line).encode() + b"\n")

    async def next(self, kind: str, text: str = "") -> dict[str, Any]:
        """The next line of that kind that holds `text`; events on the way are kept."""
        while True:
            line = await self._reader.readline()
            assert line, f"the door closed before {kind} {text!r}"
            self.bytes += line
            said: dict[str, Any] = json.loads(line)
            if said["is"] == "event":
                self.events.append(said)
            if said["is"] == kind and text in json.dumps(said):
                return said

    async def do(self, text: str) -> dict[str, Any]:
        self.send(**{"is": "do", "id": text, "text": text})
        reply = await self.next("reply", json.dumps(text)[1:-1])
        assert reply["accepted"], reply
        return reply

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


@asynccontextmanager
async def server(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`mxdrill table` or `resume` as a process of its own; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui.cli", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while (line := await process.stdout.readline()) and not line.startswith(b"lines facilitator"):
            pass
        assert line, "the table did not open"
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def everyone(journal: Path) -> AsyncIterator[tuple[Seat, Seat, Seat]]:
    keyring = Keyring(kept_secret(journal.with_suffix(".key")), SEATS)
    path = journal.with_suffix(".sock")
    people = ("Mona", "Sid", "Fay")
    seats = [
        await Seat.at(path, keyring.token("seat", seat), who) for seat, who in zip(SEATS, people, strict=True)
    ]
    try:
        yield seats[0], seats[1], seats[2]
    finally:
        for one in seats:
            await one.close()


async def first_part(journal: Path) -> None:
    """Play until the approval has been given, then kill the server."""
    async with (
        server(
            "table", "exchange-down", "--seats", "messaging,security", "--doors", "lines",
            "--facilitator", "Fay", "--set", "users=30", "--set", "outage=4h", "--journal", str(journal),
        ),
        everyone(journal) as (mona, sid, fay),
    ):  # fmt: skip
        assert os.stat(journal.with_suffix(".sock")).st_mode & 0o777 == 0o600
        await fay.do("speed 3600")
        await fay.do("jump alert")
        await fay.next("event", "the first alert")
        await fay.do('say as="Big Customer" to=messaging text="is your mail down?"')
        await mona.next("event", "is your mail down?")
        await fay.do("note - zebra is not what they think")
        await sid.do("predict 40 sure=60")
        await sid.do("tell facilitator walrus")
        await fay.next("event", "walrus")
        await fay.do("go")
        await mona.do("please hold deliveries to the mail server")
        own_words = (await fay.next("event", "own words"))["text"]
        assert "`confirm 1`: deliveries pause inbound" in own_words
        await fay.do("confirm 1")
        await mona.next("event", "deliveries pause inbound")
        await fay.do("hint messaging")
        await fay.do("stop at T+9d")
        await mona.do("approve exposure opening=lock because=the gateway is down")
        asked = await sid.next("event", "asks you to approve")
        assert "`allow 2`" in asked["text"]
        await sid.do("allow 2")
        await mona.next("event", "approved until")
        await fay.do("freeze what now?")
        await mona.next("event", "what now?")
        mona.send(**{"is": "look", "what": "truth"})
        assert "write seat" in (await mona.next("error"))["text"]
        mona.send(**{"is": "look", "what": "seat"})
        assert (await mona.next("look"))["look"]["frozen"]
        heard = mona.bytes.decode().lower()
        assert not [word for word in PLANTED if word in heard]
        assert '"kind":"fault"' not in heard
        assert '"kind":"milestone"' not in heard


async def second_part(journal: Path) -> None:
    """The killed server comes back with everything, and the exercise is ended."""
    async with server("table", "--resume", str(journal), "--doors", "lines") as process:
        async with everyone(journal) as (mona, sid, fay):
            before = await mona.next("event", "is your mail down?")
            assert before["source"] == "Big Customer"
            mona.send(**{"is": "look"})
            look = (await mona.next("look"))["look"]
            assert (look["frozen"], look["seat"]["person"]) == (True, "Mona")
            await fay.do("go")
            await mona.do("tell security thank you")
            await sid.next("event", "thank you")
            await fay.do("endex")
            await mona.next("event", "ENDEX")
        assert process.stdin is not None
        process.stdin.write(b"quit\n")
        assert await process.wait() == 0


async def test_a_killed_exercise_comes_back_and_its_replay_has_its_digest(tmp_path: Path) -> None:
    journal = tmp_path / "table.jsonl"
    await first_part(journal)
    await second_part(journal)
    session = Session.replay(journal)  # every digest that was recorded is compared
    assert session.ended
    assert session.drill.room.approvals.requests[0].state == "granted"
    table = session.drill.table
    assert [one.number for one in table.predictions] == ["40"]
    assert ([one.to for one in table.hints], table.stops) == (["messaging"], ["T+9d"])
    assert next(text for _t_ms, text in session.commands) == "deliveries pause inbound"
    assert not journal.with_suffix(".sock").exists()
    assert not journal.with_suffix(".key").exists()  # its links are void for good
