"""Writes to a terminal without ever blocking the event loop.

A terminal that stops reading blocks its writer, and writing to a closed terminal fails. In this module both
happen in a thread: the loop only passes its text on, and is notified when the terminal has gone.
"""

import os
import select
import threading
from collections.abc import Callable

MOST_PENDING = 8 << 20
"""Maximum number of octets held for a terminal that does not read; anything beyond is dropped, and painted
again later.
"""
PATIENCE_S = 1.0
"""Wall time that `stop` gives the terminal to accept the rest."""
LOOK_EVERY_S = 1.0
"""Wall time after which an idle writer checks that the terminal still exists. A stopped clock paints
nothing, and only a controlling terminal sends SIGHUP.
"""


class TerminalWriter:
    """Text on its way to the terminal behind `handle`.

    `gone` and `behind` are called in the writer's thread: the first when the terminal has been closed,
    the second when text was dropped and the terminal reads again.
    """

    def __init__(self, handle: int, *, gone: Callable[[], None], behind: Callable[[], None]) -> None:
        self._handle, self._on_gone, self._on_behind = handle, gone, behind
        self._pending = bytearray()
        self._changed = threading.Condition()
        self._dropped = self._stopping = self._closed = False
        self._thread = threading.Thread(target=self._work, daemon=True, name="mxdrill-terminal")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Accept `text` and return at once; text for a closed terminal is dropped."""
        with self._changed:
            if self._closed:
                return
            self._pending += text.encode("utf-8", "replace")
            if len(self._pending) > MOST_PENDING:
                self._pending.clear()
                self._dropped = True
            self._changed.notify()

    def stop(self) -> None:
        """Write pending text, but do not wait for a terminal that does not read."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE_S)

    def _work(self) -> None:
        while True:
            with self._changed:
                work = self._changed.wait_for(
                    lambda: self._pending or self._stopping or self._dropped, LOOK_EVERY_S
                )
                piece, self._pending = bytes(self._pending), bytearray()
                dropped, self._dropped = self._dropped, False
            if not piece and not dropped and work:
                return  # asked to stop, and everything is written
            try:
                if work:
                    self._put(piece)
                else:
                    self._look()
            except OSError:
                with self._changed:
                    self._closed = True
                self._on_gone()
                return
            if dropped:
                self._on_behind()

    def _look(self) -> None:
        """Raises OSError if the other side has closed the terminal."""
        looker = select.poll()
        looker.register(self._handle, 0)
        if any(event & (select.POLLHUP | select.POLLERR) for _handle, event in looker.poll(0)):
            raise BrokenPipeError

    def _put(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            try:
                rest = rest[os.write(self._handle, rest) :]
            except BlockingIOError:  # another program has made the terminal non-blocking
                select.select([], [self._handle], [])
