"""The help of a seat: its briefing, its keys and places, the table commands, and every command."""

from collections.abc import Sequence

from tui.painting.places import PLACE_KEYS, PLACES
from tui.painting.rows import Row
from tui.screens.help import READING, entry, explained
from tui.screens.reader import ReaderScreen, prose
from tui.table.seat.desk import SeatDesk

KEYS = (
    ("1 … 9, 0, ^O", "show one of the places below; ^O shows the next one, even while you type"),
    ("Enter", "on an empty line: list the commands of the current place, then all others"),
    ("Tab", "complete the command; press again for the next completion"),
    ("↑  ↓", "recall earlier commands"),
    ("PgUp PgDn", "scroll the activity and every list; Home or Ctrl+Home returns to the newest"),
    ("?, ^G", "open this help (? only while the command line is empty); ^G explains a typed command"),
    ("^Q", "leave the seat; it stays as it is, with the line that you are typing"),
)


class SeatHelp(ReaderScreen):
    """The screen that `?` opens at a seat."""

    heading = "Help"

    def __init__(self, desk: SeatDesk) -> None:
        super().__init__()
        self._desk = desk

    def rows(self, width: int) -> Sequence[Row]:
        """Briefing, keys, places, table commands and commands of the drill."""
        desk = self._desk
        places = tuple((f"{key}  {name}", PLACES[name][0]) for key, name in PLACE_KEYS if name in desk.places)
        rows: list[Row] = [(), (("Briefing", "title"),), (), *prose(desk.opened.briefing, width), ()]
        who = (
            f"You are at the seat {desk.seat}. The facilitator runs the clock. Commands of other seats: ask."
        )
        rows += [*prose(who, width), ()]
        for title, table in (("Keys", KEYS), ("Places", places), ("What the console shows", READING)):
            rows += [((title, "title"),), ()]
            rows += [row for key, does in table for row in entry(key, does, width)]
            rows.append(())
        rows += [(("Table commands", "title"),), ()]
        for form, summary in desk.language.words:
            rows += [((form, "strong"),), *prose(f"  {summary}", width), ()]
        rows += [(("Commands", "title"),), ()]
        for kind in desk.language.COMMANDS:
            rows += [*explained(kind, desk.language, width), ()]
        return rows
