"""The control desk of a drill on the console: its clock, its events, commands and replies."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal

from sim.drill.commands.outcome import Accepted
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.session.journal import DiskFull
from sim.drill.snapshot.plan_steps import PlanStepView
from tui.painting.changed_figures import Marks, figures_of
from tui.painting.grouped_events import GroupedEvents
from tui.painting.places import home_of
from tui.painting.view import View
from tui.playing.key_first import PressedKey
from tui.playing.meanwhile import meanwhile
from tui.playing.opened import Opened
from tui.playing.pacer import Pacer
from tui.playing.past import THERE, Past
from tui.playing.protocols import DeskClock, RealMail, Watch

if TYPE_CHECKING:  # loads the whole world, which the first paint does not need
    from sim.drill.session.stops import StopAt

_LEAVE = "^Q saves everything and leaves; F10 ends the drill permanently"
_OF_THE_CONSOLE = {
    "help": "? opens the help (on an empty line); F1 explains the typed command",
    "exit": _LEAVE, "quit": _LEAVE, "q": _LEAVE, "bye": _LEAVE,
    "pause": "space stops the clock (on an empty line); `deliveries pause inbound` stops deliveries",
    "resume": "space restarts the clock (on an empty line); `deliveries resume inbound` resumes deliveries",
    "menu": "Enter on an empty line opens the menu of the current place",
}  # fmt: skip
"""Replies to words typed when a key press is expected."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """The reply to a typed line, and whether the command was accepted."""

    text: str
    accepted: bool


class ControlDesk:
    """An opened drill as screens use it. A full disk is reported in `trouble` and never raises an
    exception.
    """

    def __init__(
        self,
        opened: Opened,
        wall: Callable[[], float],
        speed: int,
        clock: DeskClock | None = None,
        key: PressedKey | None = None,
    ) -> None:
        """`clock`: used instead of the desk's own pacer, which starts paused if `opened` says so; `key`:
        the key for which that pacer ends a frame early.
        """
        self.opened = opened
        self.stop_at: frozenset[StopAt] = frozenset(opened.stop_at)
        """The reasons for which the clock stops whenever it is running."""
        self.pacer: DeskClock
        if clock is None:
            self.pacer = Pacer(opened.drill, wall, speed, self._watch, key)
            self.pacer.paused = opened.paused
        else:
            self.pacer = clock
        self.trouble = ""
        self._wall = wall
        self._told = False
        self._farewell: Callable[[str], None] | None = None
        self._lab: RealMail | None = None
        self._mx = ""
        self.ports: Sequence[str] = ()
        """One line for each port of the lab; empty if the drill has no lab."""
        self._home = lru_cache(maxsize=4096)(partial(home_of, kinds=opened.language.COMMANDS))
        self._samples = lru_cache(maxsize=16)(opened.drill.series)
        self._briefing = Event(-1, 0, "report", "briefing", " ".join(opened.briefing.split()))
        self.past = Past(opened, self._briefing, wall)
        """The moment that the screen shows: the present, or an earlier moment."""
        self._read_all()

    def _read_all(self) -> None:
        """Read all events from the beginning."""
        self._marks = Marks()
        self._entries = GroupedEvents()
        self._entries.add([self._briefing])
        self._next_seq = 0
        self._samples.cache_clear()
        self._listen()
        self._started_from()
        self.opened.follow()

    def frame(self) -> bool:
        """Advance by wall time; True if there is something new to show."""
        marks = self.pacer.marks
        try:
            moved = self.pacer.frame()
        except DiskFull as full:
            return self._full(full)
        if self.pacer.marks > marks:
            self.trouble = ""
            self.opened.follow()
        if self.pacer.stopped:
            self._told = True
        told, self._told = self._told, False
        return self._listen() or moved or told or self._marks.any

    def step(self, by_ms: int) -> None:
        """Pause, then advance once."""
        try:
            self.pacer.step(by_ms)
        except DiskFull as full:
            self._full(full)
        self._listen()

    def _watch(self, *more: "StopAt") -> Watch | None:
        """Use the reasons of the settings, and `more`, from now on."""
        wanted = self.stop_at | set(more)
        return self.opened.watch(wanted) if self.opened.watch is not None and wanted else None

    def _started_from(self) -> None:
        """Remember the current time and its figures, for the summary of the time that is skipped."""
        drill = self.opened.drill
        self._from = drill.now_ms, self._next_seq, figures_of(drill.snapshot(0))

    def jump(self, to: "StopAt | Literal['end']") -> None:
        """Advance as fast as possible to the next event, the next decision that is due, or the end."""
        self._started_from()
        watch = self._watch() if to == "end" else self._watch(to)
        self.pacer.jump("end" if to == "end" else f"next {to}", watch)

    def set_stops(self, wanted: "frozenset[StopAt]") -> None:
        """Set the reasons for which the clock stops whenever it is running."""
        self.stop_at = wanted
        try:
            self.opened.stops_at(wanted)
        except DiskFull as full:
            self._full(full)
        if not self.pacer.paused and not self.pacer.jumps:
            self.pacer.watch_anew()

    def toggle(self) -> None:
        """Pause or continue; this ends a jump in progress."""
        if self.pacer.paused:
            self._started_from()
        jumps = self.pacer.jumps
        self.pacer.toggle()
        if jumps:
            self.pacer.stopped = "as you asked"

    def stopped(self) -> str:
        """The reason why the clock stopped by itself, with a summary of the time since its start; returned
        only once.
        """
        reason, self.pacer.stopped = self.pacer.stopped, ""
        if not reason:
            return ""
        drill, (from_ms, seq, before) = self.opened.drill, self._from
        passed = meanwhile(drill.now_ms - from_ms, drill.events(seq), before, figures_of(drill.snapshot(0)))
        return f"Stopped: {reason}. {passed}"

    def bookmark(self, name: str) -> CommandReply:
        """Bookmark the present moment."""
        clock = self.opened.local.day_clock(self.opened.drill.now_ms, self.opened.drill.now_ms)
        try:
            self.opened.bookmark(name or f"bookmark {clock}")
        except DiskFull as full:
            self._full(full)
            return CommandReply(f"no bookmark, because the journal cannot be written: {full}", accepted=False)
        return CommandReply(f"bookmark at {clock}; [ or F3 goes back to it", accepted=True)

    def give(self, text: str) -> CommandReply:
        """Give a command as text; if it is refused, the reply has the reason. Only valid commands reach
        the drill.
        """
        words = text.strip().lower()
        meant = _OF_THE_CONSOLE.get("help" if words.startswith("help ") else words)
        if meant is not None:
            return CommandReply(meant, accepted=False)
        if self.past.shown:
            return CommandReply(THERE, accepted=False)
        try:
            self.opened.language.parse(text)
        except ValueError as mistake:
            return CommandReply(str(mistake), accepted=False)
        try:
            outcome = self.opened.drill.dispatch(text)
        except DiskFull as full:
            self._full(full)
            return CommandReply(
                f"command not given, because the journal cannot be written: {full}", accepted=False
            )
        self.trouble = ""
        self._listen()
        if isinstance(outcome, Accepted):
            return CommandReply(outcome.text, accepted=True)
        return CommandReply(outcome.reason, accepted=False)

    def look_ahead(self, text: str) -> str:
        """Stop the clock for a preview of `text`; returns the reason if a preview is not possible."""
        if self.past.shown:
            return THERE
        if self.opened.preview is None or self.opened.drill.ended:
            return "no preview: the drill has ended" if self.opened.drill.ended else "no preview here"
        try:
            self.opened.language.parse(text)
            refusal = self.opened.look_ahead(text)
        except ValueError as mistake:
            return (
                str(mistake) if text else "type a command first; ^F shows the next hours with and without it"
            )
        except DiskFull as full:
            self._full(full)
            return f"no preview, because the journal cannot be written: {full}"
        if not refusal and not self.pacer.paused:
            self.toggle()
            self.stopped()
        return refusal

    def view(self, scroll: int, listed: int = 0) -> View:
        """The current view, with the newest `listed` messages of the queue."""
        moment = self.past.moment
        snapshot = moment.snapshot if moment else self.opened.drill.snapshot(listed)
        if moment is None:
            self._marks.update(figures_of(snapshot), self._wall())
        opened, pace = self.opened, self.pacer.pace
        return View(
            snapshot=snapshot,
            local=opened.local,
            pace=pace,
            mode=opened.mode,
            marks=self._marks,
            entries=(moment.entries if moment else self._entries).newest_first(),
            samples=moment.samples if moment else self._samples,
            past=moment is not None,
            branch=bool(opened.branch_of),
            lab=self._mx,
            home=self._home,
            steps=self._steps,
            scroll=scroll,
        )

    @property
    def _steps(self) -> Callable[[], Sequence[PlanStepView]] | None:
        """The steps of the plan at the moment that is shown."""
        moment, opened = self.past.moment, self.opened
        if opened.plan_steps is None:
            return None
        return partial(opened.plan_steps, opened.drill) if moment is None else lambda: moment.steps

    async def start_lab(self) -> None:
        """Open and report the ports of the lab, if the drill has one. Raises PortTaken."""
        if self.opened.lab is not None:
            lab = self.opened.lab(self.say)
            await lab.start()
            self._lab = lab
            self._mx = f"MX 127.0.0.1:{lab.ports.mx}"
            self.ports = tuple(" ".join(line.split()) for line in lab.describe())
            self.say(f"SEND MAIL HERE: {self.ports[0]}; type `ports` for all ports")

    async def pump(self) -> None:
        """Bring real mail up to date with the simulated time."""
        if self._lab is not None:
            try:
                await self._lab.pump()
            except DiskFull as full:
                self._full(full)

    def say(self, line: str) -> None:
        """Add a line about the lab to the feed; it is not part of the drill."""
        self._entries.add([Event(-1, self.opened.drill.now_ms, "mail", "lab", line)])
        self._told = True
        if self._farewell is not None:
            self._farewell(line)

    async def leave(
        self, at_once: asyncio.Event | None = None, told: Callable[[str], None] | None = None
    ) -> None:
        """Close the ports and the journal; a resumed drill shows everything that was shown before.

        `told`: shows the lab's lines while it delivers the remaining mail.
        """
        self._farewell = told
        try:
            if self._lab is not None:
                await self._lab.stop(at_once)
            self.opened.close()
        except DiskFull as full:
            self._full(full)

    def _listen(self) -> bool:
        """Read new events; True if any of them reaches the trainee."""
        new = self.opened.drill.events(self._next_seq)
        if not new:
            return False
        self._next_seq = new[-1].seq + 1
        seen = [event for event in new if event.kind not in HIDDEN_FROM_TRAINEE]
        self._entries.add(seen)
        return bool(seen)

    def _full(self, full: DiskFull) -> bool:
        self.trouble = f"{full}; the drill continues"
        return True
