"""The console: panes in their places, the command line, and the frames that keep them up to date."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.painting.layout import BOTTOM, VIEWS, WIDE, Slot, fits, plan
from tui.painting.number_format import spaced
from tui.painting.places import PLACE_KEYS
from tui.painting.rows import Row, cut
from tui.playing import console_words
from tui.playing.control_desk import ControlDesk
from tui.playing.key_first import PressedKey
from tui.playing.pacer import FRAME_S, LEAP_MS, STEP_MS
from tui.screens.panes import DRAWS
from tui.screens.time_keys import TimeScreen
from tui.widgets.frame.command_line import LONGEST, CommandLine
from tui.widgets.frame.footer import EMPTY, PAST, TYPING, Keys, footer
from tui.widgets.frame.header import header, loading
from tui.widgets.frame.hint import HintState, hints
from tui.widgets.frame.paged_list import Listed
from tui.widgets.frame.pane import Pane, framed, inner_size
from tui.widgets.frame.too_small import too_small
from tui.widgets.people import messages

PROMPT = 3
"""Width of the prompt in front of the command line, in cells."""


class ConsoleScreen(TimeScreen):
    """Shows a control desk; until there is one, shows that the drill is loading."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+s", "pause", "Pause"),
        Binding("f2,ctrl+o", "cycle", "Next view"),
        Binding("ctrl+n", "note", "Note"),
        Binding("pageup", "scroll(-1)", "Newer", priority=True),
        Binding("pagedown", "scroll(1)", "Older", priority=True),
        Binding("ctrl+home", "newest", "Newest", priority=True),
    ]

    KEYS: ClassVar[tuple[Keys, Keys]] = (EMPTY, TYPING)
    """Keys that the footer shows while the command line is empty, and while it contains text."""

    def __init__(self, frame_s: float = FRAME_S, key: PressedKey | None = None) -> None:
        """`frame_s`: wall time between two frames; a reply to a key does not wait for a frame. `key`: a
        pressed key, for which the parts of a frame wait.
        """
        super().__init__()
        self._frame_s, self._key = frame_s, key or PressedKey()
        self._view_name = VIEWS[0]
        self._scroll = 0
        self._refused = ""
        self._slots: tuple[Slot, ...] = ()
        self._ended_shown = False

    def compose(self) -> ComposeResult:
        """Every pane once; panes that the layout does not use are hidden."""
        for name in ("header", *DRAWS, "hint", "prompt", "footer", "small"):
            yield Pane(name)
        yield CommandLine(self._complete)

    def on_mount(self) -> None:
        """Start the frames, which show nothing new until there is a desk."""
        self.query_one(CommandLine).focus()
        self.set_interval(self._frame_s, self._frame)

    def attach(self, desk: ControlDesk) -> None:
        """Show the drill that has been opened."""
        self._desk = desk
        self._ended_shown, self._reply, self._scroll = False, (), 0
        self.place()
        if desk.opened.new and desk.pacer.paused:
            self.say("The clock is stopped. ? shows the briefing; space starts the clock.", "warn", "‖")

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

    def place(self) -> None:
        """Give every pane its place, then paint."""
        width, height = self.size
        usable = fits(width, height)
        coach = self._desk is not None and self._desk.opened.mode == "guided"
        runbook = self._desk is not None and self._desk.opened.plan_steps is not None
        self._slots = plan(width, height, self._view_name, coach, runbook) if usable and self._desk else ()
        shown = {slot.pane: slot for slot in self._slots}
        if usable:
            shown["header"] = Slot("header", 0, 0, width, 1)
            shown["hint"] = Slot("hint", 0, height - BOTTOM, width, 1)
            shown["prompt"] = Slot("prompt", 0, height - BOTTOM + 1, PROMPT, 1)
            shown["footer"] = Slot("footer", 0, height - 1, width, 1)
        else:
            shown["small"] = Slot("small", 0, 0, width, height)
        for pane in self.query(Pane):
            slot = shown.get(pane.name or "")
            pane.display = slot is not None
            if slot is not None:
                pane.styles.offset = (slot.x, slot.y)
                pane.styles.width, pane.styles.height = slot.width, slot.height
        line = self.query_one(CommandLine)
        line.display = usable
        line.styles.offset = (PROMPT, height - BOTTOM + 1)
        line.styles.width = width - PROMPT
        if usable and not line.has_focus and self.is_current:
            line.focus()
        self.paint()

    def paint(self) -> None:
        """Draw the visible panes from one view of the drill."""
        width, height = self.size
        if self._desk is None:
            self._show("header", [loading(width)])
            self._show("footer", [footer((("^Q", "quit"),), "", width)])
            self._show("small", too_small(width, height))
            return
        listed = next((slot.height for slot in self._slots if slot.pane == "mail"), 0)
        view = self._desk.view(self._scroll, listed)
        head = header(view, width)
        self._show("header", [head])
        self._show("small", too_small(width, height))
        boxed = width >= WIDE
        for slot in self._slots:
            inside = inner_size(slot.width, slot.height, boxed)
            page = DRAWS[slot.pane](view, *inside)
            self._show(slot.pane, framed(page, slot.width, slot.height, boxed))
        self._paint_bottom()

    def _paint_bottom(self) -> None:
        """Draw only hint and footer, because a typed key cannot change more, and pasted text arrives key by
        key.
        """
        if self._desk is None:
            return
        text = self.query_one(CommandLine).value
        width = self.size.width
        told = HintState(text, self._reply, self._desk.trouble, self._view_name, self.place_keys)
        past = self._desk.past
        if past.shown and not text and not self._reply and not self._desk.trouble:
            rows = past.rows(width)
        else:
            reminder = "" if text or self._reply or self._desk.trouble else self.reminder
            told = replace(told, reply=((" ? ", "warn"), (reminder, "warn"))) if reminder else told
            rows = hints(told, self._desk.opened.language, width)
            if self.pressing and not reminder:
                above = HintState("", ((" ? ", "warn"), (self.pressing, "warn")), "", self._view_name)
                rows = [*hints(above, self._desk.opened.language, width), *rows]
        empty, typing = self.KEYS
        keys = typing if text else PAST if past.shown else empty
        pane = self.query_one("#hint", Pane)
        pane.styles.height, pane.styles.offset = len(rows), (0, self.size.height - BOTTOM - len(rows) + 1)
        self._show("hint", rows)
        self._show("prompt", [((" › ", "title"),)])
        self._show("footer", [footer(keys, self._view_name, width, self.place_keys)])

    def _show(self, name: str, rows: Iterable[Row]) -> None:
        self.query_one(f"#{name}", Pane).show(list(rows))

    # ------------------------------------------------------------ the command line

    def _complete(self, text: str) -> list[str]:
        if self._desk is None:
            return []
        return [*self._desk.opened.language.complete(text), *(console_words.complete(text) if text else ())]

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
            line.refuse(event.text)  # to be corrected, below the reason
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

    @property
    def reminder(self) -> str:
        """A sentence that is shown while the command line is empty, until its cause is gone; empty if
        there is none.
        """
        return ""

    @property
    def pressing(self) -> str:
        """A sentence that is also shown above a reply or typed text; empty if there is none."""
        return ""

    @property
    def place_keys(self) -> Keys:
        """Keys and names of the places that the footer shows."""
        return PLACE_KEYS

    @property
    def place_name(self) -> str:
        """The current place."""
        return self._view_name

    @property
    def typed(self) -> str:
        """The text in the command line."""
        return self.query_one(CommandLine).value

    def write(self, text: str) -> None:
        """Put a command into the line, for the trainee to run."""
        self.query_one(CommandLine).write(text)

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
            self._reply = ()  # it has been read, and is in the log
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

    def _end_of(self, slot: Slot) -> tuple[int, int]:
        """The rows of a list and of its pane; (0, 0) for other panes."""
        width, height = inner_size(slot.width, slot.height, self.size.width >= WIDE)
        draw = DRAWS[slot.pane]
        if self._desk is not None and isinstance(draw, Listed):
            return draw.length(self._desk.view(0), width), height
        if self._desk is not None and slot.pane == "feed":
            return messages.rows_of(self._desk.view(0), width), height
        return 0, 0

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
