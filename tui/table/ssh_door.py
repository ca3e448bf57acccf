"""The SSH door: a shell that is a seat, and nothing else; the user name is the seat, and the password is
its token.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import asyncssh

from tui.table.address import LOOPBACK, NoDoor, addresses, lan_address, no_door
from tui.table.door_log import door_log
from tui.table.limits import MOST_SSH, Flood
from tui.table.log_on import TRIES, Keyring, Tries
from tui.table.seat.driver import LEAVE, UnusableInput
from tui.table.seat.outlet import pour
from tui.table.seat.seat import WAITS, Attached, Client, SeatTaken
from tui.table.seat.seats import Seats

LOGIN_S = 30.0
"""Wall time allowed for logging on."""
KEEPALIVE_S, MOST_MISSED = 15.0, 3
"""A client that does not answer for `MOST_MISSED` intervals of `KEEPALIVE_S` is disconnected."""
WRITE_BUFFER = 64 << 10
"""Octets that the SSH library holds for a client before the seat's output waits in its outlet."""


class SshDoor:
    """Serves the seats of a table to `ssh`. `report` shows the facilitator a line."""

    def __init__(
        self,
        seats: Seats,
        keyring: Keyring,
        tries: Tries,
        key: Path,
        wall: Callable[[], float],
        report: Callable[[str], None],
    ) -> None:
        """`key`: the file of this door's host key, which is created if there is none. Raises NoDoor."""
        self._seats, self._keyring, self._tries = seats, keyring, tries
        self._wall = wall
        self._log = door_log("SSH", report)
        self._key = host_key(key)
        self._open: set[asyncssh.SSHServerConnection] = set()
        self._listening: list[asyncssh.SSHAcceptor] = []
        self.port = 0
        self.address = LOOPBACK[0]

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the host key, as `ssh` shows it at the first connection."""
        return self._key.get_fingerprint("sha256")

    async def open(self, port: int = 0, lan: str = "") -> None:
        """Listen on loopback, and on `lan` if it names an address. Raises NoDoor."""
        for address in addresses(lan):
            try:
                acceptor = await asyncssh.listen(
                    address,
                    port,
                    server_factory=lambda: _Server(self),
                    server_host_keys=[self._key],
                    server_version="mxdrill",
                    encoding=None,
                    line_editor=False,
                    agent_forwarding=False,
                    x11_forwarding=False,
                    allow_scp=False,
                    compression_algs=None,
                    gss_host=None,
                    login_timeout=LOGIN_S,
                    keepalive_interval=KEEPALIVE_S,
                    keepalive_count_max=MOST_MISSED,
                )
            except OSError as why:
                if address == "::1" and self._listening:
                    continue  # this machine has no IPv6
                await self.close()
                raise no_door(address, port, why) from None
            self._listening.append(acceptor)
            port = acceptor.get_port()
        self.port = port
        self.address = lan_address(lan) if lan else LOOPBACK[0]

    async def close(self) -> None:
        """Stop listening, and end every connection."""
        for acceptor in self._listening:
            acceptor.close()
        for connection in tuple(self._open):
            connection.abort()

    def way(self, name: str) -> str:
        """The command that opens a seat; its password is the seat's token."""
        return f"ssh -p {self.port} {name}@{self.address}"

    # ------------------------------------------------------------ for connections

    def enters(self, connection: asyncssh.SSHServerConnection) -> bool:
        """Count a connection; False if there are too many."""
        if len(self._open) >= MOST_SSH:
            return False
        self._open.add(connection)
        return True

    def leaves(self, connection: asyncssh.SSHServerConnection) -> None:
        """Called when the connection has ended."""
        self._open.discard(connection)

    def admits(self, address: str, name: str, token: str) -> bool:
        """True if the token opens the seat of that name and the address does not have to wait."""
        if self._tries.wait_s(address) > 0:
            return False
        if self._keyring.opens("seat", token) == name:
            self._tries.right(address)
            return True
        self._tries.wrong(address)
        return False

    def session(self, name: str, address: str) -> "_Session":
        """The shell of a seat."""
        return _Session(self._seats, name, Client(f"SSH from {address}"), Flood(self._wall), self._log.error)


class _Server(asyncssh.SSHServer):
    """One connection: a password, then a shell. Forwarding of any kind is refused, as by default."""

    def __init__(self, door: SshDoor) -> None:
        self._door = door
        self._connection: asyncssh.SSHServerConnection | None = None
        self._address = ""
        self._wrong = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._address = str((conn.get_extra_info("peername") or ("",))[0])
        if self._door.enters(conn):
            self._connection = conn
        else:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._door.leaves(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        admitted = self._door.admits(self._address, username, password)
        if not admitted:
            self._wrong += 1
            if self._wrong >= TRIES and self._connection is not None:
                self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "wait")
        return admitted

    def session_requested(self) -> "_Session":
        assert self._connection is not None  # a session always has a connection
        return self._door.session(self._connection.get_extra_info("username"), self._address)


class _Session(asyncssh.SSHServerSession[bytes]):
    """A shell with a terminal; `exec`, SFTP and other subsystems are refused, as by default."""

    def __init__(
        self, seats: Seats, name: str, client: Client, flood: Flood, fault: Callable[..., None]
    ) -> None:
        self._seats, self._name, self._client, self._flood = seats, name, client, flood
        self._fault = fault
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._size: tuple[int, int] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._held: Attached | None = None
        self._early = bytearray()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan
        chan.set_write_buffer_limits(high=WRITE_BUFFER)

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        self._size = _usable(term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        """Refuse a shell without a terminal (`ssh -T`), which a seat needs."""
        return self._size is not None

    def session_started(self) -> None:
        self._task = asyncio.create_task(self._serve(), name=f"SSH {self._name}")

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        self._size = _usable(width, height)
        if self._held is not None:
            self._held.resize(*self._size)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if not self._flood.takes(len(data)):
            self._end("too much input at once")
        elif self._held is None:
            self._early += data  # typed while the seat opens; the limit on input bounds it
        else:
            self._type(data)

    def eof_received(self) -> bool:
        self._end("")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._writable.set()
        if self._held is not None:
            self._held.end("the connection has ended")

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _type(self, data: bytes) -> None:
        assert self._held is not None
        try:
            self._held.feed(data)
        except UnusableInput as why:
            self._end(str(why))

    def _end(self, why: str) -> None:
        if self._held is not None:
            self._held.end(why)

    async def _serve(self) -> None:
        """Send painted bytes until the seat ends the connection; a client that stops reading is cut off."""
        assert self._channel is not None
        assert self._size is not None
        try:
            if self._seats.must_wait(self._name, self._client):
                self._channel.write(WAITS.encode())
            client = replace(self._client, few_colours=not _knows_true_colour(self._channel))
            self._held = await self._seats.take(self._name, client, *self._size)
        except SeatTaken as why:
            self._goodbye(str(why), entered=False)
            return
        if self._early:
            self._type(bytes(self._early))
        try:
            await pour(self._held.outlet, self._send)
        except TimeoutError:
            self._held.end("the client stopped reading")
            self._channel.abort()
            return
        except Exception:
            self._fault("an internal error of the SSH door", exc_info=True)
            self._held.end("an internal error of the SSH door")
        self._goodbye(self._held.why, entered=True)

    async def _send(self, piece: bytes) -> None:
        await self._writable.wait()
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(piece)

    def _goodbye(self, why: str, *, entered: bool) -> None:
        """Restore the client's terminal, and show the reason."""
        if self._channel is None or self._channel.is_closing():
            return
        text = (LEAVE if entered else "") + (f"{why}\r\n" if why else "")
        self._channel.write(text.encode())
        self._channel.exit(0)


def _usable(width: int, height: int) -> tuple[int, int]:
    """An ordinary size in place of 0×0, which programs without a window send."""
    return (width, height) if width and height else (80, 24)


def _knows_true_colour(channel: "asyncssh.SSHServerChannel[bytes]") -> bool:
    """True if the client has sent `COLORTERM`, which `ssh` does only if configured (`SendEnv`)."""
    return channel.get_environment().get("COLORTERM") in ("truecolor", "24bit")


def host_key(path: Path) -> asyncssh.SSHKey:
    """The host key in the file at `path`, which only its owner can read; created if there is none.

    Raises NoDoor.
    """
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return asyncssh.read_private_key(path)
        made = asyncssh.generate_private_key("ssh-ed25519", comment="mxdrill")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(made.export_private_key())
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except (OSError, asyncssh.KeyImportError) as why:
        raise NoDoor(f"{path}: not a usable host key ({why}); delete it") from None
    return made
