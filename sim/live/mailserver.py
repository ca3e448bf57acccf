"""The organisation's mail server: its port is closed while the world says that it is down."""

from sim.live.effect_stamp import EffectStamp
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.store import STORED_LIMIT, Store


class LiveMailServer:
    """An SMTP server for the domain with one Maildir, open as long as `drill.server_listens`."""

    def __init__(
        self, drill: LabSession, site: Site, box: Mailbox, stamp: EffectStamp, say: Say, port: int = 0
    ) -> None:
        """Holds its port (0: a free one) and refuses it until `follow`. Raises PortTaken."""
        self._drill = drill
        self.box = box
        hooks = Store(drill, site, self.box, stamp, say, host=site.mail_host, domain=site.domain)
        self.listener = Listener(hooks, site.mail_host, port=port, size_limit=STORED_LIMIT)

    async def follow(self) -> bool:
        """Open or close the port as the world says, its number stays; True if it was opened just now.

        Raises PortTaken.
        """
        if not self._drill.server_listens:
            await self.listener.close()
            return False
        opened = not self.listener.listening
        await self.listener.open()
        return opened
