"""The form of a command, generated from its fields; it builds and shows the command's text."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from sim.drill.commands.command import Command
from sim.kernel.duration import format_duration
from tui.painting.rows import Page, Row, left, shorten, wrap
from tui.playing.protocols import Language
from tui.screens.help import CommandHelpScreen
from tui.widgets.frame.pane import Pane, framed

WIDTH = 96
LABEL = 14


class FormScreen(ModalScreen[str | None]):
    """One input per field; ↑ ↓ move to another field, ← → change the choice, Enter puts the command into
    the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", priority=True),
        Binding("up,shift+tab", "app.focus_previous", "Before", priority=True),
        Binding("down,tab", "app.focus_next", "Next", priority=True),
        Binding("left", "choose(-1)", "Choice before", priority=True),
        Binding("right", "choose(1)", "Choice after", priority=True),
        Binding("f1,ctrl+g", "explain", "Explain", priority=True),
    ]

    def __init__(self, kind: type[Command], language: Language) -> None:
        super().__init__()
        self._kind = kind
        self._language = language
        self._fields = fields(kind)

    def compose(self) -> ComposeResult:
        """The frame, then the inputs on top of it."""
        yield Pane("form")
        for field in self._fields:
            line = Input(default_text(field), id=f"field-{field.name}", compact=True, select_on_focus=False)
            line.cursor_blink = False
            yield line

    def on_mount(self) -> None:
        """Focus the first field."""
        self.query(Input).first().focus()

    def on_resize(self) -> None:
        """Centre the form again."""
        self.paint()

    def on_descendant_focus(self) -> None:
        """Show the help of the focused field."""
        self.paint()

    def text(self) -> str:
        """The text of the command with the present inputs."""
        values = {field.name: self.query_one(f"#field-{field.name}", Input).value for field in self._fields}
        return command_text(self._kind, values)

    def paint(self) -> None:
        """Labels, help for the focused field, and the command built so far."""
        width = min(WIDTH, self.size.width - 4)
        rows: list[Row] = [()]
        for field in self._fields:
            here = self.focused is not None and self.focused.id == f"field-{field.name}"
            label = field.metadata["key"] or field.name.removesuffix("_ms").replace("_", " ")
            rows.append(((left(("▸ " if here else "  ") + label, LABEL), "strong" if here else "dim"),))
        rows += [(), *self._explanation(width - 6), ()]
        try:
            self._language.parse(self.text())
            rows += [(("› ", "good"), (shorten(self.text(), width - 6), "strong"))]
            rows += [(("Enter copies it to the command line; Enter there runs it", "dim"),)]
        except ValueError as mistake:
            rows += [(("› ", "dim"), (shorten(self.text(), width - 6), "strong"))]
            rows += [((line, "warn"),) for line in wrap(str(mistake), width - 4)]
        height = min(len(rows) + 3, self.size.height)
        x, y = (self.size.width - width) // 2, max(0, (self.size.height - height) // 3)
        pane = self.query_one(Pane)
        pane.styles.offset, pane.styles.width, pane.styles.height = (x, y), width, height
        for number, field in enumerate(self._fields):
            line = self.query_one(f"#field-{field.name}", Input)
            line.styles.offset, line.styles.width = (x + 2 + LABEL, y + 2 + number), width - LABEL - 4
        aside: Row = (("↑ ↓ fields, ← → choices, F1 explains, Esc back", "dim"),)
        pane.show(framed(Page(" ".join(self._kind.words), rows, aside), width, height, boxed=True))

    def _explanation(self, width: int) -> list[Row]:
        field = self._focused_field()
        if field is None:
            return []
        choices = field.metadata["choices"] or field.metadata["offers"]
        said = field.metadata["help"] + (f" ({', '.join(choices)})" if choices else "")
        return [((("  " + line), "dim"),) for line in wrap(said, width)]

    def _focused_field(self) -> "Field[Any] | None":
        return next((f for f in self._fields if self.focused and self.focused.id == f"field-{f.name}"), None)

    @on(Input.Changed)
    def _changed(self) -> None:
        self.paint()

    @on(Input.Submitted)
    def _built(self) -> None:
        try:
            self._language.parse(self.text())
        except ValueError:
            return
        self.dismiss(self.text())

    def action_explain(self) -> None:
        """Explain the command, and how it is done in the real product."""
        self.app.push_screen(CommandHelpScreen(self._kind, self._language))

    def action_choose(self, by: int) -> None:
        """Take the next or previous choice; in a field without choices, move the cursor."""
        field = self._focused_field()
        if field is None:
            return
        line = self.query_one(f"#field-{field.name}", Input)
        choices = list(field.metadata["choices"] or field.metadata["offers"])
        if not choices:
            line.cursor_position += by
            return
        place = choices.index(line.value) if line.value in choices else -1 if by > 0 else 0
        line.value = choices[(place + by) % len(choices)]


def default_text(field: "Field[Any]") -> str:
    """The default of a field as typed; empty if there is none."""
    if field.default is MISSING or field.default is None:
        return ""
    if field.metadata["kind"] == "duration" and isinstance(field.default, int):
        return format_duration(field.default)
    return str(field.default)


def command_text(kind: type[Command], values: Mapping[str, str]) -> str:
    """The line that consists of the typed `values`, without empty ones: `parse` reports missing fields."""
    parts = list(kind.words)
    for field in fields(kind):
        value, key = values[field.name].strip(), field.metadata["key"]
        if not value:
            continue
        if field.metadata["kind"] != "text" and re.search(r'[\s"]', value):
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        parts.append(f"{key}={value}" if key else value)
    return " ".join(parts)
