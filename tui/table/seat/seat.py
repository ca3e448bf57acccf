"""One seat of a table: its screen in this process, and the one client that shows it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from textual.events import Key, Paste
from textual.strip import Strip

from tui.table.seat.app import SeatApp
from tui.table.seat.desk import SeatDesk
from tui.table.seat.driver import SeatDriver
from tui.table.seat.outlet import Outlet
from tui.table.seat.shared_table import SharedTable

WAITS = "This seat has a client already. The facilitator has one minute to admit you ...\r\n"
"""The text shown to a second client while the facilitator is being asked."""
CLOSED = "the facilitator has closed the table"
OVER = "the exercise is over, and the facilitator has closed the table"
LEFT = "you left the seat; it stays as it is"


@dataclass(frozen=True, slots=True)
class Client:
    """A client that asks for a seat: door and address in words, and an id that a browser sends again when
    it reconnects.
    """

    where: str
    id: str = ""
    """Identifies the client; empty if it cannot be recognised when it reconnects."""
    few_colours: bool = False
    """True if the client's terminal may have only 256 colours."""


class SeatTaken(Exception):
    """The seat already has a client, and the facilitator did not give it to another one."""


class Attached:
    """A client's hold on a seat: its keys go in, painted bytes come out, until either side ends it."""

    def __init__(self, seat: "Seat", client: Client) -> None:
        self.client = client
        self.outlet = Outlet(seat.repaint)
        self.why = ""
        """The reason for the end, in words; empty before the end."""
        self._seat = seat

    def feed(self, data: bytes) -> None:
        """Type `data` at the seat. Raises UnusableInput."""
        if self._seat.attached is self:
            self._seat.driver.feed(data)

    def press(self, pressed: Key | Paste) -> None:
        """Type a key that another screen of this process received, or paste text."""
        if self._seat.attached is self:
            self._seat.driver.press(pressed)

    def resize(self, columns: int, rows: int) -> None:
        """Tell the seat that the client's window has another size."""
        if self._seat.attached is self:
            self._seat.driver.resize(columns, rows)

    def end(self, why: str = "") -> None:
        """Leave the seat, which stays as it is."""
        self.why = self.why or why
        self._seat.let_go(self)
        self.outlet.close()


class Seat:
    """One seat: its screen and its present client."""

    def __init__(
        self, table: SharedTable, name: str, wall: Callable[[], float], report: Callable[[str], None]
    ) -> None:
        self.name = name
        self.attached: Attached | None = None
        self._left_by = ""
        """For each seat, the person who was at it when its last client left."""
        self._table, self._wall, self._report = table, wall, report
        self._app = self._make()
        self._task: asyncio.Task[None] | None = None

    def _make(self) -> SeatApp:
        return SeatApp(SeatDesk(self._table, self.name, self._wall), self._left)

    @property
    def driver(self) -> SeatDriver:
        """The driver of the running screen."""
        driver = self._app._driver
        assert isinstance(driver, SeatDriver), "the seat runs"
        return driver

    @property
    def person(self) -> str:
        """The person who sits there; empty if there is no one."""
        return self._table.exercise.person(self.name)

    @property
    def seen_by(self) -> str:
        """The person who sees the screen, or saw it last; empty if there has been none."""
        return self.person if self.attached is not None else self._left_by

    @property
    def away(self) -> bool:
        """True if the person has the seat, but their client has gone."""
        return self.attached is None and bool(self._left_by) and self._left_by == self.person

    async def open(self, *, fresh: bool = False) -> None:
        """Start the screen, or make a failed one again. Returns when it can be painted.

        `fresh`: for another person, who must not see the previous person's typed line or views.
        """
        if fresh and (before := self._task) is not None:
            self._app.exit()
            await asyncio.wait([before], timeout=5)
        if self._task is None or self._task.done():
            if self._task is not None:
                self._app = self._make()
            self._task = asyncio.create_task(self._run(self._app), name=f"seat {self.name}")
        ready = asyncio.create_task(self._app.ready.wait())
        await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()

    async def _run(self, app: SeatApp) -> None:
        await app.run_async()
        if app.failure is not None:
            self._report(f"seat {self.name}: internal error ({app.failure}); reload to start it again")
            if self.attached is not None:
                self.attached.end("an internal error of this seat; reload to start it again")

    async def close(self, why: str) -> None:
        """End the screen and disconnect its client, which is told the reason."""
        if self.attached is not None:
            self.attached.end(why)
        if self._task is not None:
            self._app.exit()
            await asyncio.wait([self._task], timeout=5)

    def attach(self, client: Client, columns: int, rows: int) -> Attached:
        """Show the seat to `client` from now on."""
        held = Attached(self, client)
        self.attached = held
        self._app.desk.watched = True
        self._report(f"seat {self.name}: {client.where} is here")
        self.driver.attach(held.outlet, columns, rows, few_colours=client.few_colours)
        return held

    def let_go(self, held: Attached) -> None:
        """Stop showing the seat to `client`, if that client still had it."""
        if self.attached is held:
            self.attached, self._left_by = None, self.person
            self._app.desk.watched = False
            because = f", {held.why}" if held.why not in ("", LEFT) else ""
            self._report(f"seat {self.name}: {held.client.where} has gone{because}")
            self.driver.detach()

    def painted(self) -> list[Strip]:
        """The rows of the seat's screen as they are now; empty if the screen has not been opened."""
        runs = self._task is not None and not self._task.done()
        return self._app.painted() if runs else []

    def repaint(self) -> None:
        """Paint everything again, because the client has missed a part."""
        self.driver.repaint()

    def _left(self) -> None:
        if self.attached is not None:
            self.attached.end(LEFT)
