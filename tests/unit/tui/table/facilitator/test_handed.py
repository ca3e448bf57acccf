"""The facilitator's terminal with a player: keys reach the seat, and a word returns."""

from rich.segment import Segment
from textual.events import Key, Paste
from textual.strip import Strip

from tui.table.facilitator.handed import HandedTerminal


class Held:
    def __init__(self) -> None:
        self.pressed: list[str] = []
        self.size = (0, 0)
        self.left = False

    def press(self, pressed: Key | Paste) -> None:
        self.pressed.append(pressed.text if isinstance(pressed, Paste) else pressed.key)

    def resize(self, columns: int, rows: int) -> None:
        self.size = columns, rows

    def end(self, why: str = "") -> None:
        self.left = True


def typed(handed: HandedTerminal, *keys: str) -> list[bool]:
    return [handed.take(Key(key, key if len(key) == 1 else None)) for key in keys]


def test_only_the_key_and_the_word_take_the_terminal_back() -> None:
    held = Held()
    handed = HandedTerminal("dns", held, "ox")
    assert not any(typed(handed, "a", "ctrl+q", "f2", "ctrl+c", "enter"))
    handed.take(Paste("mx"))
    assert held.pressed == ["a", "ctrl+q", "f2", "ctrl+c", "enter", "mx"]
    assert not any(typed(handed, "f12", "o", "enter"))  # a wrong word
    assert not any(typed(handed, "f12", "o", "x", "escape", "enter"))
    assert held.pressed[-1] == "enter"
    assert typed(handed, "ctrl+y", "o", "y", "backspace", "x", "enter")[-1]


def test_the_question_for_the_word_is_in_the_last_row_and_hides_it() -> None:
    handed = HandedTerminal("dns", Held(), "ox")
    painted = [Strip([Segment("the seat")])]
    assert [row.text.strip() for row in handed.rows(painted, 80, 3)] == ["the seat", "", ""]
    typed(handed, "f12", "o")
    last = handed.rows(painted, 80, 3)[-1].text
    assert last.rstrip().endswith(": *")
    assert len(last) == 80
