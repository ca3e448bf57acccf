"""The debrief: what happened, what was decided when, and what it was worth against doing nothing."""

from collections.abc import Sequence

from tui.ports import Opened
from tui.rows import Row
from tui.screens.reader import ReaderScreen


class DebriefScreen(ReaderScreen):
    """Computes the debrief in a thread, then shows it."""

    heading = "Debrief"

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._opened = opened
        self._lines: Sequence[Row] | None = None
        self._width = 0

    def on_mount(self) -> None:
        """Begin; the same drill with nobody acting takes a moment."""
        self.run_worker(self._compute, thread=True, exclusive=True)

    def _compute(self) -> None:
        lines = self._opened.debrief()
        self.app.call_from_thread(self._done, lines)

    def _done(self, lines: Sequence[Row]) -> None:
        self._lines = lines
        self.paint()

    def rows(self, width: int) -> Sequence[Row]:
        """The debrief, or that it is being made."""
        if self._lines is None:
            return [(), (("Comparing with the same drill in which nobody acts …", "dim"),)]
        return self._lines
