"""The hosts at which real mail enters a world: gateway, smart host, backup, and the server itself."""

from collections.abc import Callable

from sim.kernel.draws import I64
from sim.mail.accounts.ledger import Ledger
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.message.message_numbers import Numbering
from sim.mail.message.real_arrivals import RealArrivals, RealDepartures, Way
from sim.mail.message.rows import Rows, delivered, joined
from sim.mail.message.sizes import MessageSizes
from sim.mail.message.traffic import INBOUND, OUTBOUND, Messages, real_identity
from sim.mail.routes.inbound import Inbound
from sim.mail.server.guard import Gates
from sim.mail.server.intake import Intake
from sim.mail.user_mail import Writers


class RealEntrances:
    """Real mail that arrives, and the events of real messages that leave."""

    def __init__(
        self,
        parts: tuple[CloudGateway, Writers, Inbound],
        books: tuple[Ledger, Numbering, MessageSizes],
        fresh: Callable[[I64, I64, I64], Rows],
    ) -> None:
        """`fresh`: makes rows of messages from identities, times of arrival, and times of writing."""
        (self._cloud, self._writers, self._inbound), self._fresh = parts, fresh
        self._ledger, self._numbering, self._sizes = books
        self._backup, self._direct = RealArrivals(), RealArrivals()
        self.departures = RealDepartures()
        self._writers.real_leaves = lambda out: self.departures.left("smart host", out)

    def receive(self, way: Way, number: int, size_bytes: int | None, whom: int | None, now_ms: int) -> int:
        """Enter a real message, see `World.receive`."""
        identity = real_identity(number, OUTBOUND if way == "smart host" else INBOUND, whom)
        self._numbering.real[number] = identity
        if size_bytes is not None:
            self._sizes.received(identity, size_bytes)
        match way:
            case "gateway":
                self._cloud.receive(identity)
            case "smart host":
                self._writers.receive(identity)
            case "backup":
                self._inbound.begin()  # from now on, the backup's queue is modelled
                self._backup.add(identity, now_ms)
            case "direct":
                self._direct.add(identity, now_ms)
        return identity

    def at_backup(self, rows: Rows, a_ms: int, b_ms: int) -> Rows:
        """`rows`, followed by the real messages that the backup MX accepts in [a, b)."""
        real = self._backup.between(a_ms, b_ms)
        return joined([rows, self._rows(real)]) if len(real) else rows

    def passed(self, intake: Intake, gates: Gates) -> None:
        """Record that messages to the backup are in its queue now; those to the mail server itself go to
        its intake.
        """
        direct, backup = self._direct.passed(), self._backup.passed()
        if not (len(direct) or len(backup)):
            return
        self._ledger.enter(INBOUND, len(direct) + len(backup))
        self._ledger.hand_over(INBOUND, len(direct))
        if len(direct):
            rows = self._rows(direct)
            intake.direct(rows, direct.arrival_ms, gates)
            self.departures.left("direct", delivered(rows, direct.arrival_ms))

    def _rows(self, real: Messages) -> Rows:
        return self._fresh(real.id, real.arrival_ms, real.arrival_ms)
