"""A drill that is ready to be shown: the drill, and everything else that the console can do with it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.drill.snapshot.plan_steps import PlanStepView
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode
from tui.playing.protocols import Language, Marked, RealMail, Replay, RunningDrill, Watch

if TYPE_CHECKING:  # load the whole world, which the first paint does not need
    from sim.drill.session.stops import StopAt
    from sim.report.debrief import Debrief
    from sim.report.outcome import RunOutcome
    from sim.report.paper.facts import DebriefFacts
    from sim.study.what_if.preview import Preview


@dataclass(frozen=True, slots=True)
class Opened:
    """A drill that is ready to be shown."""

    drill: RunningDrill
    language: Language
    local: LocalTime
    mode: Mode
    briefing: str
    nothing: "Callable[[], RunOutcome]"
    """Runs the same seed without any action and returns the outcome; must be called in a worker thread."""
    debrief: "Callable[[RunOutcome], Debrief]"
    """Makes the current debrief, compared with `nothing`, the run without any action."""
    facts: "Callable[[RunOutcome], DebriefFacts] | None" = None
    """Makes everything that a debrief contains, compared with `nothing`; None if only `debrief` is
    available.
    """
    pages: "Callable[[DebriefFacts], Path] | None" = None
    """Writes the files of the debrief next to the journal, and returns the path of the page. Must be
    called in a worker thread; raises Mistake.
    """
    lab: Callable[[Callable[[str], None]], RealMail] | None = None
    """Makes the lab; called with a function that shows a line. None for a drill without real mail."""
    kept: str = ""
    """Name or path for `mxdrill resume`; empty for a drill that is not stored."""
    watch: "Callable[[frozenset[StopAt]], Watch] | None" = None
    """Watches for the given reasons to stop from now on; None if this drill cannot be watched."""
    earlier: Callable[[int], Replay] | None = None
    """Replays the drill up to the given time; None if this drill cannot be rewound."""
    follow: Callable[[], None] = lambda: None
    """Makes the copies of earlier moments follow the drill; must be called now and then while the drill
    advances.
    """
    kept_moments: Callable[[], str] = lambda: ""
    """Returns the number of copies of earlier moments and their memory use, in words; empty if there are
    no copies.
    """
    preview: "Callable[[str], Preview] | None" = None
    """Runs both futures of a command; must be called in a worker thread. None if this drill has no
    previews.
    """
    look_ahead: Callable[[str], str] = lambda text: ""
    """Counts a preview of `text` and journals it; returns the refusal, or an empty text. Raises DiskFull."""
    bookmarks: Callable[[], Sequence[Marked]] = lambda: ()
    """Returns the bookmarked moments, in chronological order."""
    bookmark: Callable[[str], None] = lambda name: None
    """Bookmarks the present moment. Raises DiskFull."""
    branch_at: "Callable[[int], Opened] | None" = None
    """Begins a branch, which is a separate drill, at the given time. Must be called in a worker thread;
    raises Mistake. None if there are no branches.
    """
    branch_of: str = ""
    """For a branch: its parent, and the time at which it begins, in words."""
    plan_steps: "Callable[[RunningDrill], Sequence[PlanStepView]] | None" = None
    """Returns the steps of the plan with which the drill began, at a moment of the drill; None if it has
    no plan.
    """
    ending: Callable[[], str] = lambda: ""
    """Returns the end of the drill in a sentence, as far as it can be known."""
    stop_at: "Sequence[StopAt]" = ()
    """The reasons for which the clock stops whenever it is running."""
    stops_at: "Callable[[Iterable[StopAt]], None]" = lambda wanted: None
    """Journals these reasons, so that they are kept on resume. Raises DiskFull."""
    users: int = 0
    """The number of users in the organisation; 0 if the console's process has other drills as well."""
    greeting: str = ""
    """The first line shown while the clock is stopped: for a new drill whose briefing has not been read, or
    for a run of a check; empty for other drills.
    """
    paused: bool = False
    """True if the clock starts paused, so that the trainee can look around after a resume; False with real
    mail, which cannot wait.
    """
    close: Callable[[], None] = lambda: None
    """Releases the journal at the end."""
    prepare: Callable[[], None] = lambda: None
    """Loads data that panes need later; this is slow, but may be done in another thread."""
