"""The screen of one seat: the console of a drill, without the keys that move the clock."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.strip import Strip

import tui
from tui.table.seat.colours import true_colours
from tui.table.seat.desk import SeatDesk
from tui.table.seat.driver import Repaint, SeatDriver
from tui.table.seat.screen import SeatScreen


class SeatApp(App[None]):
    """The screen of a seat. The screen exists as long as the table, with or without a client. `left` is
    called when its person leaves.
    """

    CSS_PATH = str(Path(tui.__file__).with_name("console.tcss"))
    ENABLE_COMMAND_PALETTE = False
    TITLE = "mxdrill"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Leave the seat", priority=True),
        Binding("ctrl+c", "hint", "How to leave", priority=True),
        Binding("f1,ctrl+g", "help", "Help"),
        Binding("ctrl+p", "palette", "Palette"),
    ]

    def __init__(self, desk: SeatDesk, left: Callable[[], None]) -> None:
        super().__init__()
        self.desk = desk
        self.failure: Exception | None = None
        self.seat_screen = SeatScreen(desk)
        self.ready = asyncio.Event()
        """Set once the seat can be painted."""
        self._left = left
        self._at_the_end = sys.stdout, sys.stderr
        self.console = true_colours(self.console)

    def keep_process(self) -> None:
        """Keep a seat from changing the rest of the process. Called just before Textual redirects printed
        output.

        Textual must redirect this output to its present target. From Python 3.12 on, Textual has also
        requested eager tasks, with which asyncssh loses its connections.
        """
        asyncio.get_running_loop().set_task_factory(None)
        self._capture_stdout, self._capture_stderr = sys.stdout, sys.stderr  # type: ignore[assignment]

    def on_unmount(self) -> None:
        """Remember the target of `print` at the end: Textual restores the one from the beginning."""
        self._at_the_end = sys.stdout, sys.stderr

    def give_streams_back(self) -> None:
        """Keep the present targets of `print`, which the end of a seat would reset."""
        sys.stdout, sys.stderr = self._at_the_end

    def painted(self) -> list[Strip]:
        """The rows of the screen as they are now; empty before it is ready."""
        if not self.ready.is_set():
            return []
        with self._context():
            return self.screen._compositor.render_strips()

    def get_driver_class(self) -> type[Driver]:
        """The driver without a terminal."""
        return SeatDriver

    def on_mount(self) -> None:
        """Show the console of this seat."""
        self.push_screen(self.seat_screen)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.seat_screen.begin()
        self.ready.set()

    @on(Repaint)
    def _repaint(self) -> None:
        """Paint everything, for a client with an empty screen."""
        self.seat_screen.paint()
        self.screen.refresh(layout=True)

    def action_leave(self) -> None:
        """Let the person leave; the seat stays as it is."""
        self._left()

    def action_hint(self) -> None:
        """Say how to leave."""
        self.seat_screen.say("Ctrl+Q leaves the seat; everything stays as it is for your return", "warn", "?")

    def action_help(self) -> None:
        """Explain the typed command; if there is none, show briefing, keys, places and commands."""
        from tui.screens.help import CommandHelpScreen, command_in
        from tui.table.seat.help import SeatHelp

        if self.screen is self.seat_screen:
            language = self.desk.language
            kind = command_in(self.seat_screen.typed, language.COMMANDS)
            self.push_screen(CommandHelpScreen(kind, language) if kind else SeatHelp(self.desk))

    def action_palette(self) -> None:
        """Open the palette; the chosen command goes into the command line."""
        from tui.screens.palette import PaletteScreen

        if self.screen is self.seat_screen:
            palette = PaletteScreen(self.desk.opened.language, self.seat_screen.place_name)
            self.push_screen(palette, self._built)

    def _built(self, text: str | None) -> None:
        if text:
            self.seat_screen.write(text)

    def action_end_now(self) -> None:
        """Not available at a seat."""
        self.seat_screen.say("the facilitator ends the exercise", "warn", "■")

    def action_debrief(self) -> None:
        """Show that the exercise has ended; only the facilitator gets its debrief."""
        self.seat_screen.say("The exercise has ended. The facilitator leads the debrief.", "warn", "■")

    def _handle_exception(self, error: Exception) -> None:
        """Handle an error of this seat alone: it is recorded, and the other seats continue."""
        if self.failure is None:
            self.failure = error
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()
