"""The palette: find a command by any of its words; generated from the command types."""

import inspect
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from sim.drill.command import Command
from tui.rows import Page, Row, left, shorten, wrap
from tui.widgets.pane import Pane, framed

WIDTH = 96


class PaletteScreen(ModalScreen[type[Command] | None]):
    """Type to narrow down, arrows choose, Enter opens the form; Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "dismiss(None)", "Back", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("down", "move(1)", "Down", priority=True),
    ]

    def __init__(self, commands: Sequence[type[Command]]) -> None:
        super().__init__()
        self._commands = commands
        self._chosen = 0

    def compose(self) -> ComposeResult:
        """The words looked for, then what matches."""
        line = Input(placeholder="part of a command, such as: queue", id="words", compact=True)
        line.cursor_blink = False
        yield Pane("list")
        yield line

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        """Keep to the middle."""
        self.paint()

    def paint(self) -> None:
        """Draw the list around the input."""
        found = matching(self._commands, self.query_one(Input).value)
        self._chosen = min(max(0, self._chosen), max(0, len(found) - 1))
        width, height = min(WIDTH, self.size.width - 4), min(len(self._commands) + 8, self.size.height - 2)
        x, y = (self.size.width - width) // 2, max(0, (self.size.height - height) // 3)
        room = height - 7
        first = max(0, self._chosen - room + 1)
        rows: list[Row] = [(), ()]
        for number, kind in list(enumerate(found))[first : first + room]:
            rows.append(_entry(kind, width - 4, number == self._chosen))
        if found:
            rows += [()] * (room - len(found) + 1)
            rows += [((line, ""),) for line in wrap(summary(found[self._chosen]), width - 4)[:2]]
        else:
            rows.append((("no command has these words", "dim"),))
        pane, line = self.query_one(Pane), self.query_one(Input)
        pane.styles.offset, pane.styles.width, pane.styles.height = (x, y), width, height
        line.styles.offset, line.styles.width = (x + 2, y + 1), width - 4
        aside: Row = (("↑ ↓ choose, Enter opens, Esc back", "dim"),)
        pane.show(framed(Page("Commands", rows, aside), width, height, boxed=True))

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._chosen = 0
        self.paint()

    @on(Input.Submitted)
    def _choose(self) -> None:
        found = matching(self._commands, self.query_one(Input).value)
        if found:
            self.dismiss(found[self._chosen])

    def action_move(self, by: int) -> None:
        """Choose another."""
        self._chosen += by
        self.paint()


def matching(commands: Sequence[type[Command]], text: str) -> list[type[Command]]:
    """Commands that have every word of `text` in their words or their help."""
    wanted = text.lower().split()
    return [
        kind
        for kind in commands
        if all(w in f"{' '.join(kind.words)} {summary(kind)}".lower() for w in wanted)
    ]


def summary(kind: type[Command]) -> str:
    """The first line of what a command does."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def _entry(kind: type[Command], width: int, chosen: bool) -> Row:
    words, room = " ".join(kind.words), 20
    if chosen:
        return ((left(f"▸ {left(words, room)}{shorten(summary(kind), width - room - 2)}", width), "chosen"),)
    return (("  ", ""), (left(words, room), "strong"), (shorten(summary(kind), width - room - 2), "dim"))
