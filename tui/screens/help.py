"""Help: the briefing, the keys, and every command with how it is done in the real product."""

from collections.abc import Sequence

from tui.ports import Opened
from tui.rows import Row, left, wrap
from tui.screens.reader import ReaderScreen, prose

KEYS = (
    ("Space, F5", "pause and go on (space while the command line is empty)"),
    ("+  -", "faster, slower: ×1 ×10 ×60 ×300 ×900 ×3600"),
    (".  >", "step one minute, step a quarter of an hour; the clock is paused then"),
    (
        "1 … 7, F2",
        "views: overview, queue, ledger, people, feed, ways of mail and DNS, incident room; F2 is the next",
    ),
    ("Tab", "complete the command; again for the next possibility"),
    ("↑  ↓", "commands given before"),
    ("^P", "palette: find a command by name and fill in a form"),
    ("^N", "begin a note; notes are part of the debrief"),
    ("PgUp PgDn", "scroll what reaches you; Ctrl+Home is back to the newest"),
    ("?, F1", "this help (? while the command line is empty)"),
    ("F10", "end the drill, asked once; then the debrief"),
    ("^Q", "leave; everything is saved, `mxdrill resume` goes on"),
)
READING = (
    ("▲ ▼", "a figure that rose or fell within the last two seconds"),
    ("─▶ ┄▷ ✗ ‖ ?", "a hop that flows, is idle, refuses, is paused, cannot be seen"),
    ("┊", "where the oldest message of the queue would bounce if nothing changed"),
    ("2 h 05 ago", "the age of an observation: nothing on this screen is newer than it says"),
)


class HelpScreen(ReaderScreen):
    """What `?` shows."""

    heading = "Help"

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._opened = opened

    def rows(self, width: int) -> Sequence[Row]:
        """Briefing, keys, glyphs, commands."""
        rows: list[Row] = [(), (("Briefing", "title"),), (), *prose(self._opened.briefing, width), ()]
        for title, table in (("Keys", KEYS), ("What the console shows", READING)):
            rows += [((title, "title"),), ()]
            rows += [row for key, does in table for row in _entry(key, does, width)]
            rows.append(())
        rows += [(("Commands", "title"),), ()]
        for kind in self._opened.language.COMMANDS:
            first, *more = self._opened.language.explain(kind).splitlines()
            rows += [((first, "strong"),)]
            rows += [row for line in more for row in prose("  " + line, width)]
            rows.append(())
        return rows


def _entry(key: str, does: str, width: int) -> list[Row]:
    first, *more = wrap(does, width - 15)
    return [((left(key, 15), "strong"), (first, "")), *(((" " * 15 + line, ""),) for line in more)]
