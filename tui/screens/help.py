"""Help: the briefing, the keys, and every command with how it is done in the real product."""

from collections.abc import Sequence

from sim.drill.commands.command import Command
from tui.painting.places import PLACE_KEYS, PLACES
from tui.painting.rows import Row, left, wrap
from tui.playing.protocols import Language, Opened
from tui.screens.reader import ReaderScreen, prose

KEYS = (
    ("Space, F5", "pause and go on (space while the command line is empty)"),
    ("+  -", "faster, slower: ×1 ×10 ×60 ×300 ×900 ×3600"),
    (".  >", "step one minute, step a quarter of an hour; the clock is paused then"),
    ("1 … 9, 0, F2", "the places below; F2 is the next one, also while you type"),
    ("Enter", "on the empty line: the commands of the place that is shown, then all others"),
    ("Tab", "complete the command; again for the next possibility"),
    ("↑  ↓", "commands given before"),
    ("^P", "palette: find a command by name and fill in a form"),
    ("^N", "begin a note; notes are part of the debrief"),
    ("PgUp PgDn", "scroll what reaches you and every list; Ctrl+Home is back to the newest"),
    ("?, F1", "this help (? while the command line is empty); F1 with a command in it: that command"),
    ("F10", "end the drill, asked once; then the debrief"),
    ("^Q", "leave; everything is saved, `mxdrill resume` goes on"),
)
READING = (
    ("▲ ▼", "a figure that rose or fell within the last two seconds"),
    ("─▶ ┄▷ ✗ ‖ ?", "a hop that flows, is idle, refuses, is paused, cannot be seen"),
    ("┊", "where the oldest message of the queue would bounce if nothing changed"),
    ("17 ?", "a figure of a console that does not answer now, or lags; its place says of when it is"),
    ("▶ ×900 is ×158", "this computer cannot keep up and plays at ×158; in a narrow header `lag ×158`"),
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
        places = tuple((f"{key}  {name}", PLACES[name][0]) for key, name in PLACE_KEYS)
        for title, table in (("Keys", KEYS), ("Places", places), ("What the console shows", READING)):
            rows += [((title, "title"),), ()]
            rows += [row for key, does in table for row in _entry(key, does, width)]
            rows.append(())
        rows += [(("Commands", "title"),), ()]
        for kind in self._opened.language.COMMANDS:
            rows += [*explained(kind, self._opened.language, width), ()]
        return rows


class CommandHelpScreen(ReaderScreen):
    """What `F1` shows about one command."""

    def __init__(self, kind: type[Command], language: Language) -> None:
        super().__init__()
        self.heading = " ".join(kind.words)
        self._kind = kind
        self._language = language

    def rows(self, width: int) -> Sequence[Row]:
        """Its form, what it does and costs, how it is done in the real product."""
        return [(), *explained(self._kind, self._language, width)]


def explained(kind: type[Command], language: Language, width: int) -> list[Row]:
    """The help of a command, its form on top."""
    first, *more = language.explain(kind).splitlines()
    head: list[Row] = [((line, "strong"),) for line in wrap(first, width)]
    return head + [row for line in more for row in prose("  " + line, width)]


def _entry(key: str, does: str, width: int) -> list[Row]:
    first, *more = wrap(does, width - 15)
    return [((left(key, 15), "strong"), (first, "")), *(((" " * 15 + line, ""),) for line in more)]


def command_in(text: str, kinds: Sequence[type[Command]]) -> type[Command] | None:
    """The command whose words `text` begins with, None if it is none yet."""
    typed = text.split()
    return next((kind for kind in kinds if tuple(typed[: len(kind.words)]) == kind.words), None)
