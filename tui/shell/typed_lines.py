"""Lines from standard input without blocking the event loop, on every system and kind of input."""

import os
import queue
import sys
import threading
from typing import Self


class TypedLines:
    """Reads standard input in a separate thread; `take` never waits.

    The thread reads the handle itself, because a thread that is blocked in `sys.stdin` would prevent the
    interpreter from ending.
    """

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    @classmethod
    def start(cls) -> Self:
        """Begin to read; if there is no standard input, there are no lines."""
        typed = cls()
        if sys.stdin is not None and not sys.stdin.closed:
            threading.Thread(target=typed._read, args=(sys.stdin.fileno(),), daemon=True).start()
        return typed

    def take(self) -> list[str]:
        """Lines since the last call, stripped; empty lines are left out."""
        lines = []
        while not self._lines.empty():
            if line := self._lines.get().strip():
                lines.append(line)
        return lines

    def _read(self, handle: int) -> None:
        rest = b""
        while True:
            try:
                chunk = os.read(handle, 4096)
            except OSError:  # a terminal that has gone away
                chunk = b""
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole if chunk else [*whole, rest]:
                self._lines.put(line.decode("utf-8", "replace"))
            if not chunk:
                return
