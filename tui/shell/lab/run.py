"""A lab without the console: prints the ports, then one line for each event; reads commands from standard
input.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sim.drill.session.journal import DIGEST_S, DiskFull
from sim.drill.session.session import Session
from sim.kernel.duration import drill_time
from sim.live.disk.mail_folder import ForeignMail
from sim.live.disk.spool import write_durably
from sim.live.lab import Lab, open_lab
from sim.live.listener import CONNECTIONS, most_connections
from sim.live.ports import PortTaken
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.lab.clock import LabClock
from tui.shell.lab.options import LabOptions, shown
from tui.shell.lab.typed_commands import TypedCommands, moment
from tui.shell.signals import StopRequests, ctrl_c_cancels
from tui.shell.standard_streams import silence
from tui.shell.typed_lines import ENDED, TypedLines

if TYPE_CHECKING:  # an extra, which may be missing
    from sim.live.metrics import MetricsServer

FRAME_S = 1 / 20


def run_lab(session: Session, options: LabOptions) -> int:
    """Drive the drill by the wall clock until its end, `until_ms` or Ctrl+C. Returns the exit status.

    The session is closed afterwards. Raises CommandMistake if the lab cannot be set up.
    """
    run = _Run(session, options)
    go_on = f"mxdrill resume {session.journal_path}"
    try:
        with ctrl_c_cancels(), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(run.whole())
    except KeyboardInterrupt:  # before the signal handlers were installed, or on Windows
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


class _Run:
    """One run of a drill, with the number of the next event to print."""

    def __init__(self, session: Session, options: LabOptions) -> None:
        self._session, self._options = session, options
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
        commands = TypedCommands(
            session,
            clock,
            lab,
            say=self.say,
            show=self._show,
            writing=self._writing,
            stopping=lambda: stop.requested,
        )
        marked_s = digested_s = time.monotonic()
        while not (clock.over or stop.requested or commands.quits):
            await asyncio.sleep(FRAME_S)
            clock.frame(lambda: stop.requested)
            if clock.stopped:
                self._show()
                self.say(f"clock stopped at {moment(session)}: {clock.stopped}; `go` restarts it")
                clock.stopped = ""
            for text in typed.take():
                commands.give(text)
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
