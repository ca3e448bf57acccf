"""The facilitator's terminal in the hands of a player: it shows one seat until a key and a word take it
back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.events import Key, Paste
from textual.strip import Strip

TAKE_BACK = ("f12", "ctrl+y")
"""Keys that make the terminal ask for the word; no seat uses these keys."""
ASKS = " Type the facilitator's word, then Enter (Esc: back to the seat): "
_ASKED = Style(color="black", bgcolor="yellow")


class HeldSeat(Protocol):
    """A terminal's hold on a seat."""

    def press(self, pressed: Key | Paste) -> None:
        """Type a key at the seat, or paste text."""

    def resize(self, columns: int, rows: int) -> None:
        """Tell the seat that the terminal has another size."""

    def end(self, why: str = "") -> None:
        """Leave the seat, which stays as it is."""


@dataclass(slots=True)
class HandedTerminal:
    """One seat on the facilitator's terminal. Nothing of the facilitator is shown or can be reached."""

    seat: str
    held: HeldSeat
    word: str
    """The word with which the facilitator takes back the terminal."""
    typed: str | None = None
    """The part of the word that has been typed so far; None while the word is not being asked for."""

    def take(self, pressed: Key | Paste) -> bool:
        """Handle a key or a paste; True if the terminal is the facilitator's again."""
        if self.typed is None:
            if isinstance(pressed, Key) and pressed.key in TAKE_BACK:
                self.typed = ""
            else:
                self.held.press(pressed)
            return False
        if isinstance(pressed, Paste):
            self.typed += pressed.text
        elif pressed.key == "enter":
            right, self.typed = self.typed.strip() == self.word, None
            return right
        elif pressed.key == "escape":
            self.typed = None
        elif pressed.key == "backspace":
            self.typed = self.typed[:-1]
        elif pressed.is_printable and pressed.character:
            self.typed += pressed.character
        return False

    def rows(self, painted: Sequence[Strip], width: int, height: int) -> list[Strip]:
        """The rows of the screen: the seat's rows, with the question for the word in the last row."""
        shown = [*painted[:height], *(Strip.blank(width) for _row in range(height - len(painted)))]
        if self.typed is not None:
            asked = Segment(f"{ASKS}{'*' * len(self.typed)}", _ASKED)
            shown[-1] = Strip([asked]).adjust_cell_length(width, _ASKED)
        return shown
