"""A terminal that is closed, or `kill`: told to the console rather than left to end it."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress


def hear_signals(leave: Callable[[], object]) -> None:
    """Call `leave` in the running loop instead of dying. Windows has no such signals."""
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), leave)
