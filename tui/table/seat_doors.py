"""The doors to seats with a screen, for browsers and SSH: one set of seats and tokens serves both."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.strip import Strip

from tui.painting.local_time import LocalTime
from tui.playing.drill_language import DrillLanguage
from tui.table.address import NoDoor, qr_rows
from tui.table.door_protocol import Around
from tui.table.log_on import Keyring, Tries
from tui.table.seat.seat import Attached, Client
from tui.table.seat.seats import Seats
from tui.table.seat.shared_table import SharedTable
from tui.table.second_client import SecondClients

if TYPE_CHECKING:  # packages of the extra `table`; each door needs only one of them
    from tui.table.browser_door import BrowserDoor
    from tui.table.ssh_door import SshDoor


@dataclass(frozen=True, slots=True)
class SeatPorts:
    """Ports (0: a free one), and one network address in addition to loopback, or none."""

    browser: int | None = 0
    """Settings of the server for browsers; None if there is none."""
    ssh: int | None = None
    """Settings of the SSH server; None if there is none."""
    lan: str = ""


class SeatDoors:
    """The seats of a table, and the doors that lead to them."""

    _browser: "BrowserDoor | None" = None
    _ssh: "SshDoor | None" = None

    def __init__(
        self,
        around: Around,
        secret: bytes,
        ports: SeatPorts,
        opened: Callable[[int, int], None] = lambda browser, ssh: None,
    ) -> None:
        """`opened` is called with the ports once they are open; 0 for a door that was not requested.

        Raises ImportError if a door's package is not installed, and NoDoor for an unusable host key.
        """
        exercise = around.exercise
        scenario = exercise.session.scenario
        names = tuple(one.name for one in exercise.seats)
        table = SharedTable(
            exercise,
            around.clock,
            exercise.series,
            DrillLanguage(scenario.rules, scenario.organisation),
            LocalTime(scenario.starts_utc_ms, scenario.zone),
            scenario.briefing,
            names,
        )
        self._second = SecondClients(around.say)
        self._seats = Seats(table, names, time.monotonic, around.say, self._second.ask)
        self._keyring = Keyring(secret, names)
        self._ports, self._opened = ports, opened
        if ports.browser is not None:
            from tui.table.browser_door import BrowserDoor

            self._browser = BrowserDoor(
                table,
                self._seats,
                self._keyring,
                Tries(time.monotonic, around.say),
                time.monotonic,
                around.say,
            )
        if ports.ssh is not None:
            from tui.table.ssh_door import SshDoor

            key = host_key_of(around.journal)
            self._ssh = SshDoor(
                self._seats, self._keyring, Tries(time.monotonic, around.say), key, time.monotonic, around.say
            )

    async def open(self) -> None:
        """Let clients in. Raises NoDoor."""
        ports = self._ports
        try:
            if self._browser is not None:
                await self._browser.open(ports.browser or 0, ports.lan)
            if self._ssh is not None:
                await self._ssh.open(ports.ssh or 0, ports.lan)
        except NoDoor:
            await self.close()
            raise
        self._opened(*(door.port if door is not None else 0 for door in (self._browser, self._ssh)))

    async def close(self) -> None:
        """Void the tokens, and end every seat and connection."""
        self._keyring.void()
        await self._seats.close()
        for door in (self._browser, self._ssh):
            if door is not None:
                await door.close()

    def links(self) -> list[str]:
        """A line for each way to reach a seat, with its token."""
        names, rows = self._seats.names, []
        if (browser := self._browser) is not None:
            rows += [f"seat {name}: {browser.link('seat', name)}" for name in names]
            rows += [f"phone {name}: {browser.link('phone', name)}" for name in names]
            rows.append(f"projector: {browser.link('room')}")
        if (ssh := self._ssh) is not None:
            rows.append(f"SSH host key: {ssh.fingerprint}")
            rows += [
                f"SSH {name}: {ssh.way(name)}  password {self._keyring.token('seat', name)}" for name in names
            ]
        if self._ports.lan:
            rows.append(
                f"open to everyone on the network of {self._ports.lan}: each seat needs its token, but only "
                "SSH is encrypted; browser connections are not"
            )
        return rows

    def code(self, of: str) -> list[str]:
        """The link to a seat, `phone SEAT` or `projector` as a QR code; empty if there is no door for
        browsers. Raises NoDoor.
        """
        if self._browser is None:
            return []
        first, _, seat = of.partition(" ")
        try:
            if of == "projector":
                return qr_rows(self._browser.link("room"))
            kind, name = ("phone", seat) if first == "phone" else ("seat", of)
            return qr_rows(self._browser.link("phone" if kind == "phone" else "seat", name))
        except KeyError:
            raise NoDoor(f"{of}: no such link; write qr SEAT, qr phone SEAT or qr projector") from None

    def painted(self, seat: str) -> list[Strip]:
        """The rows of a seat's screen; empty if the seat has not been opened."""
        return self._seats.painted(seat) if seat in self._seats.names else []

    async def hold(self, seat: str, columns: int, rows: int) -> Attached | None:
        """Show the seat on the facilitator's own terminal; None if another client has it, or if there is
        no such seat.
        """
        terminal = Client("the facilitator's terminal", id="the facilitator's terminal")
        if seat not in self._seats.names or self._seats.must_wait(seat, terminal):
            return None
        return await self._seats.take(seat, terminal, columns, rows)

    def free(self, seat: str) -> None:
        """Disconnect the client of the seat."""
        if seat in self._seats.names:
            self._seats.free(seat)

    def admit(self, seat: str) -> bool:
        """Give the seat to a second client that asks for it; False if there is none."""
        return self._second.admit(seat)

    def asking(self) -> Mapping[str, str]:
        """For each seat for which a second client asks, the question."""
        return self._second.asking

    def away(self, seat: str) -> bool:
        """True if a person has the seat, but their client has gone."""
        return seat in self._seats.names and self._seats.away(seat)


def host_key_of(journal: Path) -> Path:
    """The host key in the folder of the journal: the same one for every exercise there."""
    return journal.with_name("ssh-host.key")
