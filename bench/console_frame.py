"""`python -m bench.console_frame`: what a frame costs, panes of ours beside a stock DataTable, in one run.

Four panes of a quarter of 160 × 48 each, every cell changing in every frame; then the console itself
on `exchange-down` at ×3600, 20 frames a second. CPU of the process, medians.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from tui.app import DrillApp
from tui.painting.rows import Row
from tui.playing.open_drill import NewDrill, begin
from tui.widgets.frame.pane import Pane

FRAMES = 60
WIDTH, HEIGHT = 80, 24
_LETTERS = "0123456789abcdef"


def rows_of(frame: int) -> list[Row]:
    """A pane in which every cell differs from the frame before, in spans of ten cells."""
    return [
        tuple((_LETTERS[(frame + y + x) % 16] * 10, ("", "strong", "dim", "good")[x % 4]) for x in range(8))
        for y in range(HEIGHT)
    ]


class Panes(App[None]):
    """Four panes."""

    CSS = "Screen { layout: grid; grid-size: 2 2; } Pane { position: relative; width: 80; height: 24; }"

    def compose(self) -> ComposeResult:
        for number in range(4):
            yield Pane(f"p{number}")

    def frame(self, number: int) -> None:
        rows = rows_of(number)
        for pane in self.query(Pane):
            pane.show(rows)


class Tables(App[None]):
    """Four stock tables of the same size."""

    CSS = "Screen { layout: grid; grid-size: 2 2; } DataTable { width: 80; height: 24; }"

    def compose(self) -> ComposeResult:
        for number in range(4):
            yield DataTable(id=f"t{number}", show_header=False, cell_padding=0)

    def on_mount(self) -> None:
        for table in self.query(DataTable):
            table.add_columns(*(f"{column:10}" for column in range(8)))
            for row in rows_of(0):
                table.add_row(*(text for text, _ in row))

    def frame(self, number: int) -> None:
        rows = rows_of(number)
        for table in self.query(DataTable):
            for y, row in enumerate(rows):
                for x, (text, _) in enumerate(row):
                    table.update_cell_at((y, x), text)  # type: ignore[arg-type]


async def painted(pilot: Pilot[None], frame: Callable[[int], None]) -> float:
    """Median CPU ms from giving a frame to having it written to the terminal."""
    costs = []
    for number in range(1, FRAMES + 1):
        began = time.process_time()
        frame(number)
        await asyncio.sleep(0)
        while pilot.app.screen._dirty_widgets or pilot.app._batch_count:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        costs.append((time.process_time() - began) * 1000)
    return statistics.median(costs)


async def compare(app: Panes | Tables) -> float:
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        return await painted(pilot, app.frame)


async def console() -> tuple[float, float]:
    """CPU ms of a console frame at ×3600 over a simulated day: whole, and of it in the world."""
    wall_s = 0.0
    journal = Path(tempfile.mkdtemp()) / "bench.jsonl"
    app = DrillApp(
        lambda: begin(NewDrill("exchange-down", 1, journal, speed=3600)), 3600, wall=lambda: wall_s
    )
    async with app.run_test(size=(160, 48)) as pilot:
        while app.desk is None:
            assert app.failure is None, app.failure
            await pilot.pause(0.01)
        whole, world = [], []
        for _ in range(400):
            wall_s += 0.05
            began = time.process_time()
            app.desk.pacer.frame()
            advanced = time.process_time()
            app._console.paint()
            await asyncio.sleep(0)
            while app.screen._dirty_widgets:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            whole.append((time.process_time() - began) * 1000)
            world.append((advanced - began) * 1000)
        return statistics.median(whole), statistics.median(world)


async def main() -> None:
    panes, tables = await compare(Panes()), await compare(Tables())
    whole, world = await console()
    print(f"{'four panes, every cell':40}{panes:8.1f} ms a frame")
    print(f"{'four DataTables, every cell':40}{tables:8.1f} ms a frame, {tables / panes:.1f} times as much")
    print(f"{'console at x3600, 160 x 48':40}{whole:8.1f} ms a frame, {world:.1f} of it in the world")
    print(f"{'share of a core at 20 frames a second':40}{whole * 20 / 10:8.0f} %")


if __name__ == "__main__":
    asyncio.run(main())
