"""The palette: a list of commands to search, generated from the command types."""

import inspect
from collections.abc import Sequence
from dataclasses import fields
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from sim.drill.commands.command import Command
from tui.painting.places import of_place
from tui.painting.rows import Page, Row, left, shorten, wrap
from tui.playing.protocols import Language
from tui.screens.form import FormScreen
from tui.screens.help import CommandHelpScreen
from tui.widgets.frame.pane import Pane, framed

WIDTH = 96


class PaletteScreen(ModalScreen[str | None]):
    """Typing narrows the list, arrows choose, Enter opens the form, F1 explains, Esc goes back one level.

    Returns the text of the command; None if none was chosen. Commands of the current place come first, all
    others below a rule.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "dismiss(None)", "Back", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("down", "move(1)", "Down", priority=True),
        Binding("pageup", "move(-10)", "Page up", priority=True),
        Binding("pagedown", "move(10)", "Page down", priority=True),
        Binding("f1,ctrl+g", "explain", "Explain", priority=True),
    ]

    def __init__(self, language: Language, place: str = "") -> None:
        super().__init__()
        self._language = language
        self._place = place
        self._here = of_place(place, language.COMMANDS)
        self._commands = [*self._here, *(kind for kind in language.COMMANDS if kind not in self._here)]
        self._chosen = 0

    def compose(self) -> ComposeResult:
        """The search words, then the matching commands."""
        line = Input(placeholder="part of a command, such as: queue", id="words", compact=True)
        line.cursor_blink = False
        yield Pane("list")
        yield line

    def on_mount(self) -> None:
        """Focus the search words."""
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        """Centre the list again."""
        self.paint()

    def paint(self) -> None:
        """Draw the list around the input."""
        found = matching(self._commands, self.query_one(Input).value)
        self._chosen = min(max(0, self._chosen), max(0, len(found) - 1))
        width, height = min(WIDTH, self.size.width - 4), min(len(self._commands) + 9, self.size.height - 2)
        x, y = (self.size.width - width) // 2, max(0, (self.size.height - height) // 3)
        room, inside = height - 7, width - 4
        rows: list[Row] = [(), *self._list(found, inside, room)]
        rows += [()] * (room + 2 - len(rows))
        if found:
            rows += [((line, ""),) for line in wrap(summary(found[self._chosen]), inside)[:2]]
        else:
            rows.append((("no command matches", "dim"),))
        pane, line = self.query_one(Pane), self.query_one(Input)
        pane.styles.offset, pane.styles.width, pane.styles.height = (x, y), width, height
        line.styles.offset, line.styles.width = (x + 2, y + 1), inside
        aside: Row = (("↑ ↓ choose, Enter opens, F1 explains, Esc back", "dim"),)
        title = f"{self._place or 'Commands'} ─ {self._chosen + 1 if found else 0} of {len(found)}"
        pane.show(framed(Page(title, rows, aside), width, height, boxed=True))

    def _list(self, found: list[type[Command]], width: int, room: int) -> list[Row]:
        """The entries that fit, including the chosen one, with a rule above commands of other places."""
        rows: list[Row] = []
        at = 0
        for number, kind in enumerate(found):
            first_elsewhere = kind not in self._here and (number == 0 or found[number - 1] in self._here)
            if self._here and first_elsewhere:
                rows.append(((("── other places " + "─" * width)[:width], "line"),))
            at = len(rows) if number == self._chosen else at
            rows.append(_entry(kind, width, number == self._chosen))
        first = max(0, at - room + 1)
        return rows[first : first + room]

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._chosen = 0
        self.paint()

    @on(Input.Submitted)
    def _choose(self) -> None:
        found = matching(self._commands, self.query_one(Input).value)
        if not found:
            return
        kind = found[self._chosen]
        if fields(kind):
            self.app.push_screen(FormScreen(kind, self._language), self._built)
        else:
            self.dismiss(" ".join(kind.words))

    def _built(self, text: str | None) -> None:
        if text:
            self.dismiss(text)

    def action_move(self, by: int) -> None:
        """Move the choice by a number of entries."""
        self._chosen += by
        self.paint()

    def action_explain(self) -> None:
        """Explain the chosen command, and how it is done in the real product."""
        found = matching(self._commands, self.query_one(Input).value)
        if found:
            self.app.push_screen(CommandHelpScreen(found[self._chosen], self._language))


def matching(commands: Sequence[type[Command]], text: str) -> list[type[Command]]:
    """Commands with every word of `text` in their name or summary."""
    wanted = text.lower().split()
    return [
        kind
        for kind in commands
        if all(w in f"{' '.join(kind.words)} {summary(kind)}".lower() for w in wanted)
    ]


def summary(kind: type[Command]) -> str:
    """The first line of a command's docstring."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def _entry(kind: type[Command], width: int, chosen: bool) -> Row:
    words, room = " ".join(kind.words), 20
    if chosen:
        return ((left(f"▸ {left(words, room)}{shorten(summary(kind), width - room - 2)}", width), "chosen"),)
    return (("  ", ""), (left(words, room), "strong"), (shorten(summary(kind), width - room - 2), "dim"))
