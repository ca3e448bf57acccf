"""The console application: paints at once, opens the drill in a thread, switches between screens."""

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver

from sim.kernel.user_mistake import Mistake
from tui.playing.control_desk import ControlDesk
from tui.playing.key_first import PressedKey
from tui.playing.opened import Opened
from tui.screens.console import ConsoleScreen
from tui.shell import exit_status
from tui.shell.signals import Goodbye


class DrillApp(App[int]):
    """`opener` begins or resumes the drill in a thread; if it raises an exception, that is in `failure`
    afterwards.
    """

    # absolute, because another program may run the app
    CSS_PATH = str(Path(__file__).with_name("console.tcss"))
    ENABLE_COMMAND_PALETTE = False
    TITLE = "mxdrill"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", priority=True),
        Binding("ctrl+c", "interrupt", "Interrupt", priority=True),
        Binding("f1,ctrl+g", "help", "Help"),
        Binding("ctrl+p", "palette", "Palette"),
        Binding("f10,ctrl+backslash", "finish", "End the drill", priority=True),
    ]

    def __init__(
        self,
        opener: Callable[[], Opened],
        speed: int = 60,
        wall: Callable[[], float] = time.monotonic,
        goodbye: Goodbye | None = None,
    ) -> None:
        """`goodbye`: the signals that may end the process, which an app does not handle by itself."""
        super().__init__()
        self._goodbye = goodbye
        self.desk: ControlDesk | None = None
        self.failure: Exception | None = None
        self.kept = ""
        self._branching = False
        self._at_once: asyncio.Event | None = None
        self._opener = opener
        self._speed = speed
        self._wall = wall
        self.key = PressedKey(wall)
        """The last pressed key, until it is painted."""
        self.key_pressed = self.key.pressed
        """Called for each key, in the thread that reads the terminal."""
        self._console = ConsoleScreen(key=self.key)

    def on_mount(self) -> None:
        """Show the empty console first, then open the drill."""
        if self._goodbye is not None:
            self._goodbye.leads_to(self._asked_to_end, asyncio.get_running_loop())
        self.push_screen(self._console)
        self.call_after_refresh(lambda: self.run_worker(self._open))  # type: ignore[arg-type]

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver; on Unix one that survives a closed terminal."""
        chosen = super().get_driver_class()
        if sys.platform != "win32" and chosen.__name__ == "LinuxDriver":
            from tui.shell.console_driver import ConsoleDriver

            return ConsoleDriver
        return chosen

    async def on_event(self, event: events.Event) -> None:
        """Pass an event on; new frames wait until the effect of a key has been painted."""
        await super().on_event(event)
        if isinstance(event, events.Key | events.Paste):
            self.key.arrived()

    def post_display_hook(self) -> None:
        """Called when the screen has been painted."""
        self.key.painted()

    def on_terminal_gone(self) -> None:
        """Leave as after `kill`; called by the driver in the loop's own thread."""
        if self._goodbye is not None:
            self._goodbye.ask()
        else:
            self._asked_to_end()

    def hurry(self) -> None:
        """Called while leaving: stop delivering real mail; the rest is delivered after a resume."""
        if self._at_once is not None:
            self._at_once.set()

    def _asked_to_end(self) -> None:
        self.run_worker(self._close(exit_status.INTERRUPTED, hurry=True))

    async def _open(self) -> None:
        try:
            opened = await asyncio.to_thread(self._opener)
            await self._take(opened)
            await asyncio.to_thread(opened.prepare)
            self._have_memory_ready(opened.users)
        except Exception as failure:
            self.failure = failure  # reported once the terminal has been restored
            self.exit(exit_status.BAD_INPUT)

    async def _take(self, opened: Opened) -> None:
        desk = ControlDesk(opened, self._wall, self._speed, key=self.key)
        try:
            await desk.start_lab()
        except BaseException:
            await desk.leave()
            raise
        self.desk = desk
        self._console.attach(desk)

    def _have_memory_ready(self, users: int) -> None:
        from tui.playing.console_memory import RENEW_S, ReadyMemory

        self.set_interval(RENEW_S, ReadyMemory(users).renew)

    async def action_leave(self) -> None:
        """Leave; everything is already journaled, and closing adds a time mark."""
        await self._close(exit_status.YES)

    async def action_interrupt(self) -> None:
        """Leave with the exit status of an interrupt (Ctrl+C)."""
        await self._close(exit_status.INTERRUPTED)

    async def _close(self, status: int, *, hurry: bool = False) -> None:
        desk, self.desk = self.desk, None
        if desk is not None:
            self._console.detach()
            self._at_once = asyncio.Event()
            if hurry:
                self.hurry()
            await desk.leave(self._at_once, self._console.part)
            self.kept = "" if desk.opened.drill.ended else desk.opened.kept
        self.exit(status)

    def _handle_exception(self, error: Exception) -> None:
        """Handle an error of the console itself: the first is kept in `failure`, without a traceback on the
        screen.

        The journal is not touched: it already has every answered command, and the world may be in the middle
        of a step.
        """
        if self.failure is None:
            self.failure = error
            if self.desk is not None and not self.desk.opened.drill.ended:
                self.kept = self.desk.opened.kept
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._return_code = exit_status.FAULT
        self._close_messages_no_wait()

    def action_help(self) -> None:
        """Explain the typed command; if there is none, show briefing, keys, places and commands."""
        from tui.screens.help import CommandHelpScreen, HelpScreen, command_in

        if self.desk is not None and self.screen is self._console:
            language = self.desk.opened.language
            kind = command_in(self._console.typed, language.COMMANDS)
            self.push_screen(CommandHelpScreen(kind, language) if kind else HelpScreen(self.desk.opened))

    def action_palette(self) -> None:
        """Open the palette, with the place's commands first; the chosen command goes into the command
        line.
        """
        from tui.screens.palette import PaletteScreen

        if self.desk is not None and self.screen is self._console:
            palette = PaletteScreen(self.desk.opened.language, self._console.place_name)
            self.push_screen(palette, self._built)

    def _built(self, text: str | None) -> None:
        if text:
            self._console.write(text)

    def action_finish(self) -> None:
        """End the drill after a confirmation and open the debrief; after the end, only open the debrief."""
        if self.desk is None or self.screen is not self._console:
            return
        drill = self.desk.opened.drill
        if self._console.asking == "end" or drill.ended:
            self.desk.pacer.paused = True
            try:
                if not drill.ended:
                    drill.finish()
                    self._console.say("The drill has ended here; F10 opens the debrief", "warn", "■")
            except Mistake as trouble:
                self._console.say(str(trouble), "bad", "✗")
                return
            self.action_debrief()
            return
        self._console.ask("End the drill now? Press F10 again to end it, any other key to continue", "end")

    def action_branch(self, at_ms: int) -> None:
        """Begin a branch of the drill at that moment, and continue in the branch."""
        desk = self.desk
        if desk is None or self._branching:
            return
        if desk.opened.branch_at is None:
            self._console.say("this drill is not saved, so it cannot have a branch", "bad", "✗")
            return
        self._branching = True
        self._console.say("creating a branch …", "warn", "↳")
        self.run_worker(self._branch(desk, partial(desk.opened.branch_at, at_ms)))

    async def _branch(self, parent: ControlDesk, begin: Callable[[], Opened]) -> None:
        """Leave `parent`, which stays as it is, for the branch. If the disk is full, everything is
        unchanged.
        """
        try:
            opened = await asyncio.to_thread(begin)
        except Mistake as trouble:
            self._console.say(f"no branch: {trouble}", "bad", "✗")
            return
        finally:
            self._branching = False
        if self.desk is not parent:  # the drill has been left in the meantime
            opened.close()
            return
        self.desk = None
        self._console.detach()
        await parent.leave()
        await self._take(opened)
        self._console.say(f"This is a branch of {opened.branch_of}; its parent is kept", "good", "↳")

    def action_end_now(self) -> None:
        """End the drill without asking and open the debrief."""
        self._console.asking = "end"
        self.action_finish()

    def action_debrief(self) -> None:
        """Open the debrief."""
        from tui.screens.debrief import DebriefScreen

        if self.desk is not None and self.screen is self._console:
            self.push_screen(DebriefScreen(self.desk.opened))
