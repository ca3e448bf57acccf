"""The lab: three SMTP servers on loopback around a drill, and the bridge between them.

It runs inside whatever event loop is running, a console's or a plain one. Whoever drives the drill
calls `pump` after each `advance`, and nothing else.
"""

from pathlib import Path

from sim.live.bridge import Bridge, Route
from sim.live.door import Door, Say, Site
from sim.live.internet import Internet
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.mailserver import MailServer
from sim.live.outgoing import outgoing
from sim.live.ports import Ports, PortTaken
from sim.live.smtp import SIZE_LIMIT, Gateway
from sim.live.spool import Spool, write_durably


class ForeignMail(Exception):
    """The mail folder belongs to another drill; one line that says what would be right."""


def mail_folder(journal: Path) -> Path:
    """Where the real mail of the drill in `journal` is kept: beside it, `.mail`."""
    return journal.with_suffix(".mail")


def is_lab(journal: Path) -> bool:
    """Did the drill in `journal` have a lab? Then it is resumed with one."""
    return mail_folder(journal).is_dir()


class Lab:
    """Real mail for one drill. Ports are held from the start, so `ports` is known before `start`.

    Raises PortTaken, ForeignMail, or OSError for a folder that cannot be written.
    """

    def __init__(self, door: Door, site: Site, folder: Path, *, say: Say, smtp_port: int = 0) -> None:
        self._door, self._say = door, say
        _claim(folder, site.drill)
        self.spool = Spool(folder / "spool", door.spooled)
        server_box, internet_box = Mailbox(folder / "mailserver"), Mailbox(folder / "internet")
        gateway = Gateway(door, site, self.spool, say)
        self._mx = Listener(gateway, site.mx_host, port=smtp_port, size_limit=SIZE_LIMIT)
        self.mail_server = MailServer(door, site, server_box, say)
        self.internet = Internet(door, site, internet_box, say)
        self.ports = Ports(self._mx.port, self.mail_server.listener.port, self.internet.listener.port)
        write = outgoing(site, self.spool)

        def route(name: str, port: int, box: Mailbox) -> Route:
            return Route(name, port, box, door=door, helo=site.mx_host, write=write, say=say)

        self._relay = route("mail server", self.ports.mail_server, server_box)
        self._bounce = route("internet", self.ports.internet, internet_box)
        self._bridge = Bridge(door, self._relay, self._bounce)
        self._blocked = ""

    async def start(self) -> None:
        """Open the MX and the internet, and the mail server if it is up. Raises PortTaken."""
        await self._mx.open()
        await self.internet.listener.open()
        await self.pump()

    async def pump(self) -> None:
        """Let the ports and the outgoing mail follow the world. Quick: sending goes on by itself."""
        try:
            if await self.mail_server.follow():
                self._relay.try_now()
            self._blocked = ""
        except PortTaken as taken:
            if str(taken) != self._blocked:
                self._say(f"mail server: {taken}; tried again")
            self._blocked = str(taken)
        self._bridge.take()

    async def quiet(self) -> None:
        """Return when all mail that can be delivered now has been, and was settled."""
        await self._bridge.quiet()

    async def stop(self) -> None:
        """Deliver what can be delivered now, close everything and give the ports back."""
        await self._mx.close()
        self._bridge.take()
        await self._bridge.quiet()
        await self._bridge.stop()
        for listener in (self._mx, self.mail_server.listener, self.internet.listener):
            await listener.release()


def _claim(folder: Path, drill: str) -> None:
    """Take an empty folder for `drill`; a folder with other mail in it is refused, never cleared."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / "drill"
    if owner.exists():
        if owner.read_text(encoding="utf-8").strip() != drill:
            raise ForeignMail(
                f"{folder} holds the mail of another drill; move it away or choose another --journal"
            )
    elif any(folder.iterdir()):
        raise ForeignMail(f"{folder} is not empty and is no drill's mail; choose another --journal")
    else:
        write_durably(owner, f"{drill}\n".encode())
