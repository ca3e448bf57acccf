"""`mxdrill lab --check`: sends one message through each port and one query to each name server, then ends."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, SECOND_MS, drill_time, in_words
from sim.live.disk.mail_folder import ForeignMail
from sim.live.lab import Lab, open_lab
from sim.live.ports import PortTaken
from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake
from tui.shell.lab.port_checks import PortReport, check_names, check_own_server, check_port
from tui.shell.signals import ctrl_c_cancels

STEP_MS = SECOND_MS
RELAYED_WITHIN_MS = 30 * MINUTE_MS
"""Simulated time within which a message to the MX has to be in the mail server's mailbox."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Time of the check, and ports (0: a free one)."""

    at_ms: int
    smtp_port: int = 0
    dns_port: int = 0
    mail_server_port: int = 0
    """Port of the user's own mail server; 0 for the lab's mail server."""


def run_check(session: Session, options: CheckOptions) -> int:
    """Print one line for each port. Exit status: 0, or 1 if a port does not do what the drill says.

    Raises CommandMistake if the lab cannot be set up.
    """
    session.advance(options.at_ms)
    try:
        with ctrl_c_cancels():
            reports = asyncio.run(_Check(session, options).whole())
    finally:
        session.close()
    return exit_status.YES if all(report.good for report in reports) else exit_status.NO


class _Check:
    def __init__(self, session: Session, options: CheckOptions) -> None:
        self._session = session
        try:
            self._lab = open_lab(
                session,
                say=print,
                smtp_port=options.smtp_port,
                dns_port=options.dns_port,
                mail_server_port=options.mail_server_port,
            )
        except (PortTaken, ForeignMail, OSError) as why:
            raise CommandMistake(str(why)) from None

    async def whole(self) -> Sequence[PortReport]:
        """Check every port, then print the reports."""
        lab, began_ms = self._lab, self._session.now_ms
        await lab.start()
        try:
            print(f"EXERCISE: each port of the lab at {drill_time(began_ms)}")
            reports = [await check_port(lab, host, self._drive) for host in lab.hosts]
            if lab.mail_server is None:
                reports.append(await check_own_server(lab.mail_server_port))
            reports.append(await self._arrives(lab, reports))
            reports += await check_names(lab)
        finally:
            await lab.stop()
        for report in reports:
            sign = "ok   " if report.good else "FAILS"
            print(f"{sign}  {report.name:<12} 127.0.0.1:{report.port:<5}  {report.result}")
        return reports

    async def _drive(self) -> None:
        self._session.advance(self._session.now_ms + STEP_MS)
        await self._lab.pump()

    async def _arrives(self, lab: Lab, reports: Sequence[PortReport]) -> PortReport:
        """Wait for the message to the MX at the mail server, if the drill lets it through now."""
        session = self._session
        sent = any(one.name == lab.mx.door and one.result.startswith("250 ") for one in reports)
        name, port = "relay", lab.mail_server_port
        place = "the mailbox" if lab.mail_server is not None else "your mail server"
        if not sent or session.meets("mail server").answer != "up":
            return PortReport(name, port, True, "not checked: no mail gets through now")
        began_ms = session.now_ms
        while session.now_ms < began_ms + RELAYED_WITHIN_MS and not session.ended:
            await self._drive()
            await lab.quiet()
            relays = {one.n for one in session.effects() if one.kind == "relay" and one.way == "gateway"}
            if relays & session.settled:
                took = in_words(session.now_ms - began_ms)
                return PortReport(name, port, True, f"from the MX to {place} within {took}")
        return PortReport(name, port, False, f"not relayed within {in_words(RELAYED_WITHIN_MS)}")
