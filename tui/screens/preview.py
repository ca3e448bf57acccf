"""Two futures of a typed command: the figures of the next hours with the command and without it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sim.kernel.duration import in_words
from tui.painting.number_format import count, span_text
from tui.painting.rows import Row
from tui.playing.opened import Opened
from tui.screens.reader import ReaderScreen, prose

if TYPE_CHECKING:  # loads the whole world, which the first paint does not need
    from sim.study.what_if.preview import FutureFigures, Preview

_FIGURES: "tuple[tuple[str, Callable[[FutureFigures], int], Callable[[int], str]], ...]" = (
    ("messages queued", lambda one: one.queued, count),
    ("oldest at the gateway", lambda one: one.oldest_ms, span_text),
    ("bounced or rejected", lambda one: one.lost, count),
    ("users without mail", lambda one: one.without_mail, count),
    ("past the filter", lambda one: one.unfiltered, count),
)
_NAME, _CELL = 23, 24


class PreviewScreen(ReaderScreen):
    """Runs both futures in a thread, then shows them side by side."""

    heading = "Two futures"

    def __init__(self, opened: Opened, command: str) -> None:
        super().__init__()
        self._opened, self._command = opened, command
        self._found: Preview | None = None
        self._trouble = ""

    def on_mount(self) -> None:
        """Begin to run both futures."""
        self.run_worker(self._play(), exclusive=True)

    async def _play(self) -> None:
        assert self._opened.preview is not None  # the console checks this before it opens this screen
        self._found = await asyncio.to_thread(self._opened.preview, self._command)
        self.paint()

    def rows(self, width: int) -> Sequence[Row]:
        """The assumptions, and a table for each span; or a line saying that the runs are in progress."""
        if self._found is None:
            return [(), ((f"Running the next hours with and without `{self._command}` …", "dim"),)]
        return preview_rows(self._found, self._opened, width)


def preview_rows(found: "Preview", opened: Opened, width: int) -> list[Row]:
    """The two futures as rows."""
    from sim.study.what_if.preview import AHEAD_MS

    rows: list[Row] = [(), ((found.command, "strong"),), ()]
    if found.refused:
        rows += [*prose(f"This command would be refused: {found.refused}", width, "bad"), ()]
    rows += [*prose(assumed(found, opened), width), ()]
    for at, ahead_ms in enumerate(AHEAD_MS):
        head = f"in {in_words(ahead_ms)}"
        rows.append(
            (
                (head.ljust(_NAME), "title"),
                ("without it".rjust(_CELL), "dim"),
                ("with it".rjust(_CELL), "dim"),
            )
        )
        for name, of, written in _FIGURES:
            without = _range([of(one.figures[at]) for one in found.without], written)
            given = _range([of(one.figures[at]) for one in found.given], written)
            role = "" if without == given else "strong"
            rows.append(((name.ljust(_NAME), "dim"), (without.rjust(_CELL), ""), (given.rjust(_CELL), role)))
        rows.append(())
    if len(found.beliefs) > 1:
        rows += prose("Two figures: the lowest and the highest of these three cases.", width, "dim")
    return rows


def _range(values: Sequence[int], written: Callable[[int], str]) -> str:
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} – {high}"


def assumed(found: "Preview", opened: Opened) -> str:
    """The assumptions in words: the known failure, and the time of recovery."""
    if not found.beliefs[0].fails:
        return (
            "Assumes that everything works from now on, because no failure is known. The "
            "scenario's later failures are not included."
        )
    ends = []
    for one in found.beliefs:
        if one.over_ms is None:
            ends.append("it does not recover within these hours")
        else:
            clock = opened.local.day_clock(one.over_ms, found.now_ms)
            ends.append(f"the service is back {clock}{' (the estimate)' if one.estimated else ''}")
    return (
        f"Assumes that the failure stays as it is now, with three possible ends: {'; '.join(ends)}. The "
        "scenario's later failures and changes are not included."
    )
