"""Signals: Ctrl+C, `kill` and a closed terminal end the program in good order."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, Self


def hear_signals(leave: Callable[[], object]) -> None:
    """Call `leave` in the running event loop on SIGTERM or SIGHUP. Windows has neither."""
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), leave)


class StopRequests:
    """Requests to stop while it is entered: the first Ctrl-C asks for an end, anything more for haste.

    They are noted at once, also while the loop is busy with the world. A signal that was ignored when
    the program started stays ignored.
    """

    def __init__(self) -> None:
        self.requested = False
        """True from the first request on."""
        self.at_once = asyncio.Event()
        """Set by a second Ctrl-C, by `kill`, and by a terminal that is closed."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: Mapping[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        heard = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        self._before = {
            one: signal.signal(one, self._heard)
            for one in heard
            if signal.getsignal(one) not in {signal.SIG_IGN, None}
        }
        return self

    def __exit__(self, *_error: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def hurry(self) -> None:
        """Ask for an end at once."""
        self.requested = True
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.at_once.set)

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        if self.requested or number != signal.SIGINT:
            self.hurry()
        self.requested = True
