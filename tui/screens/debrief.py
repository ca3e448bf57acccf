"""The debrief: its first page, results next to those without any action, objectives, scores and timeline."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from sim.kernel.user_mistake import Mistake
from sim.report.debrief import Debrief
from tui.painting.rows import Row, wrap
from tui.playing.opened import Opened
from tui.screens.debrief_rows import debrief_rows
from tui.screens.debrief_summary import summary_rows
from tui.screens.reader import ReaderScreen
from tui.shell.output_files import show_in_browser

if TYPE_CHECKING:
    from sim.report.paper.facts import DebriefFacts


class DebriefScreen(ReaderScreen):
    """Runs the same drill without any action in a thread, then shows both results."""

    heading = "Debrief"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,ctrl+backslash", "app.pop_screen", "Back"),
        Binding("o", "open_page", "Open as a page"),
    ]

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._opened = opened
        self._told: Debrief | None = None
        self._facts: DebriefFacts | None = None
        self._page = ""
        """The state of the debrief page in one line; empty if no page was requested."""

    def on_mount(self) -> None:
        """Begin the comparison, which takes about a second."""
        self.run_worker(self._compare(), exclusive=True)

    async def _compare(self) -> None:
        nothing = await asyncio.to_thread(self._opened.nothing)
        if self._opened.facts is not None:
            self._facts = self._opened.facts(nothing)
            self._told = self._facts.told
        else:
            self._told = self._opened.debrief(nothing)
        self.paint()

    async def action_open_page(self) -> None:
        """Write the debrief as files next to the journal, and open its page in a browser."""
        write, facts = self._opened.pages, self._facts
        if write is None or facts is None:
            return
        try:
            page = await asyncio.to_thread(write, facts)
        except Mistake as trouble:
            self._page = f"no page: {trouble}"
        else:
            opened = await asyncio.to_thread(show_in_browser, page)
            self._page = f"{'opened' if opened else 'written'}: {page}"
        self.paint()

    def rows(self, width: int) -> Sequence[Row]:
        """The debrief, or a line saying that it is in progress."""
        if self._told is None:
            return [(), (("Comparing with the same drill without any action …", "dim"),)]
        judged = self._opened.mode != "free"
        early_ms = None if self._opened.drill.complete else self._opened.drill.now_ms
        depth = debrief_rows(self._told, width, judged=judged, early_ms=early_ms)
        if self._facts is None:
            return depth
        page = self._page or "O opens the whole debrief with its charts as a page in your browser."
        first = summary_rows(self._facts, width, judged=judged)
        return [(), *(((line, "dim"),) for line in wrap(page, width)), *first, *depth]
