"""The world of an outage: mail, the gateway's queue, the mail server, the users. Truth.

A `World` is a table for the conductor: `advance` covers a stretch in which nothing changes, and the other
methods are changes, called at the moment that has been reached.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.series import Times
from sim.mail.accounts.duplicates import Copies
from sim.mail.accounts.last_minute import GATEWAY_QUEUE, RELAY_QUEUE, SENDERS, LastMinute
from sim.mail.accounts.ledger import Ledger
from sim.mail.accounts.recent_mail import RecentMail
from sim.mail.gateway.accepted_mail import accepted, worthless
from sim.mail.gateway.backup_relay import relay_queue
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.gateway_door import GatewayDoor
from sim.mail.message.growing_columns import Columns
from sim.mail.message.message_numbers import Numbering
from sim.mail.message.real_arrivals import Way
from sim.mail.message.recently_left import Lately
from sim.mail.message.rows import DELIVERED, REJECTED, Gone, Rows
from sim.mail.message.sizes import MessageSizes
from sim.mail.message.traffic import INBOUND, INTERNAL, OUTBOUND
from sim.mail.platforms.platform import load_platform
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.real_entrances import RealEntrances
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY, HOSTS, Inbound
from sim.mail.routes.suppression_lists import SuppressionLists
from sim.mail.routes.zone import Zone
from sim.mail.senders.arrivals import Arrivals
from sim.mail.server.intake import Intake
from sim.mail.server_door import ServerDoor
from sim.mail.user_mail import Writers
from sim.mail.users.outbox import recipients
from sim.mail.users.users import Users
from sim.mail.world_spec import WorldSpec
from sim.mail.world_state import Books

LEFT = "queue 2: time_ms kind id arrival_ms attempts"
BACKUP_MX = HOSTS.index(BACKUP)
AT_GATEWAY = tuple(HOSTS.index(name) for name in GATEWAY)


class World(Books):
    """The mail of one drill. `now_ms` is the time up to which everything has happened."""

    def __init__(
        self, spec: WorldSpec, users: Users, windows: FailureWindows, watch_gone: Callable[[Gone], None]
    ):
        """`watch_gone` is called with the messages that leave the gateway's queue, in order."""
        self._spec, self.users, self._watch_gone = spec, users, watch_gone
        self.ledger, self.sizes = Ledger(), MessageSizes(spec.seed, spec.sizes_bytes)
        self.recent, self.last_minute = RecentMail(), LastMinute()
        self.copies = Copies(spec.seed, spec.habits, users)
        inbound = self._stream = spec.stream(INBOUND)
        whom = partial(recipients, spec.seed, users=users.count, busy_permille=spec.busy_permille)
        who, events = spec.correspondents, (self._refusals_from, self._lists_change)
        self.suppression = SuppressionLists(inbound, who, whom, *events, spec.seed, spec.lists_every_ms)
        self.inbound = Inbound(spec.seed, self.suppression.sent, who, spec.backup, whom)
        own = {direction: spec.stream(direction) for direction in (OUTBOUND, INTERNAL)}
        self.numbering = Numbering(inbound, own[INTERNAL])
        platform = load_platform(spec.files, spec.server_platform)
        self.writers = Writers(spec, own, users, self.ledger, platform, self.copies)
        self.cloud = CloudGateway(
            spec,
            users.count,
            windows,
            self.inbound,
            self.writers.clients.to_gateway,
            self._leave,
            partial(self._leave, by_hand=True),
        )
        self.queue = self.cloud.queue
        parts, books = (self.cloud, self.writers, self.inbound), (self.ledger, self.numbering, self.sizes)
        self.real = RealEntrances(parts, books, self._fresh)
        self.gateway_door = GatewayDoor(spec, parts, self.copies, self._leave, self._forget_ahead)
        self.relay = relay_queue(spec, self._to_relay)
        self._zone: Zone | None = None
        self.intake = Intake(
            spec.seed,
            spec.receiver,
            spec.back_pressure,
            users,
            (self.ledger, self.recent, self.last_minute),
            self._coming,
            self._pressed,
        )
        self.endpoint = self.intake.endpoint
        sources = (self.cloud, self.relay, self.inbound)
        self.server_door = ServerDoor(
            spec, self.endpoint, sources, self.copies, self._coming_by_queues, self._leave
        )
        self.server_door.meet_bypasses()
        self._records = Fingerprint(LEFT), Fingerprint(LEFT)
        self.lately, self.outlived = Lately(), Columns({"id": np.int64})
        self.arrived = Times()
        """The times at which inbound messages came to the gateway."""
        self.now_ms = 0
        if spec.zone.route != GATEWAY:
            self.zone_changed()

    def _coming(self, bound_ms: int) -> list[I64]:
        """The times at which the mail server accepts mail in [now, bound), by source, if nothing changes."""
        coming_ms = self._coming_by_queues(bound_ms)
        if self.inbound.hop is not None:
            come = self.inbound.hop.arrivals(self.now_ms, bound_ms)
            coming_ms.append(come.time_ms[come.host == HOSTS.index(DIRECT)])
        return coming_ms

    def _coming_by_queues(self, bound_ms: int) -> list[I64]:
        queues = (self.queue,) if self.inbound.hop is None else (self.queue, self.relay)
        return [queue.coming_deliveries(bound_ms) for queue in queues]

    def _refusals_from(self, bound_ms: int) -> int | None:
        """A time before which no mail from outside is permanently rejected; None: not before `bound_ms`."""
        if self.queue.condition.answer == "reject":
            return self.now_ms
        if self.inbound.hop is None:
            return None
        come = self.inbound.hop.arrivals(self.now_ms, bound_ms)
        if self.relay.condition.answer == "reject" and (self.relay.depth() or come.at(BACKUP_MX).any()):
            return self.now_ms
        refused = np.flatnonzero(come.rejected)
        refused = refused[self.suppression.lists(come.id[refused])] if len(refused) else refused
        return int(come.time_ms[refused[0]]) if len(refused) else None

    def _lists_change(self) -> None:
        """Let bulk senders write to fewer addresses from now on, or to more addresses again."""
        self.inbound.begin().changes(None)
        self._forget_ahead()

    # A quiet stretch

    def prepare(self, to_ms: int, stop: Callable[[], bool]) -> bool:
        """Simulate senders ahead to `to_ms`. False if `stop` was true first; the next call then continues."""
        hops = (self.inbound.hop, self.writers.outbound.hop)
        return all(hop.look(to_ms, stop) for hop in hops if hop is not None)

    def advance(self, to_ms: int) -> None:
        """Advance over [now, to_ms)."""
        self.real.departures.hold()
        out = self.queue.advance(to_ms)
        relayed = self.relay.pass_by(to_ms) if self.inbound.hop is None else self.relay.advance(to_ms)
        self.cloud.process(to_ms)
        come = self.inbound.advance(to_ms)
        written = self._stream.between(self.now_ms, to_ms)
        written_ms = written.arrival_ms
        self.recent.write(written_ms, to_ms)
        self.ledger.enter(INBOUND, len(written_ms) + len(self.cloud.real))
        if self.suppression.addresses:
            never = ~np.isin(written.id, self.suppression.leaves(written).id)
            self.ledger.suppressed_ms.extend(written_ms[never])
        arrived_ms = written_ms if come is None else come.time_ms[come.at(*AT_GATEWAY)]
        self.arrived.extend(np.concatenate([self.cloud.real.arrival_ms, arrived_ms]))
        if self.inbound.held.hosts:
            self.inbound.keep(self.writers.clients.to_gateway(self.now_ms, to_ms), self.cloud.real)
        self.writers.advance(to_ms)
        self._stream.forget(to_ms)
        self.cloud.passed(to_ms)
        self.now_ms = to_ms
        if come is not None:
            self._left_senders(come)
            self.copies.outside(self.inbound.hop, come)
        self._leave(out)
        self._leave(relayed, of_backup=True)
        self.real.passed(self.intake, self.server_door.gates)
        self.intake.advance(to_ms)
        self.real.departures.release()

    def _left_senders(self, come: Arrivals) -> None:
        """Handle messages that have left their senders: returned to them, or accepted by a host."""
        self.last_minute.note(SENDERS, come.time_ms, come.written_ms)
        given_up, refused, direct = come.host < 0, come.rejected, come.host == HOSTS.index(DIRECT)
        rejected = int(refused.sum())
        self.ledger.returns.add("senders were refused", come.time_ms[refused])
        if refused.any() and self.inbound.only_server_refuses(int(come.time_ms[refused][0])):
            self.ledger.returns.add("server refused senders", come.time_ms[refused])
        self.suppression.refused(come.id[refused], come.time_ms[refused])
        self.recent.send(come.written_ms[~given_up])
        self.ledger.returns.add("senders gave up", come.time_ms[given_up & ~refused])
        self._note_outlived(come)
        tried = int(come.tries.sum()) - int((~given_up).sum())
        self.ledger.give_up(INBOUND, rejected, int(given_up.sum()) - rejected, tried, int(come.put_off.sum()))
        if direct.any():
            ids, time_ms, written_ms = come.id[direct], come.time_ms[direct], come.written_ms[direct]
            self.ledger.hand_over(INBOUND, len(ids))
            self.intake.direct(self._fresh(ids, time_ms, written_ms), written_ms, self.server_door.gates)

    def _note_outlived(self, come: Arrivals) -> None:
        late = (come.host >= 0) & (come.time_ms - come.written_ms > min(self._spec.life_ms))
        if not late.any():
            return
        ids, over_ms = come.id[late], worthless(self._spec, come.id[late], come.written_ms[late])
        self.outlived.append([ids[over_ms < come.time_ms[late]]])

    def _to_relay(self, a_ms: int, b_ms: int) -> Rows:
        """Messages that the backup MX accepts in [a_ms, b_ms) if nothing changes."""
        come = self.inbound.to_backup(a_ms, b_ms)
        rows = self._fresh(come.id, come.arrival_ms, come.written_ms)
        return self.real.at_backup(rows, a_ms, b_ms).in_arrival_order()

    def _fresh(self, ids: I64, arrival_ms: I64, written_ms: I64) -> Rows:
        return accepted(self._spec, self.users.count, ids, arrival_ms, written_ms)

    def _leave(self, out: Gone, *, of_backup: bool = False, by_hand: bool = False) -> None:
        """Handle `out`, which has left the gateway's or the backup's queue; `by_hand`: by a command."""
        if not len(out):
            return
        self._records[of_backup].rows(out.time_ms, out.kind, out.id, out.arrival_ms, out.attempts)
        written_ms = self.inbound.written.of(out.id, out.arrival_ms)
        self.ledger.leave(out, archived=not of_backup, by_hand=by_hand)
        self.last_minute.note(RELAY_QUEUE if of_backup else GATEWAY_QUEUE, out.time_ms, out.arrival_ms)
        self.inbound.written.forget(out.id)
        rejected = out.kind == REJECTED
        self.suppression.refused(out.id[rejected], out.time_ms[rejected])
        if self.server_door.mailboxes is not None:
            taken = out.kind == DELIVERED
            self.server_door.mailboxes.took(out.time_ms[taken], out.user[taken])
        self.intake.queued(out, written_ms, self.server_door.gates if of_backup else None)
        if not of_backup:
            self.lately.note(out)
        self.real.departures.left("backup" if of_backup else "gateway", out)
        self._watch_gone(out)

    # Changes

    def _pressed(self, refuses: bool) -> None:
        self.server_door.feels(refuses)

    def reach(self, lost: NDArray[np.bool_]) -> None:
        """Set the users who cannot reach their mailboxes from now on to `lost`; all other users can."""
        self.queue.forget_ahead()
        self.users.reach(self.now_ms, lost)
        self.writers.reach()
        self.writers.outgoing.forget_ahead()
        self.intake.lateness.reach(self.now_ms)

    def backup_greylists(self, delay_ms: int) -> None:
        """Change the backup's greylisting, see `Inbound.greylists`."""
        self.inbound.greylists(delay_ms)
        self._forget_ahead()

    def apps_reach(self, reach: bool) -> None:
        """Let the gateway's apps, on which continuity depends, work from now on, or not."""
        self.users_changed()
        self.users.apps_reach(self.now_ms, reach)

    def connect(self, name: str, from_ms: int) -> None:
        """Route the mail server's connector over `name` from `from_ms` on."""
        self.writers.outbound.connect(name, from_ms)
        self.writers.outgoing.forget_ahead()

    @property
    def zone(self) -> Zone:
        """The organisation's zone; created when it is first used."""
        if self._zone is None:
            self._zone = Zone(self._spec.files, self._spec.seed, self._spec.correspondents(), self._spec.zone)
        return self._zone

    def zone_changed(self) -> None:
        """Must be called after a change to `zone`, before time advances."""
        self.inbound.reroute(self.zone.versions())
        self._forget_ahead()

    def _forget_ahead(self) -> None:
        self.queue.forget_ahead()
        self.relay.forget_ahead()

    def users_changed(self) -> None:
        """Must be called after a change to `users`, before time advances."""
        self.writers.outbound.users_changed()
        self.writers.outgoing.forget_ahead()
        self.queue.forget_ahead()

    def receive(
        self, number: int, size_bytes: int | None = None, way: Way = "gateway", whom: int | None = None
    ) -> int:
        """Enter the `number`-th real message, which arrives now at `way`; returns its identity."""
        identity = self.real.receive(way, number, size_bytes, whom, self.now_ms)
        self._forget_ahead()
        return identity
