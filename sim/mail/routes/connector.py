"""Users' outbound mail: from their program through the mail server and its connector to the internet.

While the connector's hosts answer, mail leaves in the millisecond in which it is written. From the first
failure onwards, the mail server's own queue is modelled like another sending organisation, with its
platform's clock, notices and limit.
"""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from sim.kernel.draws import I64, below, mix
from sim.kernel.series import Times
from sim.mail.message.traffic import Messages
from sim.mail.platforms.platform import Platform
from sim.mail.senders.arrivals import Arrivals
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.hosts.mx_routes import Found

Connector = Literal["gateway", "secondary", "direct"]

GATEWAY: Final = "gateway"
SECONDARY: Final = "secondary"
DIRECT: Final = "direct"
CONNECTORS: tuple[Connector, ...] = (GATEWAY, SECONDARY, DIRECT)
"""The connector's possible routes: the gateway, the secondary gateway, or each recipient's own MX."""


class Outbound:
    """The mail server's queue to the outside. Everything before `now_ms` has happened."""

    def __init__(self, seed: int, platform: Platform, sent: Callable[[int, int], Messages]) -> None:
        """`sent`: returns messages that enter the mail server's queue in [a, b), if nothing changes."""
        self._seed, self._sent = seed, sent
        self._who = CorrespondentTable(seed, (platform,), (100,), (1,), 0)
        self.hosts: dict[str, ReceivingHost] = {
            name: ReceivingHost(f"outbound {name}", seed) for name in CONNECTORS
        }
        self.connector = GATEWAY
        self.junked_permille = dict.fromkeys(CONNECTORS, 0)
        """Share of the mail sent through each connector that recipients' systems junk."""
        self.handed_ms = {name: Times() for name in CONNECTORS}
        """The times at which messages have left through each connector since the start of the queue's
        simulation.
        """
        self.junked_ms = {name: Times(1 << 12) for name in CONNECTORS}
        """For each connector, the times at which messages left through it that recipients' systems will
        junk."""
        self.hop: SendingHop | None = None
        self.now_ms = 0

    def advance(self, to_ms: int) -> Arrivals | None:
        """Messages that left the mail server in [now, to), or bounced; None while all messages leave at
        once.
        """
        gone = self.hop.advance(to_ms) if self.hop is not None else None
        if gone is not None:
            for index, name in enumerate(CONNECTORS):
                self.handed_ms[name].extend(gone.time_ms[gone.host == index])
        self.now_ms = to_ms
        return gone

    def put_aside(self, gone: Arrivals) -> int:
        """Note which messages of `gone` are junked by recipients' systems, and return their number. Called
        once for each
        arrival.
        """
        count = 0
        for index, name in enumerate(CONNECTORS):
            ours = gone.host == index
            if self.junked_permille[name] and ours.any():
                drawn = below(mix(self._seed, "junked outside", gone.id[ours]), 1000)
                junked = drawn < self.junked_permille[name]
                self.junked_ms[name].extend(gone.time_ms[ours][junked])
                count += int(junked.sum())
        return count

    # Changes, at `now_ms`

    def begin(self) -> SendingHop:
        """Begin to model the mail server's queue now."""
        if self.hop is None:
            self._routes: list[tuple[Found, I64]] = [((f"outbound {GATEWAY}",), np.zeros(1, dtype=np.int64))]
            self.hop = SendingHop(self._who, self.hosts.values(), self._routes[0][0], self._sent, self.now_ms)
        return self.hop

    def host_becomes(self, name: str, behaviour: Behaviour) -> None:
        """Set the answer of the host behind the connector `name`, from now on."""
        hop = self.begin()
        hop.changes(lambda: self.hosts[name].becomes(self.now_ms, behaviour))

    def connect(self, name: str, from_ms: int) -> None:
        """Route the connector over `name` from `from_ms` on, for queued and new mail."""
        hop = self.begin()
        self.connector = name
        kept = [(found, since_ms) for found, since_ms in self._routes if since_ms[0] < from_ms]
        self._routes = [*kept, ((f"outbound {name}",), np.full(1, from_ms, dtype=np.int64))]
        hop.changes(lambda: hop.set_routes(self._routes))

    def users_changed(self) -> None:
        """Called when users will send mail other than that in the forecast."""
        if self.hop is not None:
            self.hop.changes(None)

    @property
    def handed(self) -> dict[Connector, int]:
        """The number of messages that have left by each connector."""
        return {name: len(times) for name, times in self.handed_ms.items()}

    @property
    def waiting(self) -> int:
        """Messages in the mail server's queue."""
        return self.hop.waiting() if self.hop is not None else 0
