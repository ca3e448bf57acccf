"""The SSH door: the seat's token is its password, and there is nothing but a seat behind it."""

import asyncio
import re
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from tests.at_table import AtTable, at_table, plain
from tui.table import ssh_door
from tui.table.address import NoDoor
from tui.table.seat import outlet
from tui.table.ssh_door import SshDoor, host_key


@asynccontextmanager
async def ssh_table(folder: Path) -> AsyncIterator[tuple[AtTable, SshDoor]]:
    async with at_table() as here:
        door = SshDoor(
            here.seats, here.keyring, here.tries, folder / "host.key", here.wall, here.reported.append
        )
        await door.open()
        try:
            yield here, door
        finally:
            await here.seats.close()
            await door.close()


def client(here: AtTable, door: SshDoor, seat: str, token: str = "") -> asyncssh.misc._ACMWrapper:  # type: ignore[type-arg]
    return asyncssh.connect(
        "127.0.0.1",
        door.port,
        username=seat,
        password=token or here.keyring.token("seat", seat),
        known_hosts=None,
        config=None,
        client_keys=None,
        agent_path=None,
    )


async def until(process: asyncssh.SSHClientProcess[bytes], words: str) -> str:
    seen = b""
    async with asyncio.timeout(60):
        while words not in plain(seen):
            piece = await process.stdout.read(1 << 16)
            assert piece, plain(seen)
            seen += piece
    return plain(seen)


def shell(one: asyncssh.SSHClientConnection):  # type: ignore[no-untyped-def]
    return one.create_process(term_type="xterm-256color", term_size=(120, 40), encoding=None)


async def test_a_shell_is_the_seat_and_leaving_keeps_it(tmp_path: Path) -> None:
    async with ssh_table(tmp_path) as (here, door):
        async with client(here, door, "lead") as one, shell(one) as process:
            await until(process, "Inbound queue")
            process.stdin.write(b"queue retry inbound\r")
            await until(process, "noted queue retry inbound")
            process.stdin.write(b"half ty")
            await until(process, "half ty")
            process.stdin.write(b"\x11")
            assert "you left the seat; it stays as it is" in await until(process, "it stays as it is")
        async with client(here, door, "lead") as one, shell(one) as process:
            await until(process, "half ty")
        assert here.exercise.session.given == ["lead Ann: queue retry inbound"]


@pytest.mark.parametrize(("env", "sign"), [({}, b";48;5;"), ({"COLORTERM": "truecolor"}, b";48;2;")])
async def test_a_terminal_gets_256_colours_unless_it_says_that_it_knows_more(
    env: dict[str, str], sign: bytes, tmp_path: Path
) -> None:
    async with ssh_table(tmp_path) as (here, door), client(here, door, "lead") as one:
        process = await one.create_process(
            term_type="xterm-256color", term_size=(80, 24), encoding=None, env=env
        )
        async with asyncio.timeout(60):
            first = await process.stdout.read(1 << 16)
            while b"EXERCISE" not in first:
                first += await process.stdout.read(1 << 16)
        assert sign in first
        assert (b";2;" in first) == bool(env)


async def test_a_wrong_token_or_that_of_another_seat_is_refused_and_makes_the_address_wait(
    tmp_path: Path,
) -> None:
    async with ssh_table(tmp_path) as (here, door):
        wrong = ["x", here.keyring.token("seat", "dns"), here.keyring.token("phone", "lead"), "é", "root"]
        for token in wrong:
            with pytest.raises(asyncssh.PermissionDenied):
                await client(here, door, "lead", token)
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.DisconnectError)):
            await client(here, door, "lead")  # right, but this address has to wait
        here.wall.go(31)
        async with client(here, door, "lead"):
            pass


async def test_there_is_nothing_but_a_shell(tmp_path: Path) -> None:
    async with ssh_table(tmp_path) as (here, door), client(here, door, "lead") as one:
        with pytest.raises(asyncssh.ChannelOpenError):
            await one.create_process("id", term_type="xterm")
        with pytest.raises(asyncssh.ChannelOpenError):
            await one.create_process()  # no terminal
        with pytest.raises(asyncssh.ChannelOpenError):
            await one.start_sftp_client()
        with pytest.raises(asyncssh.ChannelOpenError):
            await one.open_connection("127.0.0.1", 25)
        with pytest.raises(asyncssh.ChannelListenError):
            await one.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 25)
        assert not here.seats.client_of("lead")


async def test_a_second_client_is_told_that_the_seat_is_taken(tmp_path: Path) -> None:
    async with ssh_table(tmp_path) as (here, door):
        await here.at("lead", "browser 1")
        async with client(here, door, "lead") as one, shell(one) as process:
            assert "seat lead is taken (a test browser 1)" in await until(process, "free it")


async def test_a_flood_is_cut_off_and_the_others_go_on(tmp_path: Path) -> None:
    async with ssh_table(tmp_path) as (here, door):
        async with client(here, door, "lead") as one, shell(one) as process:
            await until(process, "Inbound queue")
            process.stdin.write(b"x" * 40_000)
            await until(process, "too much input at once")
        async with client(here, door, "lead") as one, shell(one) as process:
            await until(process, "Inbound queue")
            process.stdin.write(b"\x1b[<35;1;1M" * 3000)  # no keys, so that only their octets count
            await until(process, "too much input at once")
        async with client(here, door, "dns") as one, shell(one) as process:
            process.stdin.write(b"note undisturbed\r")
            await until(process, "noted note undisturbed")


async def test_a_client_that_does_not_read_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_S", 0.5)
    async with ssh_table(tmp_path) as (here, door), client(here, door, "lead") as one:
        lazy = await one.create_process(
            term_type="xterm", term_size=(120, 40), encoding=None, window=1 << 15, max_pktsize=1 << 14
        )
        lazy.stdout.channel.pause_reading()
        await settled(lambda: bool(here.seats.client_of("lead")))
        seat = here.seats._seats["lead"]
        await settled(lambda: seat.attached is None or bool(seat.driver.write("x" * 50_000)))
        assert not here.seats.client_of("lead")
        lazy.close()


async def test_one_connection_too_many_is_closed_at_once_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_door, "MOST_SSH", 2)
    monkeypatch.setattr(ssh_door, "LOGIN_S", 0)  # no limit, which would end it as well
    async with ssh_table(tmp_path) as (here, door), client(here, door, "lead") as one, shell(one) as process:
        _reader, held = await asyncio.open_connection("127.0.0.1", door.port)
        await settled(lambda: len(door._open) == 2)
        reader, more = await asyncio.open_connection("127.0.0.1", door.port)
        async with asyncio.timeout(60):
            while await reader.read():
                pass
        await until(process, "Inbound queue")
        for writer in (held, more):
            writer.close()


async def test_a_connection_that_does_not_log_on_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_door, "LOGIN_S", 0.1)
    async with ssh_table(tmp_path) as (_here, door):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        async with asyncio.timeout(60):
            while await reader.read():
                pass
        assert not door._open
        writer.close()


async def settled(done: object) -> None:
    """Let the loop run until `done()`."""
    assert callable(done)
    async with asyncio.timeout(60):
        for _ in range(10_000_000):
            if done():
                return
            await asyncio.sleep(0)


async def test_the_host_key_stays_the_same_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "host.key"
    first = host_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert host_key(path).get_fingerprint() == first.get_fingerprint()
    assert re.fullmatch(r"SHA256:[\w+/]{43}", first.get_fingerprint("sha256"))
    path.write_text("damaged")
    with pytest.raises(NoDoor, match="not a usable host key"):
        host_key(path)
