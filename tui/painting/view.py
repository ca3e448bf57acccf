"""Everything that panes are drawn from at one moment, and the list of panes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.drill.snapshot.console import Snapshot
from sim.drill.snapshot.mail_routes import Seen
from tui.painting.changed_figures import Marks
from tui.painting.grouped_events import FeedEntry
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode, Pace
from tui.painting.places import home_of
from tui.painting.rows import Page

NOT_OF_NOW = "?"
"""Beside a figure whose instrument does not answer, or lags: it is of an earlier moment."""

Samples = Callable[[str, int, int, int], list[int]]
"""`what`, from, to, how many: evenly spaced values of a series."""


@dataclass(frozen=True, slots=True)
class View:
    """One moment as the console shows it. Panes are pure functions of it and of their size."""

    snapshot: Snapshot
    local: LocalTime
    pace: Pace
    mode: Mode
    marks: Marks
    entries: Sequence[FeedEntry]
    """What reached the trainee, newest first, repeated alerts gathered."""
    samples: Samples
    lab: str = ""
    """Where real mail goes to, `MX 127.0.0.1:33967`; empty without a lab."""
    home: Callable[[str], str] = home_of
    """The place where the result of a command is kept."""
    scroll: int = 0
    """Rows by which the feed is scrolled away from its newest entry."""

    def old(self, seen: Seen) -> bool:
        """Whether an observation is not of now: its instrument does not answer, or lags."""
        return seen.at_ms < self.snapshot.t_ms

    def since(self, seen: Seen) -> str:
        """`gateway console, Mon 10:40`: whose figure it is, and of when."""
        return f"{seen.by}, {self.local.short(seen.at_ms, self.snapshot.t_ms)}"

    def age_of(self, seen: Seen, no_answer_ms: int | None) -> str:
        """`figures of Tue 10:00, no answer Tue 10:12` of a console that does not answer."""
        told = f"figures of {self.local.short(seen.at_ms, self.snapshot.t_ms)}"
        if no_answer_ms is None or no_answer_ms <= seen.at_ms:
            return told
        return f"{told}, no answer {self.local.short(no_answer_ms, self.snapshot.t_ms)}"


Draw = Callable[[View, int, int], Page]
"""A pane: the view, the width and the height that it may fill."""
