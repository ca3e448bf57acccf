"""The debrief: results next to those without action, objectives, scores and timeline."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from sim.report.debrief import Debrief
from tui.painting.rows import Row
from tui.playing.protocols import Opened
from tui.screens.debrief_rows import debrief_rows
from tui.screens.reader import ReaderScreen


class DebriefScreen(ReaderScreen):
    """Runs the same drill without any action in a thread, then shows both results."""

    heading = "Debrief"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,ctrl+backslash", "app.pop_screen", "Back")]

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._opened = opened
        self._told: Debrief | None = None

    def on_mount(self) -> None:
        """Begin the comparison, which takes about a second."""
        self.run_worker(self._compare(), exclusive=True)

    async def _compare(self) -> None:
        nothing = await asyncio.to_thread(self._opened.nothing)
        self._told = self._opened.debrief(nothing)
        self.paint()

    def rows(self, width: int) -> Sequence[Row]:
        """The debrief, or a line that it is in progress."""
        if self._told is None:
            return [(), (("Comparing with the same drill without any action …", "dim"),)]
        judged = self._opened.mode != "free"
        early_ms = None if self._opened.drill.complete else self._opened.drill.now_ms
        return debrief_rows(self._told, width, judged=judged, early_ms=early_ms)
