"""The one value from which all panes are drawn at a given moment, and the type of a pane's function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.drill.snapshot.console import Snapshot
from sim.drill.snapshot.mail_routes import Seen
from sim.drill.snapshot.plan_steps import PlanStepView
from tui.painting.changed_figures import Marks
from tui.painting.grouped_events import FeedEntry
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode, Pace
from tui.painting.places import home_of
from tui.painting.rows import Page

NOT_OF_NOW = "?"
"""The sign next to a figure that is out of date because its instrument lags or does not respond."""

Samples = Callable[[str, int, int, int], list[int]]
"""Function that takes (name of the series, from, to, number of points) and returns evenly spaced values."""


@dataclass(frozen=True, slots=True)
class View:
    """One moment as the console shows it. Panes are pure functions of this value and of their size."""

    snapshot: Snapshot
    local: LocalTime
    pace: Pace
    mode: Mode
    marks: Marks
    entries: Sequence[FeedEntry]
    """Events that reached the trainee, newest first; repeated alerts are one entry."""
    samples: Samples
    lab: str = ""
    """Address for real mail, such as `MX 127.0.0.1:33967`; empty without a lab."""
    home: Callable[[str], str] = home_of
    """Function that returns the place that shows the result of a command."""
    past: bool = False
    """True if an earlier moment is shown."""
    branch: bool = False
    """True if the drill is a branch of another one."""
    seat: str = ""
    """The seat for which the view is made, shown in place of the mode; empty for a single player."""
    steps: Callable[[], Sequence[PlanStepView]] | None = None
    """Function that returns the steps of the drill's plan; None if the drill has no plan."""
    scroll: int = 0
    """Number of rows by which lists are scrolled down from their newest entry."""

    def old(self, seen: Seen) -> bool:
        """True if an observation is out of date because its instrument lags or does not respond."""
        return seen.at_ms < self.snapshot.t_ms

    def since(self, seen: Seen) -> str:
        """Source and time of a figure in words: `gateway console, Mon 10:40`."""
        return f"{seen.by}, {self.local.short(seen.at_ms, self.snapshot.t_ms)}"

    def age_of(self, seen: Seen, no_answer_ms: int | None) -> str:
        """Time of the figures of a console that does not respond: `as of Tue 10:00, no response Tue
        10:12`.
        """
        told = f"as of {self.local.short(seen.at_ms, self.snapshot.t_ms)}"
        if no_answer_ms is None or no_answer_ms <= seen.at_ms:
            return told
        return f"{told}, no response {self.local.short(no_answer_ms, self.snapshot.t_ms)}"


Draw = Callable[[View, int, int], Page]
"""Function that draws a pane, given the view and the width and height in cells."""
