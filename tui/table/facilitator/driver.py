"""Drivers for the facilitator's terminal, whose process also serves the seats."""

import asyncio

from tui.shell.console_driver import ConsoleDriver
from tui.table.seat.colours import with_256_colours


class StationDriver(ConsoleDriver):
    """Undo Textual's request for eager tasks, because with them asyncssh loses its connections."""

    def start_application_mode(self) -> None:
        """Take the terminal."""
        asyncio.get_running_loop().set_task_factory(None)
        super().start_application_mode()


class FewColours(StationDriver):
    """Writes the nearest colours, for a terminal with 256 colours."""

    def write(self, data: str) -> None:
        """Hand `data` to the writer without waiting."""
        super().write(with_256_colours(data))
