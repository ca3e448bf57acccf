"""The lab: SMTP and name servers on loopback for the hosts of a drill, and the bridge between them.

The lab uses the running event loop, the console's or its own. After each `advance`, the driver of the drill
calls `pump`; it does not have to call anything else.
"""

import asyncio
import contextlib
import errno
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from sim.drill.services.real_mail import Effect
from sim.drill.services.wire import DOORS, Door
from sim.drill.session.journal import DiskFull
from sim.drill.session.session import Session
from sim.kernel.local_time import utc_ms_to_local
from sim.live.bridge import Bridge, Destination, Route
from sim.live.certificate import Tls, backup_starttls, starttls
from sim.live.data_phase import Room, return_large_blocks
from sim.live.disk.group_commit import GroupCommit
from sim.live.disk.mail_folder import (
    INTERNET,
    LAUNCH,
    MAIL_SERVER,
    SPOOL,
    claim,
    mail_folder,
)
from sim.live.disk.mailbox import Mailbox
from sim.live.disk.spool import Spool
from sim.live.dns.lab_names import LabNames
from sim.live.gate import LiveHost
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import ROOM
from sim.live.outgoing import EffectStamp, LargeMessages, outgoing
from sim.live.own_server import OwnServer
from sim.live.ports import Ports, PortTaken, purposes, require_other
from sim.live.smtp import Entrance
from sim.live.store import STORED_LIMIT, Store
from sim.mail.message.real_arrivals import Way

OUT_OF_FILES = "some connections are refused: the system's limit of open files is reached"
INTERNET_HOST = "internet.example"
LoopHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


class Lab:
    """Real mail for one drill. The ports are reserved at construction, so that `ports` is known before
    `start`.

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
        dns_port: int = 0,
        tls: Tls = "offered",
        mail_server_port: int = 0,
    ) -> None:
        """`spooled`: names of the journaled messages in the spool. `tls`: STARTTLS of all servers, if it
        can be offered; for the backup, its own settings count as well. `mail_server_port`: port of the
        user's own server, which replaces the lab's mail server (0: there is none).
        """
        require_other(mail_server_port, [smtp_port, dns_port])
        self.site, self._drill, self._say = site, drill, say
        claim(folder, site.drill)
        self.spool = Spool(folder / SPOOL, spooled)
        self._commits = GroupCommit(self.spool, drill)
        self._boxes = {
            name: Mailbox(folder / name)
            for name in ((INTERNET,) if mail_server_port else (MAIL_SERVER, INTERNET))
        }
        self._stamp, self._own = EffectStamp(), set[int]()
        self._room, self._large = Room(ROOM), LargeMessages(lambda effect: self.spool.size(effect.spool))
        self._starttls = starttls(
            (site.mx_host, site.mx_2_host, site.mail_host, site.direct_host, site.backup_host, INTERNET_HOST),
            tls,
        )
        self.mx = self._entrance("MX", site.mx_host, port=smtp_port)
        self.mail_server: LiveHost | None = None
        """The lab's mail server; None if the user's own server takes its place."""
        if not mail_server_port:
            self.mail_server = self._store("mail server", site.mail_host, MAIL_SERVER, site.domain)
        self.internet = self._store("internet", INTERNET_HOST, INTERNET, "")
        self.hosts = (
            self.mx,
            self._entrance("MX 2", site.mx_2_host),
            self._entrance("smart host", site.mx_host, "smart host"),
            *((self.mail_server,) if self.mail_server is not None else ()),
            self._entrance("direct", site.direct_host, "direct"),
            self._entrance("backup", site.backup_host, "backup"),
            self.internet,
        )
        """The servers, in the order in which they are listed."""
        self.names = LabNames(drill, dns_port)
        self.mail_server_port = mail_server_port if self.mail_server is None else self.mail_server.port
        """The port to which the gateway delivers."""
        require_other(mail_server_port, [host.port for host in self.hosts])
        self._inside = self._towards_the_mail_server()
        self._outside = self._route(self.internet, INTERNET)
        self._bridge = Bridge(drill, site.domain, self._inside, self._outside)
        self._trouble = ""
        self._out_of_files = False
        self._loop_handler: LoopHandler | None = None

    def _entrance(self, door: Door, host: str, way: Way = "gateway", port: int = 0) -> LiveHost:
        """A server whose accepted mail becomes part of the drill."""
        hooks = Entrance(self._drill, self.site, self._commits, self._say, host, way)
        tls = backup_starttls(self._starttls, self.site.backup_tls) if way == "backup" else self._starttls
        return LiveHost(door, self._drill, self._own, hooks, port=port, tls=tls, room=self._room)

    def _store(self, door: Door, host: str, name: str, domain: str) -> LiveHost:
        """A server that stores mail in the mailbox `name`."""
        box = self._boxes[name]
        hooks = Store(self._drill, self.site, box, self._stamp, self._say, host=host, domain=domain)
        return LiveHost(
            door,
            self._drill,
            self._own,
            hooks,
            box=box,
            size_limit=STORED_LIMIT,
            tls=self._starttls,
            room=self._room,
        )

    def _route(self, host: LiveHost, name: str) -> Route:
        """The route of effects to `host`."""
        return Route(
            host.door,
            host.port,
            self._boxes[name],
            drill=self._drill,
            helo=self.site.mx_host,
            write=outgoing(self.site, self.spool, self._stamp),
            large=self._large,
            say=self._say,
            own=self._own,
            silent=lambda: host.listener.silent,
        )

    def _towards_the_mail_server(self) -> Destination:
        if self.mail_server is not None:
            return self._route(self.mail_server, MAIL_SERVER)
        return OwnServer(
            self.mail_server_port,
            drill=self._drill,
            helo=self.site.mx_host,
            write=outgoing(self.site, self.spool, None),
            large=self._large,
            say=self._say,
            bounce=self._put,
        )

    async def start(self) -> None:
        """Open the ports that are open in the drill now. Raises PortTaken."""
        loop = asyncio.get_running_loop()
        return_large_blocks()
        self._loop_handler = loop.get_exception_handler()
        loop.set_exception_handler(self._in_the_loop)
        await self.mx.follow()
        await self.names.open()
        await self.pump()

    async def pump(self) -> None:
        """Bring ports and outgoing mail up to date with the drill. Mail is sent in the background."""
        trouble = ""
        for host in self.hosts:
            try:
                opened = await host.follow()
            except PortTaken as taken:
                trouble = f"{host.door}: {taken}; retrying"
                continue
            if opened and host is self.mail_server:
                self._inside.try_now()
            elif opened and host is self.internet:
                self._outside.try_now()
        try:
            self._bridge.take()
        except DiskFull as full:
            trouble = f"{full}; outgoing mail waits"
        if trouble and trouble != self._trouble:
            self._say(trouble)
        self._trouble = trouble

    def _put(self, effect: Effect) -> None:
        self._bridge.put(effect)

    @property
    def undelivered(self) -> int:
        """Messages that a destination has not accepted yet."""
        return self._bridge.waiting

    async def quiet(self) -> None:
        """Return when all mail that can be delivered now is delivered and settled."""
        await self._bridge.quiet()

    async def stop(self, at_once: asyncio.Event | None = None) -> None:
        """Deliver due mail, close all servers and release the ports.

        Reports regularly how many messages remain. If `at_once` is set, now or later, delivery stops: the
        remaining messages are in the journal and are delivered after a resume.
        """
        for host in self.hosts:
            if host not in {self.mail_server, self.internet}:
                await host.listener.close()
        await self._commits.stop()
        with contextlib.suppress(DiskFull):  # then the mail is delivered after a resume
            self._bridge.take()
        await self._bridge.deliver_the_rest(at_once or asyncio.Event(), self._say)
        await self._bridge.stop()
        await self.names.release()
        for host in self.hosts:
            await host.listener.release()
        asyncio.get_running_loop().set_exception_handler(self._loop_handler)

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

    @property
    def ports(self) -> Ports:
        """The number of each port."""
        by_door = self._by_door()
        return Ports(*(by_door[door] for door in DOORS))

    def numbers(self) -> dict[str, dict[str, int]]:
        """The ports by protocol and name, all on 127.0.0.1."""
        return {"smtp": {str(door): port for door, port in self._by_door().items()}, "dns": self.names.ports}

    def _by_door(self) -> dict[Door, int]:
        ports: dict[Door, int] = {host.door: host.port for host in self.hosts}
        return {door: ports.get(door, self.mail_server_port) for door in DOORS}

    def describe(self) -> list[str]:
        """One line for each port, with its purpose and the folder of its mailbox."""
        domain, folders = self.site.domain, {name: box.folder for name, box in self._boxes.items()}
        use = purposes(domain, folders.get(MAIL_SERVER), folders[INTERNET])
        lines = [f"{door:<12} 127.0.0.1:{port:<5}  {use[door]}" for door, port in self._by_door().items()]
        return [*lines, *self.names.describe(domain)]


def open_lab(
    session: Session,
    *,
    say: Say,
    smtp_port: int = 0,
    dns_port: int = 0,
    tls: Tls = "offered",
    mail_server_port: int = 0,
) -> Lab:
    """The lab for a journaled session, with its mail next to the journal. Raises the errors of `Lab`."""
    journal, scenario = session.journal_path, session.scenario
    assert journal is not None, "a lab keeps its mail next to a journal"
    domain, zone = scenario.organisation.domain, scenario.organisation.zone
    site = Site(
        drill=str(session.launch[LAUNCH]),
        domain=domain,
        mx_host=zone.gateway_hosts[0],
        mx_2_host=zone.gateway_hosts[1],
        mail_host=f"mail.{domain}",
        direct_host=zone.server_host,
        backup_host=zone.backup_host,
        backup_tls=scenario.organisation.secondary.tls,
        local=lambda ms: utc_ms_to_local(scenario.starts_utc_ms + ms, scenario.zone),
    )
    spooled = [letter.spool for letter in session.drill.letters.all]
    where = mail_folder(journal)
    return Lab(
        session,
        site,
        where,
        spooled,
        say=say,
        smtp_port=smtp_port,
        dns_port=dns_port,
        tls=tls,
        mail_server_port=mail_server_port,
    )
