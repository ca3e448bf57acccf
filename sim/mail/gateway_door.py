"""The gateway's answers: at its MX hosts to mail from outside, and at its smart host to the mail server."""

from collections.abc import Callable, Sequence

from sim.mail.accounts.duplicates import Copies
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.gateway.full_queue import RoomInside
from sim.mail.message.rows import Gone
from sim.mail.queue.receiver_condition import REFUSED
from sim.mail.routes.connector import GATEWAY as CONNECTOR
from sim.mail.routes.inbound import GATEWAY, Inbound
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.user_mail import Writers
from sim.mail.world_spec import MailWay, WorldSpec


class GatewayDoor:
    """Applies the gateway's state (up, full, holding mail, or dead) to the hosts that deliver mail to it.

    A change counts from the moment up to which the queues have been advanced.
    """

    def __init__(
        self,
        spec: WorldSpec,
        sides: tuple[CloudGateway, Writers, Inbound],
        copies: Copies,
        leave: Callable[[Gone], None],
        forget_ahead: Callable[[], None],
    ) -> None:
        """`sides`: the inside of the gateway, the mail server behind it, and the senders. `leave` records
        messages that have left the gateway's queue; `forget_ahead` makes forecasts invalid.
        """
        self._copies, self._leave, self._forget_ahead = copies, leave, forget_ahead
        self._cloud, self._writers, self._inbound = sides
        inside = self._cloud.processing, self._writers.outgoing.filter
        self.room = RoomInside(spec.filter, *inside, self._fills)

    def becomes(self, behaviour: Behaviour, hosts: Sequence[str] = GATEWAY) -> None:
        """Set the answer of the gateway's `hosts` to senders from now on."""
        if not hosts:
            return
        for name in hosts:
            self._copies.unheard(self._inbound, name, behaviour)
        self._inbound.hosts_become({name: self.room.answers(name, behaviour) for name in hosts})
        self._forget_ahead()

    def _fills(self, way: MailWay) -> None:
        """Called when the gateway has no space inside for mail of this direction, or has space again."""
        if way == "outbound":
            self.outbound_becomes(CONNECTOR)
            return
        self._inbound.hosts_become({name: self.room.answers(name) for name in GATEWAY})
        self._forget_ahead()

    def dies(self) -> None:
        """Stop everything inside the gateway from now on: see `DeliveryQueue.stop`."""
        self._copies.cut_off(REFUSED, (self._cloud.queue,))
        self._cloud.filters(self._cloud.processing.every_ms, dead=True)
        self._leave(self._cloud.queue.stop())
        self._writers.outgoing.stops(dead=True)

    def revives(self) -> None:
        """Let the gateway work again, and process mail that became due while it was down."""
        self._cloud.filters(self._cloud.processing.every_ms, dead=False)
        self._leave(self._cloud.queue.start())
        self._writers.outgoing.stops(dead=False)

    def holds(self, hosts: Sequence[str], *, outbound: bool = False) -> None:
        """Let these hosts of the gateway accept mail and hold it; none: held mail is released now.

        `outbound`: the gateway also holds mail that it gets from the mail server's connector.
        """
        self._cloud.release(self._inbound.hold(frozenset(hosts)))
        self._writers.gateway_holds(outbound)
        self._forget_ahead()

    def outbound_becomes(self, name: str, behaviour: Behaviour | None = None) -> None:
        """Set the answer at the end of the connector `name` from now on; None: the usual one."""
        self._writers.outbound.host_becomes(name, self.room.answers(name, behaviour))
        self._writers.outgoing.forget_ahead()
