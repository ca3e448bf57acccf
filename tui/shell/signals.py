"""Signals of a closed terminal or `kill`: the console leaves in good order instead of dying."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress


def hear_signals(leave: Callable[[], object]) -> None:
    """Call `leave` in the running event loop on SIGTERM or SIGHUP. Windows has neither."""
    for name in ("SIGTERM", "SIGHUP"):
        with suppress(AttributeError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), leave)
