"""One drill on the console: the clock that drives it, what has been said, commands and replies."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from sim.drill.commands.command import Accepted
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.session.journal import DiskFull
from tui.painting.changed_figures import Marks, figures_of
from tui.painting.grouped_events import GroupedEvents
from tui.painting.places import home_of
from tui.painting.view import View
from tui.playing.pacer import Pacer
from tui.playing.protocols import Opened, RealMail

_LEAVE = "^Q leaves, everything is saved; F10 ends the drill for good"
_OF_THE_CONSOLE = {
    "help": "? opens the help (on the empty line); F1 explains the command that stands in the line",
    "exit": _LEAVE, "quit": _LEAVE, "q": _LEAVE, "bye": _LEAVE,
    "pause": "space stops the clock (on the empty line); `deliveries pause inbound` stops deliveries",
    "resume": "space lets the clock go on (on the empty line); `deliveries resume inbound` is the mail",
    "menu": "Enter on the empty line opens the menu of the place that is shown",
}  # fmt: skip
"""What people type for what is a key."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """What became of a line that was typed: a sentence, and whether the command was taken."""

    text: str
    accepted: bool


class ControlDesk:
    """All that screens need of an opened drill. A full disk becomes `trouble`, never an exception."""

    def __init__(self, opened: Opened, wall: Callable[[], float], speed: int) -> None:
        self.opened = opened
        self.pacer = Pacer(opened.drill, wall, speed)
        self.pacer.paused = opened.stands
        self.trouble = ""
        self._wall = wall
        self._marks = Marks()
        self._entries = GroupedEvents()
        self._next_seq = 0
        self._told = False
        self._lab: RealMail | None = None
        self._mx = ""
        self._home = lru_cache(maxsize=4096)(partial(home_of, kinds=opened.language.COMMANDS))
        self._samples = lru_cache(maxsize=16)(opened.drill.series)
        briefing = " ".join(opened.briefing.split())
        self._entries.add([Event(-1, 0, "report", "briefing", briefing)])
        self._listen()

    def frame(self) -> bool:
        """Advance by wall time; true if there is anything new to show."""
        marks = self.pacer.marks
        try:
            moved = self.pacer.frame()
        except DiskFull as full:
            return self._full(full)
        if self.pacer.marks > marks:
            self.trouble = ""
        told, self._told = self._told, False
        return self._listen() or moved or told or self._marks.any

    def step(self, by_ms: int) -> None:
        """Pause and advance once."""
        try:
            self.pacer.step(by_ms)
        except DiskFull as full:
            self._full(full)
        self._listen()

    def give(self, text: str) -> CommandReply:
        """Give a command as text; a refusal says why. What is no command at all never reaches the drill."""
        if (meant := _OF_THE_CONSOLE.get(text.strip().lower())) is not None:
            return CommandReply(meant, accepted=False)
        try:
            self.opened.language.parse(text)
        except ValueError as mistake:
            return CommandReply(str(mistake), accepted=False)
        try:
            outcome = self.opened.drill.dispatch(text)
        except DiskFull as full:
            self._full(full)
            return CommandReply(f"not journaled, not given: {full}", accepted=False)
        self.trouble = ""
        self._listen()
        if isinstance(outcome, Accepted):
            return CommandReply(outcome.text, accepted=True)
        return CommandReply(outcome.reason, accepted=False)

    def view(self, scroll: int, listed: int = 0) -> View:
        """The present moment, with the newest `listed` messages of the queue."""
        snapshot = self.opened.drill.snapshot(listed)
        self._marks.update(figures_of(snapshot), self._wall())
        opened, pace = self.opened, self.pacer.pace
        return View(
            snapshot=snapshot,
            local=opened.local,
            pace=pace,
            mode=opened.mode,
            marks=self._marks,
            entries=self._entries.newest_first(),
            samples=self._samples,
            lab=self._mx,
            home=self._home,
            scroll=scroll,
        )

    async def start_lab(self) -> None:
        """Open the ports of the lab, if the drill has one, and say which they are. Raises PortTaken."""
        if self.opened.lab is not None:
            lab = self.opened.lab(self.say)
            await lab.start()
            self._lab = lab
            self._mx = f"MX 127.0.0.1:{lab.ports.mx}"
            mx, *others = (" ".join(line.split()) for line in lab.describe())
            for line in reversed(others):  # the feed has the newest on top: the one to use comes last
                self.say(f"do not send here, the drill delivers to it: {line}")
            self.say(f"SEND MAIL HERE: {mx}")

    async def pump(self) -> None:
        """Real mail follows the world."""
        if self._lab is not None:
            try:
                await self._lab.pump()
            except DiskFull as full:
                self._full(full)

    def say(self, line: str) -> None:
        """A line about the lab itself, among what reaches the trainee; it is no part of the drill."""
        self._entries.add([Event(-1, self.opened.drill.now_ms, "mail", "lab", line)])
        self._told = True

    async def leave(self) -> None:
        """Close the ports and the journal; resuming loses nothing that was seen."""
        try:
            if self._lab is not None:
                await self._lab.stop()
            self.opened.close()
        except DiskFull as full:
            self._full(full)

    def _listen(self) -> bool:
        """Take what has happened since; true if any of it reaches the trainee."""
        new = self.opened.drill.events(self._next_seq)
        if not new:
            return False
        self._next_seq = new[-1].seq + 1
        seen = [event for event in new if event.kind not in HIDDEN_FROM_TRAINEE]
        self._entries.add(seen)
        return bool(seen)

    def _full(self, full: DiskFull) -> bool:
        self.trouble = f"{full}; the drill goes on"
        return True
