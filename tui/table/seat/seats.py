"""The seats of a table, each of which is a screen in this process with at most one client that shows it."""

import asyncio
from collections.abc import Callable, Sequence

from textual.strip import Strip

from tui.table.seat.seat import CLOSED, OVER, Attached, Client, Seat, SeatTaken
from tui.table.seat.shared_table import SharedTable
from tui.table.second_client import ANSWER_S, SecondClient


def _same(one: Client, other: Client) -> bool:
    """True if the client is recognised as the present one."""
    return bool(one.id) and one.id == other.id


class Seats:
    """All seats of a table."""

    def __init__(
        self,
        table: SharedTable,
        names: Sequence[str],
        wall: Callable[[], float],
        report: Callable[[str], None],
        ask: SecondClient | None = None,
    ) -> None:
        """`report`: shows the facilitator a line; `ask`: asks about a second client; None: a second client
        is refused.
        """
        self._exercise = table.exercise
        self._seats = {name: Seat(table, name, wall, report) for name in names}
        self._ask = ask
        self.closed = False

    @property
    def names(self) -> tuple[str, ...]:
        """The seats in order."""
        return tuple(self._seats)

    def painted(self, name: str) -> list[Strip]:
        """The rows of a seat's screen, for a mirror; empty if the seat has not been opened."""
        return self._seats[name].painted()

    def client_of(self, name: str) -> str:
        """The present client of a seat in words; empty if there is none."""
        held = self._seats[name].attached
        return held.client.where if held is not None else ""

    def away(self, name: str) -> bool:
        """True if a person has the seat, but their client has gone."""
        return self._seats[name].away

    @property
    def why_closed(self) -> str:
        """`OVER` if clients cannot return; otherwise `CLOSED`, because the table may be opened again."""
        return OVER if self._exercise.ended else CLOSED

    def must_wait(self, name: str, client: Client) -> bool:
        """True if `take` has to ask the facilitator first, because another client has the seat."""
        held = self._seats[name].attached
        return self._ask is not None and held is not None and not _same(held.client, client)

    async def take(self, name: str, client: Client, columns: int, rows: int) -> Attached:
        """Give the seat to `client`. Raises SeatTaken.

        A recognised client gets its own seat again; for any other client, the facilitator is asked. If
        another person has taken the seat in the meantime, that person gets a fresh screen.
        """
        seat = self._seats[name]
        before = seat.seen_by
        if (held := seat.attached) is not None:
            if not _same(held.client, client) and not await self._given(name, held.client, client):
                raise SeatTaken(f"seat {name} is taken ({held.client.where}); ask the facilitator to free it")
            if seat.attached is not None:
                seat.attached.end("the seat was opened elsewhere")
        if self.closed:
            raise SeatTaken(self.why_closed)
        await seat.open(fresh=before != seat.person)
        return seat.attach(client, columns, rows)

    async def _given(self, name: str, before: Client, asks: Client) -> bool:
        if self._ask is None:
            return False
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._ask(name, before.where, asks.where)
        except TimeoutError:
            return False

    def free(self, name: str) -> bool:
        """Disconnect the client of a seat; returns False if it had none."""
        held = self._seats[name].attached
        if held is not None:
            held.end("the facilitator freed the seat")
        return held is not None

    async def close(self) -> None:
        """End all screens and clients; further clients are refused."""
        self.closed = True
        await asyncio.gather(*(seat.close(self.why_closed) for seat in self._seats.values()))
