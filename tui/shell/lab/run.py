"""A lab without the console: prints the ports, then one line for each event; reads commands from standard
input.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.drill.commands.command import Command, Refused
from sim.drill.commands.registry import COMMANDS
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.journal import DIGEST_S, DiskFull
from sim.drill.session.session import Session
from sim.drill.session.stops import StopAt
from sim.kernel.duration import drill_time
from sim.kernel.quantities import counted
from sim.live.certificate import Tls
from sim.live.disk.mail_folder import ForeignMail
from sim.live.disk.spool import write_durably
from sim.live.lab import Lab, open_lab
from sim.live.listener import CONNECTIONS, most_connections
from sim.live.ports import PortTaken
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.lab.clock import LabClock
from tui.shell.lab.words import LabMistake, Typed, help_lines, typed_word
from tui.shell.signals import StopRequests, ctrl_c_cancels
from tui.shell.standard_streams import silence
from tui.shell.typed_lines import ENDED, TypedLines

if TYPE_CHECKING:  # an extra, which may be missing
    from sim.live.metrics import MetricsServer

FRAME_S = 1 / 20
JUMPS: dict[str, StopAt | None] = {"event": "event", "decision": "decision", "end": None}


@dataclass(frozen=True, slots=True)
class LabOptions:
    """Speed of the clock, end, ports, and what is printed."""

    speed: float
    until_ms: int | None = None
    smtp_port: int = 0
    dns_port: int = 0
    """Ports of the MX and of the zone's name servers; 0 for any free port."""
    ports_file: Path | None = None
    """File to which the ports are written, as JSON, once they answer."""
    truth: bool = False
    """True if facts hidden from trainees are also printed: faults, and when they end."""
    tls: Tls = "offered"
    metrics_port: int | None = None
    """Port for a monitoring system; 0 for any free port; None if there is none."""
    quiet: bool = False
    """True if only real mail, replies to commands, and problems are printed."""
    mail_server_port: int = 0
    """Port of the user's own server, which replaces the lab's mail server; 0 if the lab's server is used."""


def run_lab(session: Session, options: LabOptions) -> int:
    """Drive the drill by the wall clock until its end, `until_ms` or Ctrl+C. Returns the exit status.

    The session is closed afterwards. Raises CommandMistake if the lab cannot be set up.
    """
    run = _Run(session, options)
    go_on = f"mxdrill resume {session.journal_path}"
    try:
        with ctrl_c_cancels(), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(run.whole())
    except KeyboardInterrupt:  # before signals were heard, or on Windows
        run.interrupted = True
    finally:
        run.close()
    if not session.ended:
        what = "saved" if run.interrupted else "stopped"
        run.say(f"{what} at {drill_time(session.now_ms)}; to continue: {go_on}")
    return exit_status.INTERRUPTED if run.interrupted else exit_status.YES


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop if it is installed (extra `lab`); None for the standard library's event loop.

    The result is also None where the system allows few open files, because uvloop needs some of its own.
    """
    if most_connections() < CONNECTIONS:
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def shown(event: Event, options: LabOptions) -> bool:
    """True if a line is printed for the event. Truth is printed only on request, and milestones never."""
    if event.kind == "milestone":
        return False  # for objectives and runbooks; the fault or message that it marks has a line
    if event.kind in HIDDEN_FROM_TRAINEE:
        return options.truth
    return not options.quiet or event.kind in {"mail", "command", "done", "failed", "refused", "end"}


def _offered(scenario: Scenario) -> list[type[Command]]:
    """The commands that the organisation can use."""
    return [kind for kind in COMMANDS if kind.never_here(scenario.organisation, scenario.rules) is None]


class _Run:
    """One run of a drill, with the number of the next event to print."""

    def __init__(self, session: Session, options: LabOptions) -> None:
        self._session, self._options = session, options
        self._quits = False
        self._clock = LabClock(session, time.monotonic, options.speed, options.until_ms)
        self._next_seq = len(session.events())
        self._trouble = ""
        self._unheard = False
        self.interrupted = False

    async def whole(self) -> None:
        """Start and drive the lab; always deliver due mail and release the ports at the end."""
        try:
            options = self._options
            lab = open_lab(
                self._session,
                say=self.say,
                smtp_port=options.smtp_port,
                dns_port=options.dns_port,
                tls=options.tls,
                mail_server_port=options.mail_server_port,
            )
        except (PortTaken, ForeignMail, OSError) as why:
            raise CommandMistake(str(why)) from None
        metrics = self._metrics(lab)
        with StopRequests() as stop:
            try:
                await lab.start()
                if metrics is not None:
                    await metrics.open()
                self._write_ports(lab)
                self.say("EXERCISE: a simulated outage; every server below is simulated, on 127.0.0.1 only")
                self._say_ports(lab)
                if metrics is not None:
                    self.say(f"{'metrics':<12} 127.0.0.1:{metrics.port:<5}  http, path /metrics")
                self.say("type a command, or `help`")
                self._clock.go()
                await self._drive(lab, TypedLines.start(), stop)
            finally:
                if metrics is not None:
                    await metrics.release()
                await lab.stop(stop.at_once)
                self._show()
                self.interrupted = stop.requested

    def _metrics(self, lab: Lab) -> "MetricsServer | None":
        port = self._options.metrics_port
        if port is None:
            return None
        from sim.live.metrics import MetricsServer
        from tui.shell.lab.figures import figures

        try:
            return MetricsServer(lambda: figures(self._session, lab), port)
        except PortTaken as why:
            raise CommandMistake(f"--metrics-port: {why}") from None

    def _write_ports(self, lab: Lab) -> None:
        path = self._options.ports_file
        if path is None:
            return
        try:
            write_durably(path, f"{json.dumps(lab.numbers(), indent=2)}\n".encode())
        except OSError as why:
            raise CommandMistake(f"--ports {path}: {why.strerror}; name a file that can be written") from None

    def _say_ports(self, lab: Lab) -> None:
        for line in lab.describe():
            self.say(line)

    def close(self) -> None:
        """Write the last time mark; a full disk is reported."""
        self._writing(self._session.close)

    async def _drive(self, lab: Lab, typed: TypedLines, stop: StopRequests) -> None:
        session, clock = self._session, self._clock
        marked_s = digested_s = time.monotonic()
        while not (clock.over or stop.requested or self._quits):
            await asyncio.sleep(FRAME_S)
            clock.frame(lambda: stop.requested)
            if clock.stopped:
                self._show()
                self.say(f"clock stopped at {self._moment()}: {clock.stopped}; `go` restarts it")
                clock.stopped = ""
            for text in typed.take():
                self._typed(text, lab, stop)
            if typed.has_just_ended():
                self.say(ENDED)
            self._show()
            await lab.pump()
            if self._unheard:
                stop.hurry()
            now_s = time.monotonic()
            if now_s - marked_s >= 1:
                marked_s = now_s
                due = now_s - digested_s >= DIGEST_S
                digested_s = now_s if due else digested_s
                self._writing(partial(session.mark, digest=due))

    def _typed(self, text: str, lab: Lab, stop: StopRequests) -> None:
        """Carry out a typed line: a command of the lab, or one of the drill."""
        try:
            word = typed_word(text)
        except LabMistake as mistake:
            self.say(str(mistake))
            return
        if word is None:
            self._give(text)
        else:
            self._do(word, lab, stop)

    def _do(self, typed: Typed, lab: Lab, stop: StopRequests) -> None:
        clock = self._clock
        match typed.word:
            case "pause":
                clock.pause()
            case "go":
                clock.go()
            case "speed":
                clock.speed = typed.amount
            case "step":
                clock.step(int(typed.amount), lambda: stop.requested)
            case "jump":
                clock.jump(JUMPS[typed.more])
                return
            case "bookmark":
                self._writing(partial(self._session.bookmark, typed.more or f"bookmark {self._moment()}"))
            case "ports" | "help" | "authority":
                self._tell(typed, lab)
                return
            case "end now":
                self._writing(self._session.finish)
                return
            case "quit":
                self._quits = True
                return
            case "time":
                pass
        self._show()
        self.say(self._status())

    def _tell(self, typed: Typed, lab: Lab) -> None:
        """Carry out a command whose answer is not the moment and the speed."""
        if typed.word == "authority":
            self._switch_authority(lab, typed.more == "on")
        elif typed.word == "ports":
            self._say_ports(lab)
        else:
            scenario = self._session.scenario
            for line in help_lines(typed.more, _offered(scenario), scenario.rules):
                self.say(line)

    def _switch_authority(self, lab: Lab, on: bool) -> None:
        """Stop or restart the zone's name servers. The stop is not part of the drill, so it is not
        journaled.
        """
        if on:
            lab.names.restart_authority()
        else:
            lab.names.stop_authority()
        state = "authority on" if on else "authority off: its port and the resolvers get no answer"
        self.say(f"{self._moment()}  {state}; simulated senders are not affected")

    def _status(self) -> str:
        """The time, the speed and the real mail, in one line."""
        clock = self._clock
        pace = "clock stopped" if clock.paused else f"×{clock.speed:g}"
        real = counted(len(self._session.drill.letters.all), "real message")
        return f"{self._moment()}  {self._session.drill.clock(self._session.now_ms)}  {pace}  {real}"

    def _moment(self) -> str:
        return drill_time(self._session.now_ms, seconds=True)

    def _give(self, text: str) -> None:
        def give() -> None:
            outcome = self._session.dispatch(text)
            if isinstance(outcome, Refused) and self._session.ended:
                self.say(f"refused: {outcome.reason}")  # any other outcome is an event of its own

        self._writing(give)

    def _writing(self, act: Callable[[], None]) -> None:
        """Call a function that writes to the journal; a full disk is reported once and does not stop
        anything.
        """
        try:
            act()
            self._trouble = ""
        except DiskFull as full:
            if str(full) != self._trouble:
                self.say(f"{full}; the drill continues, free some space")
            self._trouble = str(full)

    def _show(self) -> None:
        """Print a line for each event since the last call."""
        for event in self._session.events(self._next_seq):
            self._next_seq = event.seq + 1
            if shown(event, self._options):
                self.say(f"{drill_time(event.t_ms)}  {event.kind:<9}  {event.source}: {event.text}")

    def say(self, line: str) -> None:
        """Print one line at once, also to a pipe. If the reader has gone, the lab stops as it does for
        `kill`.
        """
        try:
            print(" ".join(line.split("\n")), flush=True)
        except OSError:
            self._unheard = True
            silence(sys.stdout)
