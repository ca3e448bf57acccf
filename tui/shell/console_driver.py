"""Textual's driver for Unix, with a writer and a reader that survive a closed or hanging terminal.

Textual's own writer puts frames into a short queue from within the event loop, and its thread ends at the
first error. A terminal that stops reading, or is closed, then blocks the loop permanently, including its
signals.
"""

import sys

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from tui.shell.terminal_writer import TerminalWriter


class ConsoleDriver(LinuxDriver):
    """Calls `app.on_terminal_gone` once when the terminal has been closed."""

    def __init__(self, app: App[object], **options: object) -> None:
        super().__init__(app, **options)  # type: ignore[arg-type]
        self._file = sys.__stdout__  # Textual would use standard error, which may be a file
        self._writer: TerminalWriter | None = None

    def start_application_mode(self) -> None:
        """Take the terminal, with a new writer (also after Ctrl-Z)."""
        assert self._file is not None, "there is a terminal"
        self._writer = TerminalWriter(self._file.fileno(), gone=self._gone, behind=self._behind)
        self._writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Hand `data` to the writer without waiting."""
        assert self._writer is not None, "only in application mode"
        self._writer.write(data)

    def close(self) -> None:
        """Write pending data if the terminal reads."""
        if self._writer is not None:
            self._writer.stop()
        super().close()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:  # the terminal has been closed
            self._gone()

    def process_message(self, message: Message) -> None:
        """Pass on a key; frames wait until its effect is painted. While the application is leaving, it
        ignores keys, except that Ctrl+C makes it hurry.
        """
        pressed = getattr(self._app, "key_pressed", None)
        if callable(pressed) and isinstance(message, Key | Paste):
            pressed()  # called at once, even while the loop is busy: it ends the current slice
        if isinstance(message, Key) and message.key == "ctrl+c":
            self._from_another_thread(getattr(self._app, "hurry", None))
        super().process_message(message)

    def _gone(self) -> None:
        self._from_another_thread(getattr(self._app, "on_terminal_gone", None))

    def _behind(self) -> None:
        self._from_another_thread(lambda: self._app.refresh(layout=True))

    def _from_another_thread(self, act: object) -> None:
        loop = self._app._loop
        if callable(act) and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(act)
