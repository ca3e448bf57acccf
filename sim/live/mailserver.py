"""The organisation's mail server: its port is closed while the server is down in the drill."""

from sim.live.effect_stamp import EffectStamp
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.store import STORED_LIMIT, Store


class LiveMailServer:
    """An SMTP server for the domain with one Maildir, open while `drill.server_listens`."""

    def __init__(
        self, drill: LabSession, site: Site, box: Mailbox, stamp: EffectStamp, say: Say, port: int = 0
    ) -> None:
        """Reserve the port (0: a free one), closed until `follow`. Raises PortTaken."""
        self._drill = drill
        self.box = box
        hooks = Store(drill, site, self.box, stamp, say, host=site.mail_host, domain=site.domain)
        self.listener = Listener(hooks, site.mail_host, port=port, size_limit=STORED_LIMIT)

    async def follow(self) -> bool:
        """Open or close the port to match the drill; its number stays. Returns True if it was just opened.

        Raises PortTaken.
        """
        if not self._drill.server_listens:
            await self.listener.close()
            return False
        opened = not self.listener.listening
        await self.listener.open()
        return opened
