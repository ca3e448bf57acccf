"""The lab: three SMTP servers on loopback for a drill, and the bridge between them.

It uses the running event loop, the console's or its own. The driver of the drill calls `pump` after each
`advance`, and nothing else.
"""

import asyncio
import contextlib
import errno
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from sim.drill.session.journal import DiskFull
from sim.drill.session.session import Session
from sim.kernel.local_time import utc_ms_to_local
from sim.kernel.plural import counted
from sim.live.bridge import Bridge, Route
from sim.live.effect_stamp import EffectStamp
from sim.live.internet import Internet
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import Listener
from sim.live.mail_folder import INTERNET, LAUNCH, MAIL_SERVER, SPOOL, claim, mail_folder
from sim.live.mailbox import Mailbox
from sim.live.mailserver import LiveMailServer
from sim.live.outgoing import outgoing
from sim.live.ports import Ports, PortTaken
from sim.live.smtp import MxHooks
from sim.live.spool import Spool

SAID_EVERY_S = 3.0
"""Wall time between reports of the messages that a stop still has to deliver."""
OUT_OF_FILES = "some connections are refused: the system's limit of open files is reached"
LoopHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


class Lab:
    """Real mail for one drill. The ports are reserved at construction, so `ports` is known before `start`.

    Raises PortTaken, ForeignMail, or OSError if the folder cannot be written.
    """

    def __init__(
        self,
        drill: LabSession,
        site: Site,
        folder: Path,
        spooled: Collection[str],
        *,
        say: Say,
        smtp_port: int = 0,
    ) -> None:
        """`spooled`: names of the journaled messages in the spool."""
        self.site, self._say = site, say
        claim(folder, site.drill)
        self.spool = Spool(folder / SPOOL, spooled)
        server_box, internet_box = Mailbox(folder / MAIL_SERVER), Mailbox(folder / INTERNET)
        stamp = EffectStamp()
        gateway = MxHooks(drill, site, self.spool, say)
        self._mx = Listener(gateway, site.mx_host, port=smtp_port)
        self.mail_server = LiveMailServer(drill, site, server_box, stamp, say)
        self.internet = Internet(drill, site, internet_box, stamp, say)
        self.ports = Ports(self._mx.port, self.mail_server.listener.port, self.internet.listener.port)
        write = outgoing(site, self.spool, stamp)

        def route(name: str, port: int, box: Mailbox) -> Route:
            return Route(name, port, box, drill=drill, helo=site.mx_host, write=write, say=say)

        self._relay = route("mail server", self.ports.mail_server, server_box)
        self._bounce = route("internet", self.ports.internet, internet_box)
        self._bridge = Bridge(drill, self._relay, self._bounce)
        self._trouble = ""
        self._out_of_files = False
        self._loop_handler: LoopHandler | None = None

    async def start(self) -> None:
        """Open the MX and the internet, and the mail server if it is up. Raises PortTaken."""
        loop = asyncio.get_running_loop()
        self._loop_handler = loop.get_exception_handler()
        loop.set_exception_handler(self._in_the_loop)
        await self._mx.open()
        await self.internet.listener.open()
        await self.pump()

    async def pump(self) -> None:
        """Bring ports and outgoing mail up to date with the drill. Mail is sent in the background."""
        trouble = ""
        try:
            if await self.mail_server.follow():
                self._relay.try_now()
        except PortTaken as taken:
            trouble = f"mail server: {taken}; retrying"
        try:
            self._bridge.take()
        except DiskFull as full:
            trouble = f"{full}; outgoing mail waits"
        if trouble and trouble != self._trouble:
            self._say(trouble)
        self._trouble = trouble

    async def quiet(self) -> None:
        """Return when all mail that can be delivered now is delivered and settled."""
        await self._bridge.quiet()

    async def stop(self, at_once: asyncio.Event | None = None) -> None:
        """Deliver due mail, close all servers and release the ports.

        Reports regularly how many messages remain. If `at_once` is or gets set, delivery stops: the remaining
        messages are in the journal and are delivered after a resume.
        """
        await self._mx.close()
        with contextlib.suppress(DiskFull):  # the mail is delivered after a resume
            self._bridge.take()
        await self._deliver_the_rest(at_once or asyncio.Event())
        await self._bridge.stop()
        for listener in (self._mx, self.mail_server.listener, self.internet.listener):
            await listener.release()
        asyncio.get_running_loop().set_exception_handler(self._loop_handler)

    async def _deliver_the_rest(self, at_once: asyncio.Event) -> None:
        quiet = asyncio.ensure_future(self._bridge.quiet())
        hurry = asyncio.ensure_future(at_once.wait())
        try:
            while not (quiet.done() or at_once.is_set()):
                await asyncio.wait((quiet, hurry), timeout=SAID_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                if not (quiet.done() or at_once.is_set()):
                    self._say(f"delivering {self._remaining} before the end; stopping at once loses nothing")
            if at_once.is_set() and self._bridge.waiting:
                self._say(f"stopped at once: {self._remaining} will be delivered after a resume")
        finally:
            quiet.cancel()
            hurry.cancel()

    @property
    def _remaining(self) -> str:
        return counted(self._bridge.waiting, "message")

    def _in_the_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report in one line that connections are refused because too many files are open."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
            if not self._out_of_files:
                self._say(OUT_OF_FILES)
            self._out_of_files = True
        elif self._loop_handler is not None:
            self._loop_handler(loop, context)
        else:
            loop.default_exception_handler(context)

    def describe(self) -> list[str]:
        """One line for each port: its use, and the folder of its mailbox."""
        what = (
            ("MX", self.ports.mx, f"accepts mail for any address at {self.site.domain}"),
            (
                "mail server",
                self.ports.mail_server,
                f"refuses connections while it is down; mailbox {self.mail_server.box.folder}",
            ),
            (
                "internet",
                self.ports.internet,
                f"accepts mail to any address; bounces in {self.internet.box.folder}",
            ),
        )
        return [f"{name:<12} 127.0.0.1:{port:<5}  {text}" for name, port, text in what]


def open_lab(session: Session, *, say: Say, smtp_port: int = 0) -> Lab:
    """The lab of a journaled session, with its mail next to the journal. Raises the errors of `Lab`."""
    journal, scenario = session.journal_path, session.scenario
    assert journal is not None, "a lab keeps its mail next to a journal"
    domain = scenario.organisation.domain
    site = Site(
        drill=str(session.launch[LAUNCH]),
        domain=domain,
        mx_host=f"mx.{domain}",
        mail_host=f"mail.{domain}",
        local=lambda ms: utc_ms_to_local(scenario.starts_utc_ms + ms, scenario.zone),
    )
    spooled = [letter.spool for letter in session.drill.letters.all]
    return Lab(session, site, mail_folder(journal), spooled, say=say, smtp_port=smtp_port)
