"""Gives a pressed key priority: while it is not on the screen yet, the world and its frames wait for it."""

import asyncio
import time
from collections.abc import Callable

LONGEST_S = 0.05
"""Maximum wall time for which frames wait until a pressed key has been painted; a key that changes nothing
on the screen is never painted.
"""
CALM_S = 2.0
"""Wall time after a key during which long work that can wait is put off."""
_LOOK_S = 0.002


class PressedKey:
    """The key that has been pressed and is not painted yet, if any.

    `pressed` is called in the thread that reads the terminal, `arrived` and `painted` in the event loop.
    """

    def __init__(self, wall: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._since_s: float | None = None
        self._last_s = -CALM_S
        self._arrived = False

    @property
    def waits(self) -> bool:
        """True while a key waits to be painted, but at most for `LONGEST_S`, so that a held key does not
        stop the clock.
        """
        since_s = self._since_s
        return since_s is not None and self._wall() - since_s < LONGEST_S

    @property
    def calm(self) -> bool:
        """True if no key has been pressed for a while, so that no one is typing."""
        return self._wall() - self._last_s >= CALM_S

    def pressed(self) -> None:
        """Called when a key has been read from the terminal."""
        self._last_s = self._wall()
        if not self.waits:
            self._arrived, self._since_s = False, self._wall()

    def arrived(self) -> None:
        """Called when the event loop has passed the key on: the next paint shows its effect."""
        self._arrived = True

    def painted(self) -> None:
        """Called when the screen has been painted."""
        if self._arrived:
            self._since_s = None

    async def settle(self) -> None:
        """Give way to everything that is due in the event loop, and to a key."""
        await asyncio.sleep(0)
        while self.waits:  # noqa: ASYNC110 - the key is pressed in another thread
            await asyncio.sleep(_LOOK_S)
