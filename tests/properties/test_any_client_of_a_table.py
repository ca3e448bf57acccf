"""Whatever a client of a table sends, it is answered or cut off; nothing fails inside, and others go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.table.exercise import Exercise
from tests.at_table import AtTable, browser, with_door
from tests.hostile import tries
from tests.plays import small
from tests.tui.conftest import Wall
from tui.table.lines_door import LinesDoor
from tui.table.log_on import Keyring
from tui.table.second_client import SecondClients

PATIENCE_S = 20
SEATS = ("messaging", "dns", "facilitator")
TOKEN = Keyring(bytes(32), SEATS).token("seat", "messaging")

VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                None,
                True,
                -1,
                0,
                1,
                1.5,
                10**400,
                float("inf"),
                float("nan"),
                "",
                "\ud800",
                "\u202e",
                "x" * 500,
            ),
            *([], {}, [[]], {"a": 1}, TOKEN, "messaging", "facilitator", "Mona", "seat", "truth", "script"),
            *("note hello", "go", "jump event", "mx set backup", "tell all \x1b[2J", "leave", "\n"),
        ]
    ),
    st.text(max_size=10),
)
KEYS = st.sampled_from(
    ["is", "id", "version", "token", "seat", "person", "text", "what", "after_seq", "more"]
)
OBJECTS = st.tuples(
    st.sampled_from(["hello", "do", "look", "resume", "bye"]), st.dictionaries(KEYS, VALUES, max_size=4)
).map(lambda found: json.dumps({"is": found[0], "version": 1, "token": TOKEN, **found[1]}).encode())
LINES = st.lists(st.one_of(OBJECTS, st.binary(max_size=80), st.just(b"[" * 3000)), min_size=1, max_size=15)


@asynccontextmanager
async def nothing_fails_inside() -> AsyncIterator[None]:
    """No task or callback of the loop raises an exception that is nobody's."""
    failed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))
    yield
    await asyncio.sleep(0)
    assert [repr(one.get("exception")) for one in failed] == []


async def _lines(path: Path, lines: list[bytes]) -> None:
    exercise = Exercise.start(small(), 1, None, SEATS[:2])
    exercise.sit("facilitator", "Fay")
    wall = Wall()
    door = LinesDoor(
        exercise,
        Keyring(bytes(32), SEATS),
        path,
        wall,
        lambda _line: None,
        SecondClients(lambda _line: None).ask,
    )
    await door.open()
    try:
        async with nothing_fails_inside(), asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=1 << 22)
            writer.write(b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines))
            writer.write_eof()
            answers = (await reader.read(1 << 22)).splitlines()
            assert all(isinstance(json.loads(one), dict) for one in answers)
            writer.close()
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b"{}\n")
            assert json.loads(await reader.readline())["is"] == "error"
            writer.close()
    finally:
        await door.close()


@pytest.mark.fuzz
@tries(15)
@given(lines=LINES)
def test_any_lines_of_json_or_not(tmp_path: Path, lines: list[bytes]) -> None:
    asyncio.run(_lines(tmp_path / "a.sock", lines))


PATHS = st.one_of(
    st.sampled_from(
        [
            *(
                "/",
                "/join/TOKEN",
                "/seat/lead/",
                "/seat/lead/wire",
                "/seat/dns/",
                "/room/TOKEN",
                "/phone/TOKEN",
            ),
            *("/join/%ff", "/join/..%2f..%2fetc", "//evil.example/", "/join/" + "a" * 3000, "*", "http://x/"),
            *("/seat/%0d%0aSet-Cookie:x=1/", "/seat/lead/../../x", "/files/../log_on.py", "/static/%2e%2e/a"),
        ]
    ),
    st.text(st.characters(codec="latin-1"), max_size=20),
)
HEADERS = st.sampled_from(
    [
        *("Host: evil.example", "Host: ", "Host: 127.0.0.1:PORT\r\nHost: evil.example", "Origin: null"),
        *(
            "Origin: http://127.0.0.1:PORT",
            "Cookie: a=b; =; \xff",
            "Cookie: mxdrill=a.TOKEN",
            "Upgrade: websocket",
        ),
        *(
            "Connection: Upgrade",
            "Sec-WebSocket-Key: x",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Version: 9",
        ),
        *(
            "Content-Length: 5",
            "Content-Length: -1",
            "Transfer-Encoding: chunked",
            "Range: bytes=0-0",
            "X: \xff",
        ),
        *("Accept-Encoding: gzip, br", "Expect: 100-continue", "If-None-Match: *", "X" * 9000 + ": a"),
    ]
)
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "get", "\x16\x03\x01", "CONNECT"]),
        PATHS,
        st.lists(HEADERS, max_size=5),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


async def _requests(requests: list[tuple[str, str, list[str], bool]]) -> None:
    async with with_door() as here, nothing_fails_inside(), asyncio.timeout(PATIENCE_S):
        secret = here.keyring.token("seat", "lead")
        for method, path, headers, own_host in requests:
            lines = [f"{method} {path} HTTP/1.1", *(["Host: 127.0.0.1:PORT"] if own_host else []), *headers]
            head = "\r\n".join(lines).replace("PORT", str(here.door.port)).replace("TOKEN", "wrong")
            answer = await _answer(here, f"{head}\r\nConnection: close\r\n\r\n".encode("latin-1", "replace"))
            assert secret.encode() not in answer
            assert b"Traceback" not in answer
            assert answer[:12] == b"" or answer.startswith(b"HTTP/1."), answer[:80]
            assert not answer.startswith(b"HTTP/1.1 5"), answer[:80]
        here.wall.go(3600)
        async with browser(here, "lead"):
            pass


async def _answer(here: AtTable, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", here.door.port)
    answer = b""
    with suppress(ConnectionError, TimeoutError):
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(3):
            answer = await reader.read(1 << 16)
    writer.close()
    return answer


@pytest.mark.fuzz
@tries(10)
@given(requests=REQUESTS)
def test_any_requests(requests: list[tuple[str, str, list[str], bool]]) -> None:
    asyncio.run(_requests(requests))


MESSAGES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(["1x1", "999x999", "0x0", "120x40", "-1x5", "\ud7ff", "9" * 3000, "120x40\n"]),
        st.sampled_from(
            [
                b"\x1b[<0;1;1M",
                b"\x1b[200~" + b"a" * 900 + b"\x1b[201~",
                b"\x1b" * 100,
                b"\xff\xfe",
                b"\x1b[1;",
            ]
        ),
    ),
    max_size=8,
)


async def _messages(messages: list[str | bytes]) -> None:
    async with with_door() as here, nothing_fails_inside(), asyncio.timeout(PATIENCE_S):
        async with browser(here, "lead") as one:
            home = f"http://127.0.0.1:{here.door.port}"
            async with one.ws_connect(f"{home}/seat/lead/wire", origin=home) as socket:
                await socket.send_str("120x40")
                for message in messages:
                    with suppress(ConnectionError, aiohttp.ClientError):
                        await (
                            socket.send_str(message)
                            if isinstance(message, str)
                            else socket.send_bytes(message)
                        )
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        async for _painted in socket:
                            continue
        held = await here.at("dns")
        assert here.exercise.person("dns") == "Bob"
        held.end()


@pytest.mark.fuzz
@tries(5)
@given(messages=MESSAGES)
def test_any_messages_of_a_browser(messages: list[str | bytes]) -> None:
    asyncio.run(_messages(messages))
