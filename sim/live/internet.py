"""One mail server for all external domains: bounces arrive here, for any address."""

from sim.live.effect_stamp import EffectStamp
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.store import STORED_LIMIT, Store

HOST = "internet.example"


class Internet:
    """An SMTP server that accepts mail to any address and keeps it in one Maildir."""

    def __init__(
        self, drill: LabSession, site: Site, box: Mailbox, stamp: EffectStamp, say: Say, port: int = 0
    ) -> None:
        """Reserve the port (0: a free one); `listener.open` opens it. Raises PortTaken."""
        self.box = box
        hooks = Store(drill, site, self.box, stamp, say, host=HOST, domain="")
        self.listener = Listener(hooks, HOST, port=port, size_limit=STORED_LIMIT)
