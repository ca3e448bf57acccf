"""Help: the briefing, the keys, and every command with its counterpart in real products."""

from collections.abc import Sequence

from sim.drill.commands.command import Command
from tui.painting.places import PLACE_KEYS, PLACES
from tui.painting.rows import Row, left, wrap
from tui.playing.console_words import WORDS
from tui.playing.opened import Opened
from tui.playing.protocols import Language
from tui.screens.reader import ReaderScreen, prose

KEYS = (
    ("Space, F5", "pause or continue (space only while the command line is empty)"),
    ("+  -", "faster, slower: ×1 ×10 ×60 ×300 ×900 ×3600"),
    (".  >", "step 1 minute, step 15 minutes; the clock is paused afterwards"),
    (
        "!, F6",
        "jump to the next event that reaches you (at most 12 h ahead), then pause; any pause key ends a jump",
    ),
    (
        ";, F7",
        "jump to the next decision, promise or limit: 10 min before it is due, then to its time",
    ),
    ("#, F8", "jump to the end of the drill, after a confirmation"),
    (",  <, F9", "show the drill as it was 1 minute, 15 minutes earlier; . > go forward, Esc to the present"),
    ("Enter", "while an earlier moment is shown: begin a branch there, a drill of its own"),
    ("[  ], F3 F4", "show the previous or next bookmark: first alert, first bounce, decisions, objectives"),
    ("*, bookmark", "set a bookmark at the present moment"),
    ("1 … 9, 0, F2", "show one of the places below; F2 shows the next one, even while you type"),
    ("Enter", "on an empty line: list the commands of the current place, then all others"),
    ("Tab", "complete the command; press again for the next completion"),
    ("↑  ↓", "recall earlier commands"),
    ("Enter, ^P", "open the palette: find a command by name and fill in its form"),
    (
        "^F",
        "show the next hours with the typed command and without it, from known facts; it is not carried out",
    ),
    ("^N, note", "begin a note; notes are part of the debrief"),
    ("PgUp PgDn", "scroll the activity and every list; Home or Ctrl+Home returns to the newest"),
    ("?, F1", "open this help (? only while the command line is empty); F1 explains a typed command"),
    ("F10, end now", "end the drill after a confirmation, and open the debrief; `end now` ends it at once"),
    ("^G ^O ^B ^T ^S", "the same as F1 F2 F3 F4 F5, where another program keeps the F-keys for itself"),
    ("^_ ^Y ^] ^R ^\\", "the same as F6 F7 F8 F9 F10"),
    ("^Q, ^C", "leave; everything is saved, `mxdrill resume` continues"),
)
_KEY = 19
"""Width of a key or a typed word in a table, in cells."""
READING = (
    ("▲ ▼", "a figure that rose or fell within the last two seconds"),
    ("─▶ ┄▷ ✗ ‖ ?", "a hop: mail flows, idle, refused, paused, unknown"),
    ("┊", "when the oldest message of the queue would bounce"),
    ("17 ?", "a figure from a console that lags or does not respond; its place shows the time of the figure"),
    (
        "▶ ×900 is ×158",
        "this computer is too slow: the clock runs at ×158; in a narrow header `lag ×158`",
    ),
    ("2 h 5 min ago", "the age of an observation, such as a check; later changes are not included"),
)


class HelpScreen(ReaderScreen):
    """The screen that `?` opens."""

    heading = "Help"

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._opened = opened

    def rows(self, width: int) -> Sequence[Row]:
        """Briefing, keys, places, glyphs and commands."""
        rows: list[Row] = [(), (("Briefing", "title"),), (), *prose(self._opened.briefing, width), ()]
        if self._opened.branch_of:
            rows += [*prose(f"This drill is a branch of {self._opened.branch_of}.", width), ()]
        if ending := self._opened.ending():
            rows += [*prose(ending, width), ()]
        places = tuple((f"{key}  {name}", PLACES[name][0]) for key, name in PLACE_KEYS)
        typed = tuple((words, does) for words, (_, does) in WORDS.items())
        tables = (
            ("Keys", KEYS),
            ("Typed words", typed),
            ("Places", places),
            ("What the console shows", READING),
        )
        for title, table in tables:
            rows += [((title, "title"),), ()]
            rows += [row for key, does in table for row in entry(key, does, width)]
            rows.append(())
        rows += [(("Commands", "title"),), ()]
        for kind in self._opened.language.COMMANDS:
            rows += [*explained(kind, self._opened.language, width), ()]
        return rows


class CommandHelpScreen(ReaderScreen):
    """The screen that F1 opens for one command."""

    def __init__(self, kind: type[Command], language: Language) -> None:
        super().__init__()
        self.heading = " ".join(kind.words)
        self._kind = kind
        self._language = language

    def rows(self, width: int) -> Sequence[Row]:
        """The command's form, effects, costs and counterpart in real products."""
        return [(), *explained(self._kind, self._language, width)]


def explained(kind: type[Command], language: Language, width: int) -> list[Row]:
    """The help of a command, its form first."""
    first, *more = language.explain(kind).splitlines()
    head: list[Row] = [((line, "strong"),) for line in wrap(first, width)]
    return head + [row for line in more for row in prose("  " + line, width)]


def entry(key: str, does: str, width: int) -> list[Row]:
    """A row of a table of keys or words."""
    first, *more = wrap(does, width - _KEY)
    return [((left(key, _KEY), "strong"), (first, "")), *(((" " * _KEY + line, ""),) for line in more)]


def command_in(text: str, kinds: Sequence[type[Command]]) -> type[Command] | None:
    """The command with whose words `text` begins; None if there is none."""
    typed = text.split()
    return next((kind for kind in kinds if tuple(typed[: len(kind.words)]) == kind.words), None)
