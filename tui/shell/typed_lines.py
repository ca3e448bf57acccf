"""Lines from standard input without blocking the event loop, on every system and kind of input."""

import os
import queue
import sys
import threading
import time
from typing import Self

ENDED = "standard input has ended: no more commands can be typed; Ctrl+C saves and stops"
"""The line that a program says when its input ends, which happens at once with `</dev/null`."""
LOOK_S = 0.2


class TypedLines:
    """Reads standard input in a separate thread; `take` never waits.

    The thread reads the handle itself, because a thread that is blocked in `sys.stdin` would prevent the
    interpreter from ending.
    """

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._open = False
        self._told = False

    @classmethod
    def start(cls) -> Self:
        """Begin to read; if there is no standard input, there are no lines."""
        typed = cls()
        if sys.stdin is not None and not sys.stdin.closed:
            typed._open = True
            threading.Thread(target=typed._read, args=(sys.stdin.fileno(),), daemon=True).start()
        return typed

    def take(self) -> list[str]:
        """Lines since the last call, stripped; empty lines are left out."""
        lines = []
        while not self._lines.empty():
            if line := self._lines.get().strip():
                lines.append(line)
        return lines

    def has_just_ended(self) -> bool:
        """True once: when every line has been taken and no more can come."""
        if self._told or self._open or not self._lines.empty():
            return False
        self._told = True
        return True

    def _read(self, handle: int) -> None:
        rest = b""
        while True:
            try:
                chunk = os.read(handle, 4096)
            except OSError:  # the terminal is gone
                chunk = b""
            *whole, rest = (rest + chunk).split(b"\n")
            if not chunk:
                whole, rest = [*whole, rest], b""
            for line in whole:
                self._lines.put(line.decode("utf-8", "replace"))
            if not chunk and os.isatty(handle):  # Ctrl+D at a terminal, where people can go on typing
                time.sleep(LOOK_S)
            elif not chunk:
                self._open = False
                return
