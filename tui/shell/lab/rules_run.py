"""`mxdrill lab --rules`: one mail server that fails by rules, without a drill."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.kernel.plain_line import on_one_line
from sim.kernel.quantities import counted
from sim.live.disk.mailbox import Mailbox
from sim.live.fault_server import FaultServer
from sim.live.ports import PortTaken
from sim.live.rule_file import Rule
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.signals import StopRequests, ctrl_c_cancels
from tui.shell.standard_streams import silence

FRAME_S = 1 / 20


def run_rules(rules: Sequence[Rule], folder: Path, port: int) -> int:
    """Serve until Ctrl-C or until the reader of standard output has gone. Returns the exit status.

    Accepted messages are in the Maildir `folder`. Raises CommandMistake if the server cannot be set up.
    """
    with ctrl_c_cancels():
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
                rules = counted(len(self._rules), "rule")
                self._say(f"SMTP 127.0.0.1:{server.port}  fails by {rules}; mail in {self._folder}")
                while not (stop.requested or self._unheard):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.at_once.wait(), FRAME_S)
            finally:
                await server.close()

    def _say(self, line: str) -> None:
        shown = on_one_line(line)
        try:
            print(shown, flush=True)
        except OSError:
            self._unheard = True
            silence(sys.stdout)
