"""The painted part of the console: each pane in its place, and the rows around the command line."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult

from tui.painting.layout import BOTTOM, VIEWS, WIDE, Slot, fits, plan
from tui.painting.places import PLACE_KEYS
from tui.painting.rows import Row
from tui.playing import console_words
from tui.screens.panes import DRAWS
from tui.screens.time_keys import TimeScreen
from tui.widgets.frame.command_line import CommandLine
from tui.widgets.frame.footer import EMPTY, PAST, TYPING, Keys, footer
from tui.widgets.frame.header import header, loading
from tui.widgets.frame.hint import HintState, hints
from tui.widgets.frame.paged_list import Listed
from tui.widgets.frame.pane import Pane, framed, inner_size
from tui.widgets.frame.too_small import too_small
from tui.widgets.people import messages

PROMPT = 3
"""Width of the prompt in front of the command line, in cells."""


class PaneScreen(TimeScreen):
    """Paints a control desk; before there is one, shows that the drill is loading."""

    KEYS: ClassVar[tuple[Keys, Keys]] = (EMPTY, TYPING)
    """Keys that the footer shows while the command line is empty, and while it contains text."""

    def __init__(self) -> None:
        super().__init__()
        self._view_name = VIEWS[0]
        self._slots: tuple[Slot, ...] = ()

    def compose(self) -> ComposeResult:
        """Every pane once; panes that the layout does not use are hidden."""
        for name in ("header", *DRAWS, "hint", "prompt", "footer", "small"):
            yield Pane(name)
        yield CommandLine(self._complete)

    def _complete(self, text: str) -> list[str]:
        if self._desk is None:
            return []
        return [*self._desk.opened.language.complete(text), *(console_words.complete(text) if text else ())]

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

    def _end_of(self, slot: Slot) -> tuple[int, int]:
        """The rows of a list and of its pane; (0, 0) for other panes."""
        width, height = inner_size(slot.width, slot.height, self.size.width >= WIDE)
        draw = DRAWS[slot.pane]
        if self._desk is not None and isinstance(draw, Listed):
            return draw.length(self._desk.view(0), width), height
        if self._desk is not None and slot.pane == "feed":
            return messages.rows_of(self._desk.view(0), width), height
        return 0, 0
