"""Keys of the console that move in time: jumps ahead, earlier moments, bookmarks."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from sim.kernel.duration import MINUTE_MS, parse_duration
from sim.kernel.user_mistake import Mistake
from tui.painting.rows import Row
from tui.playing.control_desk import ControlDesk
from tui.playing.past import THERE
from tui.shell.arguments import moment_ms
from tui.widgets.frame.command_line import CommandLine

JumpTo = Literal["event", "decision", "end"]
StopSetting = Literal["alert", "objective", "free"]


class TimeScreen(Screen[None]):
    """The part of the console that moves in time; the console itself paints and shows replies."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6,ctrl+underscore", "jump('event')", "Next event"),
        Binding("f7,ctrl+y", "jump('decision')", "Next decision"),
        Binding("f8,ctrl+right_square_bracket", "jump('end')", "To the end"),
        Binding("f9,ctrl+r", "rewind(-15)", "Rewind"),
        Binding("f3,ctrl+b", "to_bookmark(-1)", "Bookmark before"),
        Binding("f4,ctrl+t", "to_bookmark(1)", "Bookmark after"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._desk: ControlDesk | None = None
        self._reply: Row = ()
        self._scroll = 0
        self.asking = ""
        """The action that the next key confirms; empty if there is none."""

    @abstractmethod
    def paint(self) -> None:
        """Paint the current state now."""

    @abstractmethod
    def say(self, text: str, role: str, glyph: str) -> None:
        """Show a reply."""

    @abstractmethod
    def ask(self, question: str, about: str) -> None:
        """Ask a question about the action `about`."""

    def _with_desk(self, act: Callable[[ControlDesk], None]) -> None:
        if self._desk is not None:
            act(self._desk)
            self.paint()

    def action_jump(self, to: JumpTo) -> None:
        """Advance as fast as possible to the next event, the next decision that is due, or the end."""
        desk = self._desk
        if desk is None or desk.opened.drill.ended:
            return
        if self._in_the_past():
            return
        if to == "end" and self.asking != "jump":
            question = "Jump to its end? Press # or F8 again, any other key to stay here"
            self.ask(f"{desk.opened.ending()} {question}".lstrip(), "jump")
            return
        self._reply, self.asking = (), ""
        self._with_desk(lambda desk: desk.jump(to))

    def action_stop_at(self, reason: StopSetting) -> None:
        """Turn a reason to stop the clock on or off."""
        if self._desk is not None and reason == "objective" and self._desk.opened.mode != "guided":
            self.say(f"objectives are not shown in the mode {self._desk.opened.mode}", "bad", "✗")
        elif self._desk is not None:
            wanted = self._desk.stop_at ^ {reason}
            self._desk.set_stops(wanted)
            told = ", ".join(sorted(wanted)) or "nothing; it runs until you pause it"
            self.say(f"The clock stops at: {told}", "good", "✓")

    def _in_the_past(self) -> bool:
        """True while an earlier moment is shown, where no action is possible; a reply then says so."""
        if self._desk is None or not self._desk.past.shown:
            return False
        self.say(THERE, "bad", "✗")
        return True

    def action_rewind(self, minutes: int) -> None:
        """Show an earlier moment: that many minutes before or after the one shown."""
        if self._desk is not None:
            past = self._desk.past
            from_ms = past.aim_ms if past.shown else self._desk.opened.drill.now_ms
            self._show_past(from_ms + minutes * MINUTE_MS)

    def action_rewind_to(self, text: str) -> None:
        """Show the moment typed: `T+3:10`, or a duration back, `2h`."""
        if self._desk is None:
            return
        try:
            if text.upper().startswith("T+"):
                self._show_past(moment_ms("rewind", text[2:]))
            else:
                self._show_past(self._desk.opened.drill.now_ms - parse_duration(text))
        except (ValueError, Mistake):
            self.say(f"`{text[:40]}` is not a moment; write `rewind 2h` or `rewind T+3:10`", "bad", "✗")

    def action_to_bookmark(self, by: int) -> None:
        """Show the bookmark before or after the moment that is shown."""
        if self._desk is not None:
            past = self._desk.past
            if not past.shown:
                past.aim(self._desk.opened.drill.now_ms)
            self._show_past(past.near(by))

    def _show_past(self, t_ms: int) -> None:
        """Stop the clock, and replay the drill up to `t_ms` in a thread; the present can be returned to
        later.
        """
        desk = self._desk
        if desk is None:
            return
        if why := desk.past.refusal():
            self.say(why, "bad", "✗")
            return
        if not desk.pacer.paused:
            desk.toggle()
            desk.stopped()
        self._reply = ()
        self.query_one(CommandLine).settle()
        if t_ms >= desk.opened.drill.now_ms:
            desk.past.leave()
            self.paint()
            return
        if t_ms < 0 and desk.past.shown and desk.past.aim_ms == 0:
            self.say("this is the start of the drill", "warn", "◀")
            return
        desk.past.aim(t_ms)
        self.run_worker(self._play_past(desk), group="past", exclusive=True)

    async def _play_past(self, desk: ControlDesk) -> None:
        await desk.past.play()
        if desk is self._desk:
            self._scroll = 0
            self.paint()

    def action_bookmark(self, name: str = "") -> None:
        """Bookmark the present moment."""
        if self._desk is not None and not self._in_the_past():
            reply = self._desk.bookmark(name)
            self.say(reply.text, "good" if reply.accepted else "bad", "✓" if reply.accepted else "✗")

    @on(CommandLine.Previewed)
    def _previewed(self, event: CommandLine.Previewed) -> None:
        """Show the next hours with the typed command and without it; the command stays in the line."""
        desk = self._desk
        if desk is None:
            return
        if why := desk.look_ahead(event.text):
            self.say(why, "bad", "✗")
            return
        from tui.screens.preview import PreviewScreen

        self.app.push_screen(PreviewScreen(desk.opened, event.text))
