"""The command line: Tab completes, arrows recall earlier commands, single keys act while it is empty."""

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
    "comma": "rewind(-1)", "less_than_sign": "rewind(-15)", "asterisk": "bookmark", "home": "newest",
    "left_square_bracket": "to_bookmark(-1)", "right_square_bracket": "to_bookmark(1)",
    "exclamation_mark": "jump('event')", "semicolon": "jump('decision')", "number_sign": "jump('end')",
}  # fmt: skip
"""Keys with which no command begins: they act while the line is empty, and otherwise count as text."""

ANSWERS = frozenset({"f10", "f8", "number_sign"})
"""Keys that answer an open question with yes."""

INVITES = "type a command; Tab completes, Enter opens the menu"

EDITS = frozenset(
    {"up", "down", "left", "right", "home", "end", "backspace", "delete", "tab", "escape"}
    | {f"ctrl+{key}" for key in ("a", "d", "e", "h", "k", "u", "w", "left", "right")}
)
"""Keys that begin the correction of a refused command; any other key begins a new line."""

AT_ONCE = {
    "backspace": "delete_left", "delete": "delete_right", "ctrl+w": "delete_left_word",
    "ctrl+u": "delete_left_all", "left": "cursor_left", "right": "cursor_right", "home": "home", "end": "end",
    "tab": "complete", "up": "older", "down": "newer",
}  # fmt: skip
"""Editing keys and their effects. As bindings, they would take effect only after characters typed while
the screen was busy, so that a fast correction would delete the wrong letter.
"""

LONGEST = 600
"""Maximum number of characters in the line: enough for the longest update to users, but not for a
clipboard pasted by mistake.
"""


def completed(text: str, candidates: Sequence[str]) -> str:
    """`text`, completed as far as all candidates agree."""
    longer = [candidate for candidate in candidates if candidate.startswith(text)]
    if not longer:
        return text
    first, last = min(longer), max(longer)
    agreed = next(
        (i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first)
    )
    return first[:agreed]


class CommandLine(Input):
    """An input that never loses typed text: a refused command stays in the line to be corrected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("escape", "clear", "Clear", show=False),
    ]

    class Shortcut(Message):
        """Posted when a single key was pressed while the line was empty."""

        def __init__(self, does: str) -> None:
            super().__init__()
            self.does = does

    class Given(Message):
        """Posted when Enter was pressed: the line contained `text` and is empty again."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Previewed(Message):
        """Posted when Ctrl+F was pressed: the futures of `text`, which stays in the line, are requested."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cleared(Message):
        """Posted when Esc was pressed."""

    class Full(Message):
        """Posted when typed or pasted text was not added, because the line would be longer than `LONGEST`."""

    class Touched(Message):
        """Posted when a key was pressed that answers an open question with no."""

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
        if event.key not in ANSWERS:
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
        if event.key == "ctrl+f":
            event.stop()
            event.prevent_default()
            self.post_message(self.Previewed(self.value.strip()))
            return
        if event.key in AT_ONCE:
            event.stop()
            event.prevent_default()
            getattr(self, f"action_{AT_ONCE[event.key]}")()
            return
        await super()._on_key(event)

    def _aside(self, event: events.Key) -> bool:
        """True if a key is a shortcut, because the line is empty or contains a refused command, unchanged."""
        untouched, self._refused = self._refused and event.key != "enter", False
        if not untouched:
            return not self.value and event.key in SHORTCUTS
        self._refused = not (event.is_printable or event.key in EDITS) or event.key in SHORTCUTS
        if event.is_printable and event.key not in SHORTCUTS:
            self.value = ""  # the next typed character replaces the text; arrows, Tab and Backspace edit it
        return event.key in SHORTCUTS

    def _on_paste(self, event: events.Paste) -> None:
        """Insert a paste as one line, and only once: otherwise Textual would also call Input's method."""
        event.stop()
        event.prevent_default()
        if self._refused:
            self._refused, self.value = False, ""
        self.replace(" ".join(event.text.splitlines()), *self.selection)

    def refuse(self, text: str) -> None:
        """Put a refused command back, to be edited or replaced; it is the newest entry of the history."""
        self.write(text)
        self._refused = True
        self._draft, self._place = "", max(len(self._history) - 1, 0)

    def settle(self) -> None:
        """Stop putting back a refused command that has not been touched, because a later command was
        accepted.
        """
        if self._refused:
            self._refused, self.value = False, ""

    def restricted(self) -> None:
        """Report on the screen that the line is full, without a bell."""
        self.post_message(self.Full())

    def _give(self) -> None:
        """Take the text at once: as a binding, Enter would come after the characters typed next."""
        text, self.value = self.value.strip(), ""
        if text:
            self.post_message(self.Given(text))

    def write(self, text: str) -> None:
        """Put `text` into the line, with the cursor at its end."""
        self.value = text
        self.cursor_position = len(text)

    def remember(self, text: str) -> None:
        """Add a given command to the history."""
        if text and self._history[-1:] != [text]:
            self._history.append(text)
        self._place = len(self._history)

    def action_complete(self) -> None:
        """Complete as far as the candidates agree, then cycle through them."""
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
        """Recall the previous command."""
        if self._place == len(self._history):
            self._draft = self.value
        self._walk(-1)

    def action_newer(self) -> None:
        """Recall the next command, and finally the unfinished text."""
        self._walk(1)

    def _walk(self, by: int) -> None:
        place = min(max(self._place + by, 0), len(self._history))
        if place != self._place:
            self._place = place
            self.write(self._history[place] if place < len(self._history) else self._draft)

    def action_clear(self) -> None:
        """Empty the line and remove the reply above it."""
        self.value = ""
        self.post_message(self.Cleared())
        self._place = len(self._history)
