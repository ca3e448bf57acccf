"""Signals: Ctrl+C, `kill` and a closed terminal end the program in good order."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Self

from tui.shell import exit_status

LONGEST_GOODBYE_S = 10.0
"""Wall time after which a program that was asked to end is killed; by then, all acknowledged input is on
disk.
"""


class Goodbye:
    """Handles SIGTERM and SIGHUP of this process as a request to leave, after which the process always ends.

    The signals are handled while the context is active. The request is passed to the event loop. If the loop
    is blocked, or a dead terminal blocks the end, the process is ended after `LONGEST_GOODBYE_S`.
    """

    def __init__(self) -> None:
        self._leads_to: tuple[Callable[[], object], asyncio.AbstractEventLoop] | None = None
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Begin to handle the signals. Only the main thread can do so; Windows has neither signal."""
        for name in ("SIGTERM", "SIGHUP"):
            with suppress(AttributeError, ValueError):
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, lambda *_: self.ask())
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the signals end the process from now on."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def leads_to(self, leave: Callable[[], object], loop: asyncio.AbstractEventLoop) -> None:
        """Have a request call `leave` in `loop`: at once, if there has already been one."""
        self._leads_to = leave, loop
        if self._asked:
            loop.call_soon(leave)

    def ask(self) -> None:
        """Ask for the end, from any thread or signal handler; one request is enough."""
        if self._asked:
            return
        self._asked = True
        threading.Thread(target=_end_the_process, daemon=True, name="mxdrill-goodbye").start()
        if self._leads_to is None:
            return
        leave, loop = self._leads_to
        with suppress(RuntimeError):  # the loop has already ended
            loop.call_soon_threadsafe(leave)


def _end_the_process() -> None:
    time.sleep(LONGEST_GOODBYE_S)
    os._exit(exit_status.INTERRUPTED)


@contextmanager
def ctrl_c_cancels() -> Iterator[None]:
    """While the context is active, Ctrl-C cancels the task that an event loop runs, rather than raise
    KeyboardInterrupt at any line of the loop: asyncio does so only in place of Python's own handler.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class StopRequests:
    """Requests to stop while the context is active: the first Ctrl-C asks for an end, further ones ask for
    haste.

    Requests are recorded at once, even while the loop is busy with the simulation. A signal that was ignored
    when the program started stays ignored.
    """

    def __init__(self) -> None:
        self.requested = False
        """True once a request to stop has arrived."""
        self.at_once = asyncio.Event()
        """Set by a second Ctrl-C, by `kill`, and when the terminal is closed."""
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
