"""What the console requires of a drill, of the language of its commands, and of a lab."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.drill.commands.command import Accepted, Command, Refused, TypedLine
from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from sim.drill.snapshot.plan_steps import PlanStepView
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode, Pace

if TYPE_CHECKING:  # they load the whole world, and the first paint does not wait for it
    from sim.drill.session.earlier import DrillMoment
    from sim.drill.session.stops import StopAt
    from sim.report.debrief import Debrief
    from sim.report.outcome import RunOutcome
    from sim.report.paper.facts import DebriefFacts
    from sim.study.what_if.preview import Preview


class Advancing(Protocol):
    """A world whose time, in ms since its start, is moved by a clock."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def ended(self) -> bool:
        """True if the drill is over, after which `advance` does nothing."""

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Advance the world to `to_ms`, or until `stop` is true after a change. The world's mail may lag
        behind.
        """

    def catch_up(self) -> None:
        """Bring mail up to the present, as every reading of the world does."""

    def mark(self, *, digest: bool = False) -> None:
        """Write a time mark into the journal; `digest`: with the digest of everything up to now."""


class RunningDrill(Advancing, Protocol):
    """A running drill; `Session` is one."""

    @property
    def complete(self) -> bool:
        """True if the drill ended by itself; `ended` is also true if it was ended by hand."""

    def finish(self) -> None:
        """End the drill here, by hand; the end is journaled first."""

    def dispatch(self, command: Command | str) -> Accepted | Refused:
        """Give a command; the command is journaled before it takes effect."""

    def snapshot(self, listed: int = 50) -> Snapshot:
        """The current state as a trainee may see it, with at most `listed` messages of the queue."""

    def events(self, since: int = 0) -> list[Event]:
        """Events whose `seq` is `since` or higher."""

    def series(
        self, what: str, a_ms: int, b_ms: int, points: int, plotted_ms: int | None = None
    ) -> list[int]:
        """`points` samples of `what`, evenly spaced over [a, b]; `plotted_ms`: as plotted at an earlier
        moment.
        """


class Watch(Protocol):
    """Watches a drill for reasons to stop its clock; `StopWatch` implements it."""

    def horizon_ms(self) -> int | None:
        """The next time at which the passing of time alone gives a reason to stop; None: only an event
        can.
        """

    def reason(self) -> str:
        """The reason to stop at the present moment, in words; empty if there is none."""


class DeskClock(Protocol):
    """The clock of a drill as a console uses it: a `Pacer` drives one drill; at a seat, it follows the
    table's clock.
    """

    @property
    def pace(self) -> Pace:
        """Current speed, pause and lag."""

    @property
    def jumps(self) -> str:
        """The target of the jump in progress; empty if there is none."""

    @property
    def marks(self) -> int:
        """Number of time marks written."""

    paused: bool
    stopped: str
    """The reason why the clock stopped by itself, until it is read."""

    def frame(self) -> bool:
        """Continue; True if the simulated time has moved. Raises DiskFull."""

    def step(self, by_ms: int) -> None:
        """Pause, then advance once by `by_ms`. Raises DiskFull."""

    def jump(self, aim: str, watch: Watch | None) -> None:
        """Advance as fast as possible until `watch` has a reason, or to the end."""

    def toggle(self) -> None:
        """Pause or continue."""

    def change_speed(self, by: int) -> None:
        """Go `by` steps up or down the list of speeds."""

    def watch_anew(self) -> None:
        """Ask again for the reasons to stop, for a running clock."""


class Replay(Protocol):
    """An earlier moment of a drill, being replayed; `Earlier` implements it."""

    @property
    def reached_ms(self) -> int:
        """The moment that the replay has reached."""

    def run(self) -> "DrillMoment | None":
        """The drill at the earlier moment; None if the replay was stopped. Must be called in a worker
        thread.
        """

    def stop(self) -> None:
        """Make `run` return soon."""


class Marked(Protocol):
    """A moment to return to; `Bookmark` implements it."""

    @property
    def t_ms(self) -> int:
        """The moment."""

    @property
    def name(self) -> str:
        """The bookmark's name."""


class Language(Protocol):
    """The text form of commands; the functions of `sim.drill.commands.grammar`."""

    @property
    def COMMANDS(self) -> tuple[type[Command], ...]:  # noqa: N802 - the module's own name
        """Every command type."""

    def parse(self, text: str) -> TypedLine:
        """The command of `text`, or a table command. Raises ValueError with one line."""

    def format_command(self, command: Command) -> str:
        """The text of `command`; the reverse of `parse`."""

    def complete(self, text: str) -> list[str]:
        """Full lines that begin with `text`."""

    def explain(self, kind: type[Command]) -> str:
        """Help on a command, with its counterpart in real products."""


class LabPorts(Protocol):
    """Ports on loopback."""

    @property
    def mx(self) -> int:
        """The organisation's MX."""


class RealMail(Protocol):
    """Real mail around a drill; `sim.live.lab.Lab` implements it. The lab runs in the console's own event
    loop.
    """

    @property
    def ports(self) -> LabPorts:
        """The ports; they are known before `start`."""

    async def start(self) -> None:
        """Open the ports."""

    async def pump(self) -> None:
        """Bring ports and outgoing mail up to the world's time; must be called after each `advance`."""

    async def stop(self, at_once: asyncio.Event | None = None) -> None:
        """Deliver due mail unless `at_once` is set, and close everything."""

    def describe(self) -> Sequence[str]:
        """One line for each port, with its purpose."""


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
