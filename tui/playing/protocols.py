"""What the console requires of a drill, of the language of its commands, and of a lab."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from sim.drill.commands.command import Command, TypedLine
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from tui.painting.pace import Pace

if TYPE_CHECKING:  # load the whole world, which the first paint does not need
    from sim.drill.session.earlier import DrillMoment


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
    """The text form of the commands in one drill."""

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
