"""What the console needs of a drill, and of the language its commands are written in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sim.drill.command import Accepted, Command, Refused
from sim.drill.events import Event
from sim.drill.snapshot import Snapshot
from tui.local_time import LocalTime

Mode = Literal["guided", "exam", "free"]


class Drill(Protocol):
    """The one door to a running drill; `sim.drill.session.Session` is one. Times are ms since its start."""

    @property
    def now_ms(self) -> int:
        """The simulated time."""

    @property
    def ended(self) -> bool:
        """Whether the drill is over; then `advance` does nothing."""

    def dispatch(self, command: Command | str) -> Accepted | Refused:
        """Give a command; it is journaled before it acts."""

    def advance(self, to_ms: int) -> None:
        """Let the world go on to `to_ms`."""

    def mark(self) -> None:
        """Write a time mark into the journal."""

    def snapshot(self) -> Snapshot:
        """What a trainee may see now."""

    def events(self, since: int = 0) -> list[Event]:
        """Events with `seq` >= `since`."""

    def series(self, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
        """`points` samples of `what`, evenly over [a, b]."""


class Language(Protocol):
    """The text form of commands; the module `sim.drill.grammar` is one."""

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


@dataclass(frozen=True, slots=True)
class Opened:
    """A drill that is ready to be shown."""

    drill: Drill
    language: Language
    local: LocalTime
    mode: Mode
    briefing: str
    debrief: Callable[[], Sequence[str]]
    """The debrief as lines of text; takes seconds (it runs the same seed with nobody acting)."""
