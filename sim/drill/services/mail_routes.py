"""Routes that bypass the gateway, and the settings with which people control them: connector, backup MX,
lock, firewall, filter rule.

A change is in force once its command takes effect. The outcome at receivers (SPF, DKIM, DMARC, port 25)
follows from the organisation's file; people know only the outcomes that they have checked.
"""

from collections.abc import Callable
from dataclasses import replace

from sim.drill.organisation.mail_routes_file import Readiness
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.delays import happens, wait_ms
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import Milestone
from sim.drill.services.mx_zone import Dns
from sim.kernel.frozen import frozen
from sim.mail.routes.authentication import Fate, Path, Receivers, fate_of
from sim.mail.routes.connector import GATEWAY, SECONDARY, Connector
from sim.mail.routes.inbound import BACKUP
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import SOURCES, Gates, MailOrigin
from sim.mail.world import World


@frozen
class Connected:
    """A change of the connector."""

    t_ms: int
    by: str
    name: Connector


@frozen
class Tried:
    """A test or a check, and its result."""

    t_ms: int
    by: str
    what: str
    found: str
    """The result in words."""
    delivered: bool
    """True if a test message reached a mailbox."""


class Protection:
    """Outbound and inbound routes in one drill, and the protection on them. Lists are in chronological
    order.
    """

    def __init__(
        self,
        organisation: Organisation,
        restored_permille: int,
        seed: int,
        world: Callable[[], World],
        dns: Dns,
        reach: Callable[[Milestone], None],
    ) -> None:
        """`restored_permille`: the smallest share that receivers must accept. `world`: the world now.
        `reach` records a milestone.
        """
        self._restored_permille = restored_permille
        self._paths = organisation.outbound_paths
        self.backup, self.guard = organisation.secondary, organisation.guard
        self._seed, self._present, self.dns, self._reach = seed, world, dns, reach
        self.connected: list[Connected] = []
        self.gates: list[tuple[int, Gates]] = [(0, world().server_door.gates)]
        """(time from which it applies, protection in front of the mail server), for each change."""
        self.recipients: list[tuple[int, bool]] = [(0, organisation.secondary.knows_recipients)]
        """(time from which it applies, True if the backup validates recipients), for each change."""
        self.knows_domain = organisation.secondary.knows_domain
        self.greylists = organisation.secondary.greylist_ms > 0
        """True if the backup greylists."""
        self._tester_came_ms: int | None = None
        """The time at which the backup first deferred a test message; the backup has known the tester's
        address since then.
        """
        self.tried: dict[str, Tried] = {}
        """The latest use of each test or look-up."""
        self.ways_seen: set[str] = set()
        """Connectors whose mail has been checked by a look-up or a test: how receivers respond to it."""
        self.ways_out: list[tuple[int, bool]] = []
        """For each change: its time, and True if outbound mail had a working route from then on."""
        self.tests = 0
        """Number of test messages so far; outside plans it keys their draws."""
        if not self.knows_domain:
            world().gateway_door.becomes(Behaviour("reject"), (BACKUP,))
        if self._paths.before != GATEWAY:
            self._lead_to(0, self._paths.before)

    # Known facts about the routes

    @property
    def _world(self) -> World:
        return self._present()

    @property
    def connector(self) -> Connector:
        """The host to which the connector sends mail."""
        return self.connected[-1].name if self.connected else self._paths.before

    def path(self, name: str) -> Path:
        """Authentication and reputation as receivers find them for mail sent by the connector `name`."""
        if name == GATEWAY:
            return Path(dmarc=self._paths.dmarc)
        file = self._file(name)
        return Path(file.spf, file.signed, self._paths.dmarc, file.port_25, file.names, file.address)

    def fate(self, name: str) -> Fate:
        """The outcome at receivers for mail on that route."""
        shares = self._paths.receivers
        return fate_of(
            self.path(name),
            Receivers(
                shares.reject_dmarc,
                shares.junk_dmarc,
                shares.reject_spf,
                shares.junk_spf,
                shares.reject_names,
                shares.junk_cold,
                shares.reject_listed,
            ),
        )

    def _file(self, name: str) -> Readiness:
        return self._paths.secondary if name == SECONDARY else self._paths.direct

    def connector_ms(self, turn: Turn) -> int:
        """Time until a completed change of the connector takes effect, ms."""
        key = turn.key(len(self.connected))
        return wait_ms(self._seed, "connector change", key, self._paths.connector_minutes)

    def guard_ms(self, turn: Turn) -> int:
        """Time until a completed change of lock, firewall or rule takes effect, ms."""
        return wait_ms(self._seed, "guard change", turn.key(len(self.gates)), self.guard.change_minutes)

    def settings_ms(self, turn: Turn) -> int:
        """Time until a completed change of the backup's settings takes effect, ms."""
        key = turn.key(len(self.recipients))
        return wait_ms(self._seed, "backup settings", key, self.backup.settings_minutes)

    @property
    def gates_now(self) -> Gates:
        return self.gates[-1][1]

    @property
    def knows_recipients(self) -> bool:
        return self.recipients[-1][1]

    def try_server(self, source: MailOrigin, turn: Turn) -> str | None:
        """The mail server's answer to a test from `source` now; None if it accepts the test."""
        met = self.gates_now.meets(source, self._world.endpoint.condition)
        self.tests += 1
        tried = happens(self._seed, f"test from {source}", turn.key(self.tests), met.per_mille // 10)
        return None if met.lets_through or not tried else met.reply or met.answer

    # What people do

    def connect(self, now_ms: int, by: str, name: Connector, gateway_works: bool) -> None:
        """Route the connector over the route `name` from now on."""
        self.connected.append(Connected(now_ms, by, name))
        self._lead_to(now_ms, name)
        self.look_out(now_ms, gateway_works)

    def _lead_to(self, now_ms: int, name: Connector) -> None:
        """Send mail through the connector `name`; receivers respond to that route."""
        if name != GATEWAY:
            fate = self.fate(name)
            self._world.gateway_door.outbound_becomes(name, fate.behaviour)
            self._world.writers.outbound.junked_permille[name] = fate.junked_of_taken
        self._world.connect(name, now_ms)

    def look_out(self, now_ms: int, gateway_works: bool) -> None:
        """Record whether outbound mail has lost its route, or regained it."""
        fate = self.fate(self.connector)
        taken = 0 if fate.times_out else 1000 - fate.rejected
        restored = taken >= self._restored_permille
        works = restored and (self.connector != GATEWAY or gateway_works)
        worked = self.ways_out[-1][1] if self.ways_out else True
        if works and (not worked or not gateway_works):
            self._reach(Milestone.OUTBOUND_RESTORED)
        if works != worked:
            self.ways_out.append((now_ms, works))

    def become(self, now_ms: int, gates: Gates) -> None:
        """Set the protection in front of the mail server from now on."""
        self.gates.append((now_ms, gates))
        self._world.server_door.change_gates(gates)

    def lock(self, now_ms: int, opened: frozenset[MailOrigin] | None) -> None:
        """Let the lock also admit `opened`. All sources: the lock is off. None: as before the drill."""
        first = self.gates[0][1]
        off = opened is not None and opened == frozenset(SOURCES)
        lock = "open" if off else first.lock
        self.become(now_ms, replace(self.gates_now, lock=lock, trusted=opened or frozenset()))
        self._reach(Milestone.LOCK_OPENED if opened else Milestone.LOCK_CLOSED)

    def firewall(self, now_ms: int, opened: frozenset[MailOrigin] | None) -> None:
        """Let the firewall also admit `opened`; None: as before the drill."""
        first = self.gates[0][1].firewall
        self.become(now_ms, replace(self.gates_now, firewall=first | (opened or frozenset())))
        self._reach(Milestone.LOCK_OPENED if opened else Milestone.LOCK_CLOSED)

    def skip(self, now_ms: int, skips: bool) -> None:
        """Add or remove the rule that makes the server's filter skip all mail."""
        self.become(now_ms, replace(self.gates_now, skips=skips))

    def look_behind(self, now_ms: int, looks: bool) -> None:
        """Make the server's filter judge the address that sent mail to the backup, or mistake the backup
        for the sender.
        """
        self.become(now_ms, replace(self.gates_now, looks_behind=looks))

    def set_backup(
        self, now_ms: int, recipients: bool | None, domain: bool, greylists: bool | None = None
    ) -> None:
        """Change the backup's settings: whether it has the list of recipients, accepts mail for the
        domain, and greylists.
        """
        if greylists is not None and greylists != self.greylists:
            self.greylists = greylists
            self._world.backup_greylists(self.backup.greylist_ms if greylists else 0)
        self.recipients.append((now_ms, self.knows_recipients if recipients is None else recipients))
        if domain and not self.knows_domain:
            self.knows_domain = True
            self._world.gateway_door.becomes(Behaviour(), (BACKUP,))

    def backup_knows_tester(self, now_ms: int) -> bool:
        """True if the backup accepts a test now: no greylisting, or the first test was long enough ago."""
        if not self.greylists:
            return True
        if self._tester_came_ms is None:
            self._tester_came_ms = now_ms
        return now_ms - self._tester_came_ms >= self.backup.greylist_ms

    def noted(self, now_ms: int, by: str, what: str, found: str, *, delivered: bool = False) -> str:
        """Record the result of a test or a check; returns `found`."""
        self.tried[what] = Tried(now_ms, by, what, found, delivered)
        return found
