"""Carries out the lines that people type at a lab: commands of the lab itself, and commands of the drill."""

from collections.abc import Callable
from functools import partial

from sim.drill.commands.command import Command
from sim.drill.commands.outcome import Refused
from sim.drill.commands.registry import COMMANDS
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt
from sim.kernel.duration import drill_time
from sim.kernel.quantities import counted
from sim.live.lab import Lab
from tui.shell.lab.clock import LabClock
from tui.shell.lab.words import LabMistake, Typed, help_lines, typed_word

JUMPS: dict[str, StopAt | None] = {"event": "event", "decision": "decision", "end": None}


def moment(session: Session) -> str:
    """The drill's time, as the lab prints it."""
    return drill_time(session.now_ms, seconds=True)


def _offered(scenario: Scenario) -> list[type[Command]]:
    """The commands that the organisation can use."""
    return [kind for kind in COMMANDS if kind.never_here(scenario.organisation, scenario.rules) is None]


class TypedCommands:
    """The typed commands of one lab; `quits` is true once one of them has asked to leave."""

    def __init__(
        self,
        session: Session,
        clock: LabClock,
        lab: Lab,
        *,
        say: Callable[[str], None],
        show: Callable[[], None],
        writing: Callable[[Callable[[], None]], None],
        stopping: Callable[[], bool],
    ) -> None:
        """`say` prints a line, `show` prints new events; `writing` calls a function that writes to the
        journal; `stopping`: true once the lab is to stop.
        """
        self._session, self._clock, self._lab = session, clock, lab
        self._say, self._show, self._writing, self._stopping = say, show, writing, stopping
        self.quits = False

    def give(self, text: str) -> None:
        """Carry out a typed line: a command of the lab, or one of the drill."""
        try:
            word = typed_word(text)
        except LabMistake as mistake:
            self._say(str(mistake))
            return
        if word is None:
            self._to_the_drill(text)
        else:
            self._do(word)

    def _do(self, typed: Typed) -> None:
        clock = self._clock
        match typed.word:
            case "pause":
                clock.pause()
            case "go":
                clock.go()
            case "speed":
                clock.speed = typed.amount
            case "step":
                clock.step(int(typed.amount), self._stopping)
            case "jump":
                clock.jump(JUMPS[typed.more])
                return
            case "bookmark":
                self._writing(
                    partial(self._session.bookmark, typed.more or f"bookmark {moment(self._session)}")
                )
            case "ports" | "help" | "authority":
                self._tell(typed)
                return
            case "end now":
                self._writing(self._session.finish)
                return
            case "quit":
                self.quits = True
                return
            case "time":
                pass
        self._show()
        self._say(self._status())

    def _tell(self, typed: Typed) -> None:
        """Carry out a command whose answer is not the moment and the speed."""
        if typed.word == "authority":
            self._switch_authority(typed.more == "on")
        elif typed.word == "ports":
            for line in self._lab.describe():
                self._say(line)
        else:
            scenario = self._session.scenario
            for line in help_lines(typed.more, _offered(scenario), scenario.rules):
                self._say(line)

    def _switch_authority(self, on: bool) -> None:
        """Stop or restart the zone's name servers. The stop is not part of the drill, so it is not
        journaled.
        """
        if on:
            self._lab.names.restart_authority()
        else:
            self._lab.names.stop_authority()
        state = "authority on" if on else "authority off: its port and the resolvers get no answer"
        self._say(f"{moment(self._session)}  {state}; simulated senders are not affected")

    def _status(self) -> str:
        """The time, the speed and the real mail, in one line."""
        clock = self._clock
        pace = "clock stopped" if clock.paused else f"×{clock.speed:g}"
        real = counted(len(self._session.drill.letters.all), "real message")
        return f"{moment(self._session)}  {self._session.drill.clock(self._session.now_ms)}  {pace}  {real}"

    def _to_the_drill(self, text: str) -> None:
        def give() -> None:
            outcome = self._session.dispatch(text)
            if isinstance(outcome, Refused) and self._session.ended:
                self._say(f"refused: {outcome.reason}")  # any other outcome is reported by an event

        self._writing(give)
