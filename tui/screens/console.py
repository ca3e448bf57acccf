"""The console: its keys, its command line, and the frames that keep its panes up to date."""

from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.painting.layout import VIEWS
from tui.painting.number_format import spaced
from tui.painting.rows import cut
from tui.playing import console_words
from tui.playing.control_desk import ControlDesk
from tui.playing.key_first import PressedKey
from tui.playing.pacer import FRAME_S, LEAP_MS, STEP_MS
from tui.screens.pane_screen import PaneScreen
from tui.widgets.frame.command_line import LONGEST, CommandLine


class ConsoleScreen(PaneScreen):
    """Shows a control desk; until there is one, shows that the drill is loading."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+s", "pause", "Pause"),
        Binding("f2,ctrl+o", "cycle", "Next view"),
        Binding("ctrl+n", "note", "Note"),
        Binding("pageup", "scroll(-1)", "Newer", priority=True),
        Binding("pagedown", "scroll(1)", "Older", priority=True),
        Binding("ctrl+home", "newest", "Newest", priority=True),
    ]

    def __init__(self, frame_s: float = FRAME_S, key: PressedKey | None = None) -> None:
        """`frame_s`: wall time between two frames; a reply to a key does not wait for a frame. `key`: a
        pressed key, for which the parts of a frame wait.
        """
        super().__init__()
        self._frame_s, self._key = frame_s, key or PressedKey()
        self._refused = ""
        self._ended_shown = False

    def on_mount(self) -> None:
        """Start the frames, which show nothing new until there is a desk."""
        self.query_one(CommandLine).focus()
        self.set_interval(self._frame_s, self._frame)

    def attach(self, desk: ControlDesk) -> None:
        """Show the drill that has been opened."""
        self._desk = desk
        self._ended_shown, self._reply, self._scroll = False, (), 0
        self.place()
        if desk.opened.greeting and desk.pacer.paused:
            self.say(desk.opened.greeting, "warn", "‖")

    def detach(self) -> None:
        """Stop showing the drill, which is being closed."""
        self._desk = None

    def part(self, line: str) -> None:
        """Show what is still in progress while the drill is being closed."""
        self._show("hint", [cut(((" … ", "warn"), (f"{line} (Ctrl+C)", "warn")), self.size.width)])

    # ------------------------------------------------------------ frames

    async def _frame(self) -> None:
        """Advance the drill, then paint; a key does not have to wait for both."""
        await self._key.settle()
        desk = self._desk
        if desk is None:
            return
        if desk.frame():
            await self._key.settle()
            if desk is not self._desk:
                return
            if self.is_current:
                self.paint()
        if desk.past.under_way:
            self._paint_bottom()
        if why := desk.stopped():
            self.say(why, "warn", "‖")
        await desk.pump()
        if desk.opened.drill.ended and not self._ended_shown and self.is_current:
            self._ended_shown = True
            self.paint()
            await self.app.run_action("debrief")

    def on_resize(self, event: events.Resize) -> None:
        """Lay out the panes for the new size."""
        self.place()

    def on_screen_resume(self) -> None:
        """Paint again after help, palette or debrief."""
        if self._desk is not None:
            self.paint()

    # ------------------------------------------------------------ the command line

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._desk is not None and self.query_one(CommandLine).value not in ("", self._refused):
            self._reply = ()
        self._paint_bottom()

    @on(CommandLine.Full)
    def _full(self) -> None:
        self._reply = ((" ! ", "warn"), (f"not added: a command has at most {LONGEST} characters", "warn"))
        self._paint_bottom()

    @on(CommandLine.Given)
    async def _given(self, event: CommandLine.Given) -> None:
        line = self.query_one(CommandLine)
        if self._desk is None:
            line.write(event.text)
            return
        if (word := console_words.meant(event.text)) is not None:
            line.remember(event.text)
            line.settle()
            await self.run_action(word.action)
            return
        if (begun := console_words.begun(event.text)) and not self._desk.opened.language.complete(event.text):
            self._refused = event.text
            line.refuse(event.text)
            self.say(f"incomplete; choose from {', '.join(begun)}", "bad", "✗")
            return
        reply = self._desk.give(event.text)
        line.remember(event.text)
        if reply.accepted:
            line.settle()
        elif not line.value:
            self._refused = event.text
            line.refuse(event.text)  # stays on the line to be corrected, below the reason
        self.say(reply.text, "good" if reply.accepted else "bad", "✓" if reply.accepted else "✗")

    def action_ports(self) -> None:
        """Show the lab's ports."""
        from tui.screens.ports import PortsScreen

        if self._desk is None or not self._desk.ports:
            self.say("this drill has no lab; begin one with `mxdrill play --lab`", "bad", "✗")
        else:
            self.app.push_screen(PortsScreen(self._desk.ports))

    def say(self, text: str, role: str, glyph: str) -> None:
        """Show a reply above the command line until something is typed."""
        self._reply = ((f" {glyph} ", role), (spaced(text), role))
        self.asking = ""
        self.paint()

    def ask(self, question: str, about: str) -> None:
        """Ask a question that the next key answers; `about`: the action that depends on the answer."""
        self.say(question, "warn", "?")
        self.asking = about

    @on(CommandLine.Cleared)
    def _cleared(self) -> None:
        self._reply = ()
        self._with_desk(lambda desk: desk.past.leave())

    @on(CommandLine.Touched)
    def _answered(self) -> None:
        if self.asking:
            self.asking, self._reply = "", ()
            self.paint()

    # ------------------------------------------------------------ keys

    @on(CommandLine.Shortcut)
    async def _shortcut(self, message: CommandLine.Shortcut) -> None:
        if message.does == "palette" and self._desk is not None and self._desk.past.shown:
            await self.app.run_action(f"branch({self._desk.past.aim_ms})")
        elif message.does in ("help", "palette"):
            await self.app.run_action(message.does)
        else:
            await self.run_action(message.does)

    def action_pause(self) -> None:
        """Pause or continue."""
        self._reply = ()
        if not self._in_the_past():
            self._with_desk(lambda desk: desk.toggle())

    def action_faster(self) -> None:
        """Go to the next higher speed."""
        self._with_desk(lambda desk: desk.pacer.change_speed(1))

    def action_slower(self) -> None:
        """Go to the next lower speed."""
        self._with_desk(lambda desk: desk.pacer.change_speed(-1))

    def action_step(self) -> None:
        """Advance 1 minute, then pause."""
        if self._desk is not None and self._desk.past.shown:
            self.action_rewind(1)
            return
        self._with_desk(lambda desk: desk.step(STEP_MS))

    def action_leap(self) -> None:
        """Advance 15 minutes, then pause."""
        if self._desk is not None and self._desk.past.shown:
            self.action_rewind(15)
            return
        self._with_desk(lambda desk: desk.step(LEAP_MS))

    def action_view(self, number: int) -> None:
        """Show a place by number."""
        self._view_name = VIEWS[number - 1]
        self._scroll = 0
        if not self.typed and not self.asking:
            self._reply = ()  # the reply has been read, and is in the log
        self.place()

    def action_cycle(self) -> None:
        """Show the next place, even while the line has text."""
        self.action_view((VIEWS.index(self._view_name) + 1) % len(VIEWS) + 1)

    def action_note(self) -> None:
        """Begin a note."""
        self.write("note ")

    def action_scroll(self, by: int) -> None:
        """Scroll the lists of the view by half the height of the tallest; older entries are further down."""
        ends = [self._end_of(slot) for slot in self._slots]
        height = max((height for _, height in ends), default=0)
        if self._desk is None or not height:
            return
        last = max(length - height for length, height in ends)
        self._scroll = min(max(0, self._scroll + by * max(1, height // 2)), max(0, last))
        self.paint()

    def action_newest(self) -> None:
        """Scroll back to the newest entry."""
        self._scroll = 0
        self._with_desk(lambda desk: None)

    def on_mouse_scroll_up(self) -> None:
        """The wheel scrolls the feed."""
        self.action_scroll(-1)

    def on_mouse_scroll_down(self) -> None:
        """The wheel scrolls the feed."""
        self.action_scroll(1)
