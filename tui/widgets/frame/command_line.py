"""The command line: Tab completes, arrows walk the history, single keys act while it is empty."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

SHORTCUTS = {
    "space": "pause", "plus": "faster", "equals_sign": "faster", "minus": "slower", "underscore": "slower",
    "full_stop": "step", "greater_than_sign": "leap", "question_mark": "help",
    "1": "view(1)", "2": "view(2)", "3": "view(3)", "4": "view(4)", "5": "view(5)", "6": "view(6)",
    "7": "view(7)", "8": "view(8)", "9": "view(9)", "0": "view(10)", "enter": "palette",
}  # fmt: skip
"""Keys that no command begins with: they act while the line is empty and are text otherwise."""

INVITES = "a command; Tab lists what there is, Enter the menu"

OTHER_KEYS = frozenset({"f1", "f2", "f5", "f10", "pageup", "pagedown"})
"""Keys that look elsewhere and leave the line as it is."""

LONGEST = 600
"""Characters that the line takes; the longest text to users has room, and a slip of the clipboard has not."""


def completed(text: str, candidates: Sequence[str]) -> str:
    """`text` as far as all candidates agree; a single candidate whole."""
    longer = [candidate for candidate in candidates if candidate.startswith(text)]
    if not longer:
        return text
    first, last = min(longer), max(longer)
    agreed = next(
        (i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first)
    )
    return first[:agreed]


class CommandLine(Input):
    """An input that never loses what was typed: a refused command stays for mending."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("escape", "clear", "Clear", show=False),
    ]

    class Shortcut(Message):
        """A single key was pressed while the line was empty."""

        def __init__(self, does: str) -> None:
            super().__init__()
            self.does = does

    class Given(Message):
        """Enter was pressed: `text` is what stood in the line, which is empty again."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cleared(Message):
        """Esc was pressed."""

    class Full(Message):
        """What was typed or pasted was not added: it would have made the line longer than `LONGEST`."""

    class Touched(Message):
        """A key was pressed: a question that was asked has been answered with no."""

    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        super().__init__(
            id="line", compact=True, select_on_focus=False, max_length=LONGEST, placeholder=INVITES
        )
        self.cursor_blink = False
        self._candidates = complete
        self._history: list[str] = []
        self._place = 0
        self._draft = ""
        self._cycle: list[str] = []
        self._refused = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key != "tab":
            self._cycle = []
        if event.key != "f10":
            self.post_message(self.Touched())
        if self._aside(event):
            event.stop()
            event.prevent_default()
            self.post_message(self.Shortcut(SHORTCUTS[event.key]))
            return
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._give()
            return
        await super()._on_key(event)

    def _aside(self, event: events.Key) -> bool:
        """Whether a key is a shortcut: the line is empty, or nobody has touched what was refused."""
        untouched, self._refused = self._refused and event.key != "enter", False
        if not untouched:
            return not self.value and event.key in SHORTCUTS
        self._refused = event.key in SHORTCUTS or event.key in OTHER_KEYS
        if event.is_printable and event.key not in SHORTCUTS:
            self.value = ""  # the next command takes its place; arrows, Tab and Backspace mend it
        return event.key in SHORTCUTS

    def _on_paste(self, event: events.Paste) -> None:
        if self._refused:
            self._refused, self.value = False, ""
        super()._on_paste(event)

    def refuse(self, text: str) -> None:
        """Put back what was refused: to be mended, or to be typed over."""
        self.write(text)
        self._refused = True

    def restricted(self) -> None:
        """Said by the screen rather than by a bell."""
        self.post_message(self.Full())

    def _give(self) -> None:
        """Take the text at once: as a binding, Enter would be heard after what is typed next."""
        text, self.value = self.value.strip(), ""
        if text:
            self.post_message(self.Given(text))

    def write(self, text: str) -> None:
        """Put `text` into the line, cursor at its end."""
        self.value = text
        self.cursor_position = len(text)

    def remember(self, text: str) -> None:
        """Keep a command that was given, for the arrows."""
        if text and self._history[-1:] != [text]:
            self._history.append(text)
        self._place = len(self._history)

    def action_complete(self) -> None:
        """Complete as far as the candidates agree, then walk through them."""
        if self._cycle and self.value in self._cycle:
            self.write(self._cycle[(self._cycle.index(self.value) + 1) % len(self._cycle)])
            return
        candidates = self._candidates(self.value)
        longer = completed(self.value, candidates)
        if len(candidates) == 1 and not longer.endswith("="):
            longer += " "
        if longer == self.value and candidates:
            self._cycle = candidates
            longer = candidates[0]
        self.write(longer)

    def action_older(self) -> None:
        """The command given before."""
        if self._place == len(self._history):
            self._draft = self.value
        self._walk(-1)

    def action_newer(self) -> None:
        """The command given after, at last what was being typed."""
        self._walk(1)

    def _walk(self, by: int) -> None:
        place = min(max(self._place + by, 0), len(self._history))
        if place != self._place:
            self._place = place
            self.write(self._history[place] if place < len(self._history) else self._draft)

    def action_clear(self) -> None:
        """Empty the line; the answer above it goes too."""
        self.value = ""
        self.post_message(self.Cleared())
        self._place = len(self._history)
