"""A lab without the console: prints the ports, then a line per event; reads commands on standard input."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.drill.commands.command import Refused
from sim.drill.session.journal import DIGEST_S, DiskFull
from sim.drill.session.session import Session
from sim.kernel.duration import drill_time
from sim.live.fault_server import FaultServer
from sim.live.lab import Lab, open_lab
from sim.live.mail_folder import ForeignMail
from sim.live.mailbox import Mailbox
from sim.live.ports import PortTaken
from sim.live.rule_file import Rule
from sim.live.spool import write_durably
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.signals import StopRequests
from tui.shell.standard_streams import silence
from tui.shell.typed_lines import TypedLines

FRAME_S = 1 / 20
LONGEST_GAP_S = 0.5
"""Longest wall time that counts: after a suspension of the machine the drill does not jump."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """Speed of the clock, end, and ports of the MX and of the zone's name servers (0: a free one)."""

    speed: float
    until_ms: int | None = None
    smtp_port: int = 0
    dns_port: int = 0
    ports_file: Path | None = None
    """Where the ports are written as JSON, once they answer."""


def run_lab(session: Session, options: LabOptions) -> int:
    """Drive the drill by the wall clock until its end, `until_ms` or Ctrl+C. Returns the exit status.

    The session is closed afterwards. Raises CommandMistake when the lab cannot be set up.
    """
    run = _Run(session, options)
    go_on = f"mxdrill resume {session.journal_path}"
    try:
        asyncio.run(run.whole())
    except KeyboardInterrupt:  # before signals were heard, or on Windows
        run.interrupted = True
    finally:
        run.close()
    if not session.ended:
        what = "saved" if run.interrupted else "stopped"
        run.say(f"{what} at {drill_time(session.now_ms)}; to continue: {go_on}")
    return exit_status.INTERRUPTED if run.interrupted else exit_status.YES


class _Run:
    """One run of a drill, and how much of it has been printed."""

    def __init__(self, session: Session, options: LabOptions) -> None:
        self._session, self._options = session, options
        self._next_seq = len(session.events())
        self._trouble = ""
        self._unheard = False
        self.interrupted = False

    async def whole(self) -> None:
        """Start and drive the lab; always deliver due mail and release the ports at the end."""
        try:
            options = self._options
            lab = open_lab(
                self._session, say=self.say, smtp_port=options.smtp_port, dns_port=options.dns_port
            )
        except (PortTaken, ForeignMail, OSError) as why:
            raise CommandMistake(str(why)) from None
        with StopRequests() as stop:
            try:
                await lab.start()
                self._write_ports(lab)
                for line in lab.describe():
                    self.say(line)
                await self._drive(lab, TypedLines.start(), stop)
            finally:
                await lab.stop(stop.at_once)
                self._show()
                self.interrupted = stop.requested

    def _write_ports(self, lab: Lab) -> None:
        path = self._options.ports_file
        if path is None:
            return
        try:
            write_durably(path, f"{json.dumps(lab.numbers(), indent=2)}\n".encode())
        except OSError as why:
            raise CommandMistake(f"--ports {path}: {why.strerror}; name a file that can be written") from None

    def close(self) -> None:
        """Write the last time mark; a full disk is reported."""
        self._writing(self._session.close)

    async def _drive(self, lab: Lab, typed: TypedLines, stop: StopRequests) -> None:
        session, until_ms = self._session, self._options.until_ms
        last_s = marked_s = digested_s = time.monotonic()
        owed_ms = 0.0
        while not (session.ended or stop.requested) and (until_ms is None or session.now_ms < until_ms):
            await asyncio.sleep(FRAME_S)
            now_s = time.monotonic()
            owed_ms += min(now_s - last_s, LONGEST_GAP_S) * 1000 * self._options.speed
            last_s = now_s
            to_ms = session.now_ms + int(owed_ms)
            owed_ms %= 1
            session.advance(to_ms if until_ms is None else min(to_ms, until_ms), lambda: stop.requested)
            for text in typed.take():
                self._give(text)
            self._show()
            await lab.pump()
            if self._unheard:
                stop.hurry()
            if now_s - marked_s >= 1:
                marked_s = now_s
                due = now_s - digested_s >= DIGEST_S
                digested_s = now_s if due else digested_s
                self._writing(partial(session.mark, digest=due))

    def _give(self, text: str) -> None:
        def give() -> None:
            outcome = self._session.dispatch(text)
            if isinstance(outcome, Refused) and self._session.ended:
                self.say(f"refused: {outcome.reason}")  # any other outcome is an event of its own

        self._writing(give)

    def _writing(self, act: Callable[[], None]) -> None:
        """Do something that writes to the journal; a full disk is reported once and stops nothing."""
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
            if event.kind == "milestone":
                continue  # for objectives and runbooks; the fault or message that it marks has a line
            self.say(f"{drill_time(event.t_ms)}  {event.kind:<9}  {event.source}: {event.text}")

    def say(self, line: str) -> None:
        """Print one line at once, also to a pipe. When the reader has gone, the lab stops as for `kill`."""
        try:
            print(" ".join(line.split("\n")), flush=True)
        except OSError:
            self._unheard = True
            silence(sys.stdout)


def run_rules(rules: Sequence[Rule], folder: Path, port: int) -> int:
    """Serve until Ctrl-C or until the reader of standard output has gone. Returns the exit status.

    Accepted messages are in the Maildir `folder`. Raises CommandMistake if the server cannot be set up.
    """
    asyncio.run(_Serving(rules, folder, port).whole())
    return exit_status.INTERRUPTED


class _Serving:
    def __init__(self, rules: Sequence[Rule], folder: Path, port: int) -> None:
        self._rules, self._folder, self._port = rules, folder, port
        self._unheard = False

    async def whole(self) -> None:
        """Open the server, wait for the end, close it."""
        try:
            server = FaultServer(self._rules, Mailbox(self._folder), self._say, port=self._port)
            await server.open()
        except (PortTaken, OSError) as why:
            raise CommandMistake(str(why)) from None
        with StopRequests() as stop:
            try:
                self._say(
                    f"SMTP 127.0.0.1:{server.port}  fails by {len(self._rules)} rules; mail in {self._folder}"
                )
                while not (stop.requested or self._unheard):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.at_once.wait(), FRAME_S)
            finally:
                await server.close()

    def _say(self, line: str) -> None:
        shown = "".join(char if char.isprintable() else "?" for char in line)
        try:
            print(shown, flush=True)
        except OSError:
            self._unheard = True
            silence(sys.stdout)
