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
from tui.painting.layout import VIEWS
from tui.painting.places import PLACE_KEYS
from tui.screens.console import ConsoleScreen
from tui.table.seat.colours import true_colours
from tui.table.seat.desk import NOT_YOURS, SeatDesk
from tui.table.seat.driver import Repaint, SeatDriver
from tui.widgets.frame.command_line import INVITES, CommandLine
from tui.widgets.frame.footer import Keys

REPAINT_S = 0.2
"""Wall time between two frames of a seat; replies to the seat's own keys are painted at once."""
WENT_BACK = "went back"
"""True while the sentence about a rewind is shown; the next key removes it."""
WITH_ACTIVITY = ("Overview", "Log")
"""Places that list every event."""


class SeatScreen(ConsoleScreen):
    """The console of a seat. Keys of the clock show a message that only the facilitator can use them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "cycle", "Next view")
    ]  # browsers keep F2 … F12
    KEYS: ClassVar[tuple[Keys, Keys]] = (
        (
            ("?", "help"), ("Enter", "menu"), ("^O", "next place"), ("PgDn", "older"),
            ("^Q", "leave the seat"),
        ),
        (
            ("Enter", "run"), ("Tab", "complete"), ("^G", "explain"), ("Esc", "clear"), ("^O", "place"),
            ("↑↓", "history"), ("^Q", "leave the seat"),
        ),
    )  # fmt: skip

    def __init__(self, desk: SeatDesk) -> None:
        super().__init__(REPAINT_S)
        self._seat = desk
        self._view_name = desk.places[0]

    def begin(self) -> None:
        """Show the seat."""
        self.attach(self._seat)

    def paint(self) -> None:
        """Draw the panes; while the command line is empty, it says what can be typed here."""
        self.query_one(CommandLine).placeholder = INVITES if self._seat.person else "your name, then Enter"
        if not (self.typed or self.asking) and self._overtaken:
            self._reply = ()
        super().paint()

    async def _frame(self) -> None:
        await super()._frame()
        if moment := self._seat.gone_back():
            self._drop_refused()
            told = f"The facilitator went back to {moment}; what came after it has not happened."
            self.say(told, "warn", "‖")
            self.asking = WENT_BACK

    def _drop_refused(self) -> None:
        """Empty the line if it still contains a refused command, unchanged."""
        self._refused = ""
        self.query_one(CommandLine).settle()

    @property
    def _overtaken(self) -> bool:
        """True if the reply to the last line is older than news for which there is only a reminder."""
        listed = self.place_name in WITH_ACTIVITY
        return self._seat.news is not None and (self._seat.waiting is not None or not listed)

    @property
    def reminder(self) -> str:
        """A line for the person at this seat: to ask for their name, to ask for an answer to a request, or
        about an urgent event.
        """
        if not self._seat.person:
            return f"Type your name and press Enter to take the seat {self._seat.seat}"
        if asked := self.pressing:
            return asked
        if self.place_name in WITH_ACTIVITY:
            self._seat.read()
        elif (news := self._seat.news) is not None:
            return f"New {news.kind}: {news.source}: {news.text}"
        return ""

    @property
    def pressing(self) -> str:
        """The request that waits for this seat's answer."""
        if (asked := self._seat.waiting) is None:
            return ""
        answers = f"`allow {asked.number}` or `deny {asked.number} REASON`"
        return f"Request {asked.number} from {asked.by}: {asked.text}. Answer {answers}"

    @property
    def place_keys(self) -> Keys:
        """The places that this seat sees."""
        return tuple((key, name) for key, name in PLACE_KEYS if name in self._seat.places)

    def action_view(self, number: int) -> None:
        """Show a place by number, if this seat sees it."""
        places = self._seat.places
        if VIEWS[number - 1] in places:
            self._seat.read()
            super().action_view(number)
        else:
            self.say(f"{self._seat.seat} cannot see that place; it can see {', '.join(places)}", "warn", "?")

    def action_cycle(self) -> None:
        """Show the next place of this seat, even while the line has text."""
        places = self._seat.places
        after = places[(places.index(self.place_name) + 1) % len(places)]
        self.action_view(VIEWS.index(after) + 1)

    def _not_yours(self) -> None:
        self.say(NOT_YOURS, "warn", "‖")

    def action_pause(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_faster(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_slower(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_step(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_leap(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_jump(self, to: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_stop_at(self, reason: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_rewind(self, minutes: int) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_rewind_to(self, text: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_to_bookmark(self, by: int) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_bookmark(self, name: str = "") -> None:
        """Not available at a seat."""
        self._not_yours()


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
