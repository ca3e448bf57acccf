"""The organisation's zone as its people see it: the records that they enter, and the answers that they get.

A change is in force at once in the zone's editor, at the public servers after the delay of the DNS host, and
in each sender's resolver once the cached copy there has expired (RFC 1035 §3.2.1). The state of resolvers is
truth: people see it only in the mail that arrives at each host.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

from sim.drill.organisation.house_rules import InboundRule
from sim.drill.organisation.zone_file import DnsZone
from sim.drill.room.delays import wait_ms
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import SECOND_MS
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY, HOSTS
from sim.mail.routes.moved_share import Moved, MovedRule
from sim.mail.routes.zone import Zone
from sim.mail.world import World

Route = tuple[str, ...]
"""Hosts in order of preference, named as in the simulation."""

ROUTES: Mapping[str, Route] = {
    "gateway": GATEWAY,
    "backup": (BACKUP,),
    "server": (DIRECT,),
    "gateway+backup": (*GATEWAY, BACKUP),
    "backup+gateway": (BACKUP, *GATEWAY),
}
"""For each name used in commands, the hosts of an MX record or a policy, with the preferred host first."""


@frozen
class Entered:
    """A version of the MX record as entered."""

    t_ms: int
    by: str
    route: Route
    ttl_ms: int


@frozen
class Led:
    """A period in which the zone listed hosts other than the gateway's, and its effect. Truth."""

    route: Route
    from_ms: int
    until_ms: int | None
    """The time at which the record was changed again; None if it still names these hosts."""
    known_ms: int | None
    """The time by which enough mail had come from senders whose resolvers had the record and who may use
    these hosts.
    """
    moved_ms: int | None
    """The time by which enough of this mail had been accepted at these hosts: see `MovedRule`."""


@frozen
class Told:
    """One server's answer to an MX query."""

    asked_ms: int
    route: Route
    ttl_ms: int
    """The remaining TTL of the answer, in ms."""


@frozen
class HalfHour:
    """Messages in the half hour from `from_ms`, from the internet unless stated otherwise."""

    from_ms: int
    gateway: int | None
    """Messages accepted by the gateway, according to its console; None if the console cannot be reached or
    shows old figures.
    """
    backup: int
    """Messages accepted by the backup MX."""
    server: int
    """Messages that the mail server accepted from the gateway, from the backup or directly, according to
    its own log.
    """
    usual: int
    """Messages that arrived at the organisation in the same half hour one week earlier."""


class Dns:
    """The zone in one drill. Lists are in chronological order."""

    def __init__(
        self,
        zone: DnsZone,
        rule: InboundRule,
        seed: int,
        world: Callable[[], World],
        at: Callable[[int, Callable[[], None]], None],
        reach: Callable[[Milestone], None],
    ) -> None:
        """`rule`: when mail counts as moved. `world`: the world now. `at(moment_ms, act)` schedules an
        action, `reach` records a milestone.
        """
        self.file, self._rule, self._present, self._at, self._reach = zone, rule, world, at, reach
        self.entered: list[Entered] = []
        self.policies: list[tuple[int, Route]] = []
        """(time, hosts that the policy names), for each policy published on the web server during the
        drill.
        """
        self.ids: list[int] = []
        """The times at which the policy's id was changed."""
        self.answers: dict[str, Told] = {}
        """The last answer from each server queried."""
        self._moved: Moved | None = None
        """The count of mail that goes to hosts in the zone other than the gateway's."""
        self._led: list[Led] = []
        """Periods that have ended in which the zone named hosts other than the gateway's."""
        self.arrivals: tuple[int, tuple[HalfHour, ...]] | None = None
        """The last check of the logs: (time, result)."""
        self.change_ms = wait_ms(seed, "zone change", 0, zone.change_minutes)
        """Time from a finished edit until it takes effect at the DNS host."""

    @property
    def _world(self) -> World:
        return self._present()

    @cached_property
    def _zone(self) -> Zone:
        """The zone, for reading: it does not change with time alone, so the rest of the world may lag
        behind.
        """
        return self._world.zone

    # What people know

    @property
    def route(self) -> Route:
        """The hosts in the zone as it is edited."""
        return self.entered[-1].route if self.entered else self.first_route

    @property
    def first_route(self) -> Route:
        """The hosts in the MX record before the drill."""
        return ROUTES[self.file.mx]

    @property
    def goes_round(self) -> bool:
        """True if enough mail bypasses the gateway through the hosts that the zone names now: truth."""
        if self._moved is None:
            return False
        self._present()  # up to now
        return self._moved.enough

    def led(self, now_ms: int, *, over: bool = False) -> list[Led]:
        """Every period so far in which the zone named other hosts, in order; `over`: the last one ends
        now.
        """
        moved = self._world.inbound.moved
        if moved is None:
            return self._led
        permille = self._rule.moved_permille
        known_ms = max(self._world.zone.moved_at_ms(permille), moved.from_ms)
        until_ms = now_ms if over else None
        known = known_ms if known_ms < now_ms else None
        return [*self._led, Led(self.route, moved.from_ms, until_ms, known, moved.enough_ms)]

    @property
    def ttl_ms(self) -> int:
        """The TTL in the zone."""
        return self.entered[-1].ttl_ms if self.entered else self.file.ttl_ms

    def cached_ms(self, now_ms: int) -> int:
        """The time in ms for which resolvers that respect the TTL may still keep an answer received before
        `now_ms`.

        An answer that was cached before a TTL was lowered keeps the old TTL.
        """
        ttls_ms = [self.file.ttl_ms, *(one.ttl_ms for one in self.entered)]
        until_ms = [*(one.t_ms for one in self.entered), now_ms]
        return max(end_ms + ttl_ms for ttl_ms, end_ms in zip(ttls_ms, until_ms, strict=True)) - now_ms

    @property
    def policy(self) -> Route:
        """The hosts in the policy on the web server."""
        return self.policies[-1][1] if self.policies else self.first_route

    def names(self, route: Route) -> tuple[str, ...]:
        """The fictional names of hosts."""
        file = self.file
        known = dict(zip(GATEWAY, file.gateway_hosts, strict=True))
        known |= {BACKUP: file.backup_host, DIRECT: file.server_host}
        return tuple(known[host] for host in route)

    def shown(self, now_ms: int) -> Told:
        """The answer of the public name servers now."""
        come = [one for one in self.entered if one.t_ms + self._zone.lag_ms <= now_ms]
        if not come:
            return Told(now_ms, self.first_route, self.file.ttl_ms)
        return Told(now_ms, come[-1].route, come[-1].ttl_ms)

    def shows_opening(self, kind: str, now_ms: int) -> bool:
        """True if the zone's servers still name the hosts that an opening of this `kind` added."""
        told = self.shown(now_ms)
        opened = {"backup-mx": BACKUP in told.route, "low-ttl": told.ttl_ms < self.file.ttl_ms}
        return opened.get(kind, False)

    def ask(self, source: str, now_ms: int) -> Told:
        """Query the authority, the organisation's own resolver, or a public one; the answer is recorded."""
        if source == "authority":
            told = self.shown(now_ms)
        else:
            kind = self.file.own_resolver if source == "own" else source
            route, left_ms = self._zone.ask(now_ms, kind)
            told = Told(now_ms, route, left_ms // SECOND_MS * SECOND_MS)
        self.answers[source] = told
        return told

    # People's actions, at `now_ms`

    def enter(self, now_ms: int, by: str, route: Route, ttl_ms: int) -> None:
        """Change the MX record to this; the same hosts with another TTL also count as a new version."""
        before, lower = self.route, ttl_ms < self.ttl_ms
        if route != before:
            self._led = self.led(now_ms, over=True)
        self.entered.append(Entered(now_ms, by, route, ttl_ms))
        self._world.zone.publish(now_ms, route, ttl_ms)
        self._world.zone_changed()
        if lower:
            self._reach(Milestone.TTL_LOWERED)
        if route != before:
            self._measure(now_ms)
            self._reach(Milestone.MX_RESTORED if route == GATEWAY else Milestone.MX_CHANGED)

    def flush(self, now_ms: int, resolver: str) -> None:
        """Flush a public resolver's cache from its web page."""
        self._world.zone.flush(now_ms, (resolver,))
        self._world.zone_changed()

    def serve_policy(self, now_ms: int, route: Route) -> None:
        """Change the hosts in the policy on the web server; senders fetch the policy when its id is new."""
        self.policies.append((now_ms, route))
        if self.file.mta_sts.mode == "enforce":
            self._world.zone.serve_policy(now_ms, route)
            self._world.zone_changed()

    def change_id(self, now_ms: int) -> None:
        """Give the TXT record a new id."""
        self.ids.append(now_ms)
        if self.file.mta_sts.mode == "enforce":
            self._world.zone.change_id(now_ms)
            self._world.zone_changed()
        if self.policy != GATEWAY:
            self._reach(Milestone.MTA_STS_PUBLISHED)

    def _measure(self, now_ms: int) -> None:
        """Count, from now on, the mail that passes through the hosts in the zone, if these are not the
        gateway's.
        """
        inbound, elsewhere = self._world.inbound, [name for name in self.route if name not in GATEWAY]
        inbound.moved = self._moved = None
        if elsewhere:
            hosts = tuple(HOSTS.index(name) for name in elsewhere)
            one = self._rule
            rule = MovedRule(one.moved_permille, one.soon_ms, one.span_ms, one.least)
            inbound.moved = self._moved = Moved(
                rule, inbound.who(), self._world.zone.heeds_ttl(), hosts, now_ms
            )
