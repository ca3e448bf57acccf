"""Everybody else's mail servers as one: bounces arrive here, for whatever address."""

from sim.live.lab_session import Door, Say, Site
from sim.live.listener import Listener
from sim.live.mailbox import Mailbox
from sim.live.store import Store

HOST = "internet.example"


class Internet:
    """An SMTP server that takes mail to anybody and keeps it in one Maildir."""

    def __init__(self, door: Door, site: Site, box: Mailbox, say: Say, port: int = 0) -> None:
        """Holds its port (0: a free one); `listener.open` opens it. Raises PortTaken."""
        self.box = box
        hooks = Store(door, site, self.box, say, host=HOST, domain="")
        self.listener = Listener(hooks, HOST, port=port)
