"""The driver of the facilitator's terminal where that knows 256 colours only."""

from tui.shell.console_driver import ConsoleDriver
from tui.table.seat.colours import with_256_colours


class FewColours(ConsoleDriver):
    """Writes the nearest colours that the terminal knows."""

    def write(self, data: str) -> None:
        """Hand `data` to the writer; never waits."""
        super().write(with_256_colours(data))
