"""The lab's ports in the console: one line for each, with the folder of its mailbox."""

from collections.abc import Sequence

from tui.painting.rows import Row, wrap
from tui.screens.reader import ReaderScreen


class PortsScreen(ReaderScreen):
    """The screen that the console's word `ports` opens."""

    heading = "Ports for real mail and DNS"

    def __init__(self, ports: Sequence[str]) -> None:
        super().__init__()
        self._ports = ports

    def rows(self, width: int) -> Sequence[Row]:
        """Each port with its purpose."""
        rows: list[Row] = [()]
        for line in self._ports:
            first, *more = wrap(line, width)
            rows += [((first, ""),), *((("    " + rest, "dim"),) for rest in more)]
        return rows
