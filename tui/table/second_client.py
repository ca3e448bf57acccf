"""A second client at an occupied seat: the facilitator is asked, and has a minute to admit it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

ANSWER_S = 60.0
"""Wall time within which the facilitator has to answer whether a second client takes over a seat."""


class SecondClient(Protocol):
    """Asks the facilitator whether a second client takes over a seat."""

    def __call__(self, seat: str, before: str, asks: str) -> Awaitable[bool]:
        """`before`, `asks`: the two clients in words."""


class SecondClients:
    """Asks the facilitator, on the terminal, whether a second client takes over a seat."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._open: dict[str, asyncio.Future[bool]] = {}
        self.asking: dict[str, str] = {}
        """For each seat for which a second client asks, the question to the facilitator."""

    async def ask(self, seat: str, before: str, asks: str) -> bool:
        """Wait for the answer; one question for each seat at a time."""
        if seat in self._open:
            return False
        self._open[seat] = asyncio.get_running_loop().create_future()
        self.asking[seat] = (
            f"seat {seat} ({before}): {asks} is asking for it; "
            f"`admit {seat} NAME` lets NAME in, within a minute"
        )
        self._say(self.asking[seat])
        try:
            return await self._open[seat]
        finally:
            del self._open[seat], self.asking[seat]

    def admit(self, seat: str) -> bool:
        """Give the seat to the client that asks for it; False if no client does."""
        question = self._open.get(seat)
        if question is None or question.done():
            return False
        question.set_result(True)
        return True
