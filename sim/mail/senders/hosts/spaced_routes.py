"""Routes from one sender to the hosts of a domain, each of which may only be used in certain seconds.

A new connection has to keep a distance to the last one for the domain and to the last one on its route. A
route that has ended a connection rests, and one that could not connect is paused. Source: mta.c, limit.c of
OpenSMTPD. Times in whole seconds, but the end of a pause in ms.
"""

from dataclasses import dataclass, replace

from sim.kernel.duration import NEVER_MS, SECOND_MS

LONG_AGO_S = -(1 << 40)


@dataclass(slots=True)
class HostRoute:
    """One host. `connections`: being made, or in use; `made`: those that the host has greeted."""

    connections: int = 0
    made: int = 0
    connected_s: int = LONG_AGO_S
    ended_s: int = LONG_AGO_S
    paused_ms: int = 0

    def copied(self) -> "HostRoute":
        """A copy, to be changed independently."""
        return replace(self)


@dataclass(slots=True)
class DomainLink:
    """A connection to `host` ("" for a look-up that names none). `made`: the host has greeted; until then,
    `since_ms` says when its first message became ready. `sent`: messages accepted over it; `failed`:
    messages not accepted since the last one that was.
    """

    host: str
    since_ms: int
    made: bool = False
    sent: int = 0
    failed: int = 0

    def copied(self) -> "DomainLink":
        """A copy, to be changed independently."""
        return replace(self)


@dataclass(slots=True)
class SpacedRoutes:
    """`gap_s`: between two connections for the domain; `growth_s`: between two on one route; `rest_s`: from
    the end of a connection to the next one on that route; `pause_ms`: after a connection that failed;
    `most`: connections on one route.
    """

    gap_s: int
    growth_s: int
    rest_s: int
    pause_ms: int
    most: int
    connected_s: int = LONG_AGO_S
    """The second of the last connection for the domain."""
    by_host: dict[str, HostRoute] | None = None

    def copied(self) -> "SpacedRoutes":
        """A copy, to be changed independently."""
        by_host = {host: route.copied() for host, route in self.routes.items()}
        return replace(self, by_host=by_host)

    @property
    def routes(self) -> dict[str, HostRoute]:
        """The routes used so far, by host."""
        if self.by_host is None:
            self.by_host = {}
        return self.by_host

    def next(self, hosts: tuple[str, ...], now_ms: int, ended: str = "") -> tuple[str, int]:
        """The first of `hosts` whose route is not paused, and the second at which it can be used: now or
        later. NEVER_MS if all routes are paused. `ended`: a host whose connection ends now.
        """
        now_s = now_ms // SECOND_MS
        if self.connected_s + self.gap_s > now_s:
            return "", self.connected_s + self.gap_s
        for host in hosts:
            route = self.routes.get(host) or HostRoute()
            if now_ms < route.paused_ms:
                continue
            if route.connections >= self.most or (route.connections and not route.made):
                return host, now_s + self.growth_s
            if route.connected_s + self.growth_s > now_s:
                return host, route.connected_s + self.growth_s
            if (route.connections or host == ended) and route.ended_s + self.rest_s > now_s:
                return host, route.ended_s + self.rest_s
            return host, now_s
        return "", NEVER_MS

    def begins(self, host: str, now_ms: int) -> None:
        """A connection to the host begins; "" if no host is known."""
        self.connected_s = now_ms // SECOND_MS
        if host:
            route = self.routes.setdefault(host, HostRoute())
            route.connections += 1
            route.connected_s = self.connected_s

    def greets(self, host: str) -> bool:
        """The host has greeted. Returns True if it is the only connection to it that was made."""
        self.routes[host].made += 1
        return self.routes[host].made == 1

    def fails(self, host: str, now_ms: int) -> None:
        """A connection could not be made: the route is paused, unless another one to the host exists."""
        if not self.routes[host].made:
            self.routes[host].paused_ms = now_ms + self.pause_ms

    def ends(self, host: str, now_ms: int, *, made: bool) -> None:
        """A connection has ended, or could not be made."""
        route = self.routes[host]
        route.connections -= 1
        route.made -= made
        route.ended_s = now_ms // SECOND_MS
