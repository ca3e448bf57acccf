"""The organisation's mail server: its port is closed while the world says that it is down."""

from sim.live.lab_session import Door, Say, Site
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.store import Store


class MailServer:
    """An SMTP server for the domain with one Maildir, open as long as `door.server_listens`."""

    def __init__(self, door: Door, site: Site, box: Mailbox, say: Say, port: int = 0) -> None:
        """Holds its port (0: a free one) and refuses it until `follow`. Raises PortTaken."""
        self._door = door
        self.box = box
        hooks = Store(door, site, self.box, say, host=site.mail_host, domain=site.domain)
        self.listener = Listener(hooks, site.mail_host, port=port)

    async def follow(self) -> bool:
        """Open or close the port as the world says, its number stays; True if it was opened just now.

        Raises PortTaken.
        """
        if not self._door.server_listens:
            await self.listener.close()
            return False
        opened = not self.listener.listening
        await self.listener.open()
        return opened
