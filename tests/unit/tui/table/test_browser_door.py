"""The browser door: who gets in, and what happens to clients that send too much or read too little."""

import asyncio
import re
import socket
from importlib.resources import files

import aiohttp
import pytest

from tests.at_table import AtTable, asking, browser, painted, wire, with_door
from tui.table.address import NoDoor, lan_address
from tui.table.browser_door import BrowserDoor
from tui.table.browser_wire import WireEnd
from tui.table.limits import LONGEST_MESSAGE, MOST_CONNECTIONS
from tui.table.seat import outlet


async def raw(here: AtTable, head: str) -> bytes:
    """The answer to a request that is written by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.door.port)
    writer.write(head.replace("\n", "\r\n").encode())
    async with asyncio.timeout(10):
        answer = await reader.read(1 << 20)
    writer.close()
    return answer


def join_path(here: AtTable, seat: str = "lead") -> str:
    return here.door.link("seat", seat).partition(str(here.door.port))[2]


async def test_a_command_typed_in_a_browser_gets_its_reply() -> None:
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as socket:
        await socket.send_str("120x40")
        assert "Inbound queue" in await painted(socket, "EXERCISE")
        await socket.send_bytes(b"queue retry inbound\r")
        await painted(socket, "noted queue retry inbound")
        assert here.exercise.session.given == ["lead Ann: queue retry inbound"]


async def test_the_cookie_is_for_one_seat_and_not_for_scripts_or_other_sites() -> None:
    async with with_door() as here, aiohttp.ClientSession() as one:
        link = here.door.link("seat", "lead")
        async with one.get(link) as page:
            cookie = page.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert "Path=/seat/lead/" in cookie
            policy = page.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; ")
            assert "unsafe-eval" not in policy
            assert "frame-ancestors 'none'" in policy
            assert page.headers["Referrer-Policy"] == "no-referrer"
            text = await page.text()
    assert here.keyring.token("seat", "lead") not in text
    assert not re.search(r"https?://|//[a-z]", text)  # no request to anywhere else


async def test_a_link_with_a_wrong_token_opens_nothing_and_five_make_the_address_wait() -> None:
    async with with_door() as here, aiohttp.ClientSession() as one:
        home = f"http://127.0.0.1:{here.door.port}"
        for number in range(5):
            async with one.get(f"{home}/join/wrong{number}") as page:
                assert page.status == 403
        async with one.get(here.door.link("seat", "lead")) as page:
            assert page.status == 429
            assert "Set-Cookie" not in page.headers
        here.wall.go(31)
        async with one.get(here.door.link("seat", "lead")) as page:
            assert page.status == 200


async def test_a_token_opens_its_own_kind_of_page_only() -> None:
    async with with_door() as here, aiohttp.ClientSession() as one:
        home = f"http://127.0.0.1:{here.door.port}"
        for path in (
            f"/join/{here.keyring.token('phone', 'lead')}",
            f"/join/{here.keyring.token('room')}",
            f"/phone/{here.keyring.token('seat', 'lead')}",
            f"/room/{here.keyring.token('seat', 'lead')}",
        ):
            async with one.get(home + path) as page:
                assert page.status == 403, path


async def test_the_cookie_of_one_seat_does_not_open_another() -> None:
    async with with_door() as here, browser(here, "lead") as one:
        home = f"http://127.0.0.1:{here.door.port}"
        own = {morsel.key: morsel.value for morsel in one.cookie_jar}
        for path, status in (("/seat/lead/", 200), ("/seat/dns/", 403), ("/seat/nowhere/", 403)):
            async with aiohttp.ClientSession(cookies=own) as other, other.get(home + path) as page:
                assert page.status == status, path


async def test_another_host_is_refused() -> None:
    async with with_door() as here:
        for host in ("evil.example", f"evil.example:{here.door.port}", "127.0.0.1", "127.0.0.1:1"):
            answer = await raw(here, f"GET {join_path(here)} HTTP/1.1\nHost: {host}\nConnection: close\n\n")
            assert answer.startswith(b"HTTP/1.1 421"), host
            assert b"Set-Cookie" not in answer
        two = f"Host: 127.0.0.1:{here.door.port}\nHost: evil.example"
        answer = await raw(here, f"GET {join_path(here)} HTTP/1.1\n{two}\nConnection: close\n\n")
        assert b"Set-Cookie" not in answer
        assert not answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", ""])
async def test_a_page_of_another_origin_does_not_get_a_wire(origin: str) -> None:
    async with with_door() as here, browser(here, "lead") as one:
        wire_of = f"http://127.0.0.1:{here.door.port}/seat/lead/wire"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with one.ws_connect(wire_of, origin=origin or None):
                pass
        assert refusal.value.status == 403
        assert not here.seats.client_of("lead")


async def test_a_wire_without_the_cookie_is_refused() -> None:
    async with with_door() as here, aiohttp.ClientSession() as one:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with wire(here, one, "lead"):
                pass
        assert refusal.value.status == 403


async def closed_by(socket: aiohttp.ClientWebSocketResponse) -> int:
    """The code with which the door closes."""
    async with asyncio.timeout(60):
        while (message := await socket.receive()).type is aiohttp.WSMsgType.BINARY:
            pass
    assert message.type is aiohttp.WSMsgType.CLOSE, message
    return int(message.data)


async def test_an_oversized_message_a_flood_and_nonsense_are_cut_off_and_the_others_go_on() -> None:
    async with with_door() as here, browser(here, "dns") as other, wire(here, other, "dns") as bystander:
        await bystander.send_str("100x30")
        await painted(bystander, "EXERCISE")

        async def cut_off(*messages: bytes | str) -> int:
            async with browser(here, "lead") as one, wire(here, one, "lead") as socket:
                for message in messages:
                    if isinstance(message, str):
                        await socket.send_str(message)
                    else:
                        await socket.send_bytes(message)
                return await closed_by(socket)

        assert await cut_off("120x40", b"x" * (LONGEST_MESSAGE + 1)) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        assert await cut_off("120x40", *[b"x"] * 400) == WireEnd.TOO_MUCH
        assert await cut_off("120x40", b"x" * 4000) == WireEnd.UNUSABLE  # more keys than any line has
        assert await cut_off("120x40", *[b"\x1b[<35;1;1M" * 350] * 6) == WireEnd.TOO_MUCH  # octets
        assert await cut_off("120x40", "1000000x2") == WireEnd.UNUSABLE
        assert await cut_off("no size") == WireEnd.UNUSABLE
        assert (
            await cut_off("120x40", b"\x1b[200~" + b"x" * 4000, b"x" * 4000, b"x" * 2000) == WireEnd.UNUSABLE
        )
        await bystander.send_bytes(b"note undisturbed\r")
        await painted(bystander, "noted note undisturbed")
        assert not here.seats.client_of("lead")


async def test_an_oversized_line_and_a_body_are_refused() -> None:
    async with with_door() as here:
        host = f"Host: 127.0.0.1:{here.door.port}"
        long = await raw(here, f"GET /join/{'x' * 20_000} HTTP/1.1\n{host}\n\n")
        assert b" 400 " in long.splitlines()[0]
        header = await raw(here, f"GET / HTTP/1.1\n{host}\nX-Long: {'x' * 20_000}\n\n")
        assert b" 400 " in header.splitlines()[0]
        body = await raw(
            here, f"POST {join_path(here)} HTTP/1.1\n{host}\nContent-Length: 5\nConnection: close\n\nhello"
        )
        assert body.startswith(b"HTTP/1.1 405")


async def next_turn() -> None:
    """Let everything that is due run once."""
    await asyncio.sleep(0)


async def test_a_browser_that_does_not_read_is_cut_off_and_the_others_do_not_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 0.5)
    async with with_door() as here, browser(here, "lead") as one, browser(here, "dns") as other:
        cookie = "; ".join(f"{morsel.key}={morsel.value}" for morsel in one.cookie_jar)
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", here.door.port))
        home = f"127.0.0.1:{here.door.port}"
        lazy.sendall(
            f"GET /seat/lead/wire HTTP/1.1\r\nHost: {home}\r\nOrigin: http://{home}\r\nCookie: {cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        lazy.sendall(b"\x81\x86\x00\x00\x00\x00120x40")
        async with wire(here, other, "dns") as bystander:
            await bystander.send_str("100x30")
            await painted(bystander, "EXERCISE")
            async with asyncio.timeout(60):
                await asyncio.to_thread(lazy.recv, 200)  # the wire has been opened
                while not here.seats.client_of("lead"):
                    await next_turn()
                while here.seats.client_of("lead"):
                    here.seats._seats["lead"].driver.write("x" * 100_000)
                    await next_turn()
            await bystander.send_bytes(b"note undisturbed\r")
            await painted(bystander, "noted note undisturbed")
        lazy.close()


async def test_a_browser_that_comes_back_takes_its_place_again_and_another_one_is_refused() -> None:
    async with with_door() as here, browser(here, "lead") as one, browser(here, "lead") as other:
        first_wire = wire(here, one, "lead")
        async with first_wire as first:
            await first.send_str("120x40")
            await first.send_bytes(b"queue ret")
            await painted(first, "queue ret")
            async with wire(here, other, "lead") as second:
                await second.send_str("120x40")
                assert await closed_by(second) == WireEnd.TAKEN
            async with wire(here, one, "lead") as again:
                await again.send_str("90x30")
                await painted(again, "queue ret")
                assert await closed_by(first) == WireEnd.LET_GO


@pytest.mark.parametrize("answer", [True, False])
async def test_a_second_browser_is_told_that_it_waits_for_the_facilitator(answer: bool) -> None:
    async with (
        with_door(asking(answer, [])) as here,
        browser(here, "lead") as one,
        browser(here, "lead") as other,
        wire(here, one, "lead") as first,
    ):
        await first.send_str("120x40")
        await painted(first, "EXERCISE")
        async with wire(here, other, "lead") as second:
            await second.send_str("120x40")
            await painted(second, "The facilitator has one minute to admit you")
            if answer:
                await painted(second, "Inbound queue")
                assert await closed_by(first) == WireEnd.LET_GO
            else:
                assert await closed_by(second) == WireEnd.TAKEN


async def test_leaving_keeps_the_seat_as_it_is() -> None:
    async with with_door() as here, browser(here, "lead") as one:
        async with wire(here, one, "lead") as socket:
            await socket.send_str("120x40")
            await socket.send_bytes(b"queue ret\x11")
            assert await closed_by(socket) == WireEnd.LET_GO
        async with wire(here, one, "lead") as socket:
            await socket.send_str("120x40")
            await painted(socket, "queue ret")


async def test_a_flood_of_requests_is_refused_and_seats_that_are_open_go_on() -> None:
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as socket:
        await socket.send_str("120x40")
        await painted(socket, "EXERCISE")
        statuses = []
        for _ in range(220):
            async with one.get(f"http://127.0.0.1:{here.door.port}/files/page.css") as file:
                statuses.append(file.status)
        assert statuses[0] == 200
        assert statuses[-1] == 429
        await socket.send_bytes(b"note undisturbed\r")
        await painted(socket, "noted note undisturbed")
        here.wall.go(60)
        async with one.get(here.door.link("room")) as page:
            assert page.status == 200


async def test_a_table_that_is_closed_says_so_and_its_pages_try_again() -> None:
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as socket:
        await socket.send_str("120x40")
        await painted(socket, "EXERCISE")
        closing = asyncio.create_task(here.seats.close())
        assert await closed_by(socket) == WireEnd.CLOSED
        await closing
        async with wire(here, one, "lead") as again:
            await again.send_str("120x40")
            assert await closed_by(again) == WireEnd.CLOSED


async def test_after_the_end_of_the_exercise_a_page_says_so_and_does_not_try_again() -> None:
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as socket:
        await socket.send_str("120x40")
        await painted(socket, "EXERCISE")
        here.exercise.session.ends_ms = 0
        closing = asyncio.create_task(here.seats.close())
        assert await closed_by(socket) == WireEnd.OVER
        await closing
    script = files("tui.table").joinpath("web", "seat.js").read_text(encoding="utf-8")
    assert f"const CLOSED = {WireEnd.CLOSED:d};" in script
    assert f"const OVER = {WireEnd.OVER:d};" in script
    _, _, ended = script.partition("socket.onclose = ")
    for step in ("event.code === OVER", "return;", "event.code === CLOSED", "show(closed ||", "setTimeout"):
        _, found, ended = ended.partition(step)
        assert found, f"not in this order: {step}"


def test_a_return_to_the_seat_gives_the_keyboard_to_the_terminal() -> None:
    script = files("tui.table").joinpath("web", "seat.js").read_text(encoding="utf-8")
    _, _, clicked = script.partition('again.addEventListener("click", () => {')
    assert "terminal.focus();" in clicked.partition("\n});")[0]


async def test_links_are_void_after_the_end() -> None:
    async with with_door() as here, browser(here, "lead") as one:
        link = here.door.link("seat", "lead")
        here.keyring.void()
        for path in (link, f"http://127.0.0.1:{here.door.port}/seat/lead/"):
            async with one.get(path) as page:
                assert page.status == 403


async def test_one_connection_too_many_is_closed_at_once() -> None:
    async with with_door() as here:
        held = [await asyncio.open_connection("127.0.0.1", here.door.port) for _ in range(MOST_CONNECTIONS)]
        reader, writer = await asyncio.open_connection("127.0.0.1", here.door.port)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        for _reader, one in [*held, (reader, writer)]:
            one.close()


async def test_the_files_of_the_page_are_its_own_and_no_others() -> None:
    async with with_door() as here, browser(here, "lead") as one:
        home = f"http://127.0.0.1:{here.door.port}"
        async with one.get(f"{home}/seat/lead/") as page:
            named = re.findall(r'(?:src|href)="([^"]+)"', await page.text())
        for path, status in [*((path, 200) for path in named), ("/files/..%2fpages.py", 403), ("/", 404)]:
            async with one.get(home + path) as file:
                assert file.status in (status, 404), path
                assert (file.status == 200) == (status == 200), path
        assert len(named) == 3


async def test_phone_and_room_need_no_script_and_show_no_truth() -> None:
    async with with_door() as here, aiohttp.ClientSession() as one:
        texts = {}
        for link in (here.door.link("phone", "lead"), here.door.link("room")):
            async with one.get(link) as page:
                texts[link] = await page.text()
                assert "script" not in page.headers["Content-Security-Policy"]
        phone, room = texts.values()
        assert "Inbound queue threshold passed" in phone
        assert "Service Monitor" not in phone
        assert "<script" not in phone + room
        assert "the mail server stops" not in phone + room  # the fault
        assert "Mon 2 Mar" in room


async def test_planted_truth_is_not_among_the_bytes_of_a_seat() -> None:
    """The exercise of the test tells every seat everything; the seat itself lets no hidden event through."""
    async with with_door() as here, browser(here, "lead") as one, wire(here, one, "lead") as socket:
        for kind in ("fault", "milestone", "observation"):
            here.exercise.session.tell(here.exercise.now_ms, kind, "PLANTED-SOURCE", "PLANTED-WORDS")
        here.exercise.session.tell(here.exercise.now_ms, "note", "lead", "an open word")
        await socket.send_str("160x50")
        seen = await painted(socket, "an open word")
        await socket.send_bytes(b"1234567890?")
        seen += await painted(socket, "Briefing")
        await socket.send_bytes(b"qnote done\r")
        seen += await painted(socket, "noted note done")
        assert "PLANTED" not in seen


def test_only_one_address_can_be_named() -> None:
    assert lan_address("192.0.2.7") == "192.0.2.7"
    for wrong in ("0.0.0.0", "::", "localhost", "192.0.2.0/24", "224.0.0.1"):
        with pytest.raises(NoDoor, match="give one IP address"):
            lan_address(wrong)


async def test_a_door_that_cannot_be_opened_says_why() -> None:
    async with with_door() as here:
        table = AtTable()
        second = BrowserDoor(
            table.table, table.seats, table.keyring, table.tries, table.wall, table.reported.append
        )
        with pytest.raises(NoDoor, match=r"127\.0\.0\.1:.*address already in use"):
            await second.open(here.door.port)


async def test_it_listens_on_loopback_only() -> None:
    async with with_door() as here:
        bound = {server.sockets[0].getsockname()[0] for server in here.door._servers}
        assert bound <= {"127.0.0.1", "::1"}
        assert "127.0.0.1" in bound
