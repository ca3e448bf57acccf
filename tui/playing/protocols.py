"""What the console needs of a drill, and of the language its commands are written in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sim.drill.commands.command import Accepted, Command, Refused
from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode

if TYPE_CHECKING:  # they load the whole world, and the first paint does not wait for it
    from sim.report.debrief import Debrief
    from sim.report.outcome import RunOutcome


class RunningDrill(Protocol):
    """The one door to a running drill; a `Session` is one. Times are ms since its start."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def ended(self) -> bool:
        """Whether the drill is over; then `advance` does nothing."""

    @property
    def complete(self) -> bool:
        """Whether the drill has run its course; `ended` is also true when it was ended by hand."""

    def finish(self) -> None:
        """End the drill here, by hand; it is journaled first."""

    def dispatch(self, command: Command | str) -> Accepted | Refused:
        """Give a command; it is journaled before it acts."""

    def advance(self, to_ms: int) -> None:
        """Let the world go on to `to_ms`."""

    def mark(self) -> None:
        """Write a time mark into the journal."""

    def snapshot(self, listed: int = 50) -> Snapshot:
        """What a trainee may see now, with at most `listed` messages of the queue."""

    def events(self, since: int = 0) -> list[Event]:
        """Events with `seq` >= `since`."""

    def series(self, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
        """`points` samples of `what`, evenly over [a, b]."""


class Language(Protocol):
    """The text form of commands; the functions of `sim.drill.commands.grammar`."""

    @property
    def COMMANDS(self) -> tuple[type[Command], ...]:  # noqa: N802 - the module's own name
        """Every command type."""

    def parse(self, text: str) -> Command:
        """The command that `text` says; raises ValueError with one line."""

    def format_command(self, command: Command) -> str:
        """The text that `parse` turns back into `command`."""

    def complete(self, text: str) -> list[str]:
        """Full lines that begin with `text`."""

    def explain(self, kind: type[Command]) -> str:
        """Help, with how it is done in the real product."""


class LabPorts(Protocol):
    """Ports on loopback."""

    @property
    def mx(self) -> int:
        """The organisation's MX."""


class RealMail(Protocol):
    """Real mail around a drill; `sim.live.lab.Lab` is one. It runs in the console's own event loop."""

    @property
    def ports(self) -> LabPorts:
        """Known before `start`."""

    async def start(self) -> None:
        """Open the ports."""

    async def pump(self) -> None:
        """Let ports and outgoing mail follow the world; after each `advance`."""

    async def stop(self) -> None:
        """Close everything."""

    def describe(self) -> Sequence[str]:
        """Lines that say which port is what."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A drill that is ready to be shown."""

    drill: RunningDrill
    language: Language
    local: LocalTime
    mode: Mode
    briefing: str
    nothing: "Callable[[], RunOutcome]"
    """What the same seed comes to when nobody acts; a run of its own, to be made in a thread."""
    debrief: "Callable[[RunOutcome], Debrief]"
    """The debrief at this moment beside `nothing`."""
    lab: Callable[[Callable[[str], None]], RealMail] | None = None
    """Makes the lab, given what shows a line about it; None for a drill without real mail."""
    kept: str = ""
    """Name or path that `mxdrill resume` finds it by; empty for a drill that is not kept."""
    stands: bool = False
    """The clock waits for somebody to start it: who resumes looks first. Real mail waits for nobody."""
    close: Callable[[], None] = lambda: None
    """Give the journal back at the end."""
