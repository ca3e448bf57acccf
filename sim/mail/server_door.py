"""The mail server's answers to the three sources of mail: the gateway, the backup MX, and direct senders."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sim.kernel.draws import I64
from sim.mail.accounts.duplicates import Copies
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.message.rows import Gone
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import Condition
from sim.mail.routes.inbound import DIRECT, Inbound
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from sim.mail.server.intake import ServerEndpoint
from sim.mail.server.mailbox_limit import Mailboxes
from sim.mail.server.throttle import Throttle, throttled
from sim.mail.world_spec import WorldSpec


class BooksGone(Protocol):
    """Books messages that have left the gateway's queue or, with `of_backup`, the backup's."""

    def __call__(self, out: Gone, *, of_backup: bool = False) -> None: ...


class ServerDoor:
    """Applies the server's condition, pace, gates and limits to all hosts that deliver mail to it.

    A change counts from the moment up to which the queues have been advanced.
    """

    def __init__(
        self,
        spec: WorldSpec,
        endpoint: ServerEndpoint,
        sources: tuple[CloudGateway, DeliveryQueue, Inbound],
        copies: Copies,
        coming: Callable[[int], Sequence[I64]],
        leave: BooksGone,
    ) -> None:
        """`sources`: the gateway, the backup's queue, and the senders. `coming`: returns, by queue, when
        mail will be accepted before a bound, if nothing changes.
        """
        self._endpoint, self._copies, self._leave = endpoint, copies, leave
        self._cloud, self._relay, self._inbound = sources
        self.gates = spec.gates
        """The protection against mail that does not come from the gateway."""
        rules, limit = spec.throttle, spec.mailboxes
        self.throttle = Throttle(self._relay, rules, self.meet_bypasses) if rules else None
        self.mailboxes = Mailboxes(limit, coming, self._meet_all) if limit else None

    @property
    def watchers(self) -> tuple[Throttle | Mailboxes, ...]:
        """The watchers of the limits that the server has."""
        return tuple(limit for limit in (self.throttle, self.mailboxes) if limit is not None)

    def meets(self, condition: Condition) -> None:
        """Set the mail server's answer, from now on, to all hosts that deliver mail to it."""
        self._copies.cut_off(condition, (self._cloud.queue, self._relay))
        self._endpoint.condition = condition
        self._meet_all()

    def feels(self, refuses: bool) -> None:
        """Called when back pressure has changed the answer to senders; `refuses`: not only the pace."""
        self.change_pace(self._endpoint.pace)
        if refuses:
            self._meet_all()

    def change_pace(self, receiver: Receiver) -> None:
        """Set the mail server's capacity from now on, for the gateway and for the backup."""
        self._endpoint.pace = receiver
        self._cloud.queue.change_pace(self._cloud.pace(self._endpoint.receiver))
        self._relay.change_pace(self._endpoint.receiver)

    def limit_deliveries(self, connections: int | None) -> None:
        """Set the limit of the gateway's simultaneous deliveries from now on; None: no limit."""
        self._cloud.most_connections = connections
        self._cloud.queue.change_pace(self._cloud.pace(self._endpoint.receiver))

    def change_gates(self, gates: Gates) -> None:
        """Set the protection against mail that does not come from the gateway, from now on."""
        self.gates = gates
        self.meet_bypasses()

    def _meet_all(self) -> None:
        self._leave(self._cloud.queue.meet(self._at_mailboxes(self._endpoint.meets)))
        self.meet_bypasses()

    def _at_mailboxes(self, met: Condition) -> Condition:
        return met if self.mailboxes is None else self.mailboxes.meets(met)

    def meet_bypasses(self) -> None:
        """Apply the server's condition and gates to the backup and to senders that bypass the gateway."""
        met = throttled(self.gates.meets("backup", self._endpoint.meets), self.throttle, self.gates)
        self._leave(self._relay.meet(self._at_mailboxes(met)), of_backup=True)
        met = self.gates.meets("internet", self._endpoint.meets)
        answer = "up" if met.lets_through else met.answer
        self._inbound.hosts_become(
            {DIRECT: Behaviour(answer, met.per_mille if answer != "up" else 1000, met.of)}
        )
        self._cloud.queue.forget_ahead()
        self._relay.forget_ahead()
