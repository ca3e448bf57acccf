"""The organisation's zone: its MX record, its MTA-STS policy, and when correspondents begin to follow them.

A sender that honours MTA-STS (RFC 8461) skips hosts that its cached policy does not name; if no host is left,
its mail waits. Before each delivery it looks up the id, which §5.1 permits (the daily refresh that the RFC
suggests has the same result within a day). Once its resolver returns a new id, the sender fetches the policy
that is served at that moment, even if its cached policy allows the host. The sender follows the new policy
from then on, also on failback.
"""

import numpy as np
from numpy.typing import NDArray

from sim.kernel.data_files import DataFiles
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.dns.authority import Authority
from sim.mail.dns.mx_view import MxView
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.mx_routes import Version


@frozen
class StsSpec:
    """`honoured_by`: platforms that fetch policies. `id_ttl_ms`: TTL of the TXT record with the id."""

    honoured_by: tuple[str, ...]
    id_ttl_ms: int


@frozen
class ZoneSpec:
    """The zone before the drill. `sts`: None unless there is a policy in mode `enforce`."""

    route: tuple[str, ...]
    ttl_ms: int
    population: str = "mix"
    """The correspondents whose resolvers are simulated."""
    hosting: str = "bind-notify"
    """The delay until the public servers show a change, as an entry of publication.yaml."""
    sts: StsSpec | None = None


class Zone:
    """The zone and its correspondents' view of it. Changes have to be made in chronological order."""

    def __init__(self, files: DataFiles, seed: int, who: CorrespondentTable, spec: ZoneSpec) -> None:
        self._view = MxView(files, seed, len(who), spec.population, spec.ttl_ms, spec.hosting)
        self._weights = who.weights()
        self.routes: list[tuple[str, ...]] = [spec.route]
        """The hosts in every version of the MX record, in order of preference."""
        self.ttl_ms = spec.ttl_ms
        """The TTL, at the authority, of the record that is in caches now."""
        self._honours = np.zeros(len(who), dtype=np.bool_)
        self._policies: list[tuple[int, frozenset[str]]] = []
        """(from_ms, hosts named) for each policy served over HTTPS; empty without MTA-STS."""
        if spec.sts is not None:
            names = [who.platform_of(number).id for number in range(len(who))]
            self._honours = np.isin(names, spec.sts.honoured_by)
            self._ids = MxView(
                files, seed, len(who), spec.population, spec.sts.id_ttl_ms, spec.hosting, "mta-sts id"
            )
            self._id_ttl_ms = spec.sts.id_ttl_ms
            self._policies = [(-NEVER_MS, frozenset(spec.route))]

    @property
    def lag_ms(self) -> int:
        """The delay from a change in the editor to the public servers."""
        return self._view.lag_ms

    @property
    def has_policy(self) -> bool:
        """True if there is an MTA-STS policy in mode `enforce`."""
        return bool(self._policies)

    # Changes

    def publish(self, now_ms: int, route: tuple[str, ...], ttl_ms: int) -> None:
        """Change the MX record to `route` with `ttl_ms`; the same hosts with another TTL are a change too."""
        self._view.publish(now_ms, ttl_ms)
        self.routes.append(route)
        self.ttl_ms = ttl_ms

    def flush(self, now_ms: int, resolvers: tuple[str, ...]) -> None:
        """Use the public flush pages of `resolvers`; their caches query at once. Raises BadSetting."""
        self._view.flush(now_ms, resolvers)

    def serve_policy(self, now_ms: int, hosts: tuple[str, ...]) -> None:
        """Serve a policy that names `hosts` over HTTPS from now on."""
        self._policies.append((now_ms, frozenset(hosts)))

    def change_id(self, now_ms: int) -> None:
        """Give the TXT record a new id."""
        self._ids.publish(now_ms, self._id_ttl_ms)

    # Looking up

    def versions(self) -> list[Version]:
        """For the sending hop: each answer for the MX record, and the time from which each correspondent's
        resolver gives it; some correspondents never get some of the answers.
        """
        return [one for found, _allowed_ms in self._walked() for one in found if (one[1] < NEVER_MS).any()]

    def _walked(self) -> list[tuple[list[Version], I64]]:
        """For each version of the record: the route of correspondents, and the time from which each of
        them may use all of it.
        """
        used = [self._view.used_from_ms(version) for version in range(len(self.routes))]
        used.append(np.full_like(used[0], NEVER_MS))
        known, seen = np.zeros_like(used[0]), np.zeros_like(used[0])
        return [
            self._by_policy(route, used[version], used[version + 1], known, seen)
            for version, route in enumerate(self.routes)
        ]

    def _by_policy(
        self, route: tuple[str, ...], from_ms: I64, until_ms: I64, known: I64, seen: I64
    ) -> tuple[list[Version], I64]:
        """Follow the policies through one version of the record, which each correspondent knows in [from,
        until).

        `known`: the number of the policy in each one's cache; `seen`: the id that came with it. Both arrays
        are updated to the end of the version.
        """
        suits = np.array([set(route) <= named for _, named in self._policies] or [True])
        free = ~self._honours | suits[known]
        allowed_ms = np.where(free, from_ms, NEVER_MS)
        found: list[Version] = [(route, allowed_ms), *self._cut_down(route, known, ~free, from_ms)]
        for version in range(1, self._ids.version + 1 if self._policies else 0):
            looked_ms = np.maximum(self._ids.used_from_ms(version), from_ms)
            looks = self._honours & (seen < version) & (looked_ms < until_ms)
            known[looks], seen[looks] = self._served(looked_ms)[looks], version
            suited, bound = looks & suits[known], looks & ~suits[known]
            freed = suited & ~free
            found.append((route, np.where(freed, looked_ms, NEVER_MS)))
            found += self._cut_down(route, known, bound, looked_ms)
            # senders that were allowed before have already used the host
            never = bound & (looked_ms <= allowed_ms)
            allowed_ms = np.where(never, NEVER_MS, allowed_ms)
            allowed_ms = np.where(freed, np.minimum(allowed_ms, looked_ms), allowed_ms)
            free = (free | suited) & ~bound
        return found, allowed_ms

    def _cut_down(
        self, route: tuple[str, ...], known: I64, whose: NDArray[np.bool_], from_ms: I64
    ) -> list[Version]:
        """The remaining hosts of `route` for senders whose policy does not name all of them."""
        found: list[Version] = []
        for number in np.unique(known[whose]).tolist():
            some = tuple(host for host in route if host in self._policies[number][1])
            found.append((some or "servfail", np.where(whose & (known == number), from_ms, NEVER_MS)))
        return found

    def _served(self, looked_ms: I64) -> I64:
        """The number of the policy that is served at each time."""
        served_ms = [from_ms for from_ms, _named in self._policies]
        return (np.searchsorted(served_ms, looked_ms, side="right") - 1).astype(np.int64)

    def ask(self, now_ms: int, resolver: str) -> tuple[tuple[str, ...], int]:
        """The answer of a busy resolver of that kind: the hosts, and the remaining life of the answer."""
        version, left_ms = self._view.ask(now_ms, resolver)
        return self.routes[version], left_ms

    def ask_id(self, now_ms: int, resolver: str) -> tuple[int, int]:
        """The answer of a busy resolver of that kind for the id of the MTA-STS policy: the number of
        changes of the id so far, and the remaining life of the answer. The zone must have a policy.
        """
        return self._ids.ask(now_ms, resolver)

    def cache_of(self, at_ms: int, resolver: str) -> tuple[int, Authority]:
        """A fetch by the shared cache of that kind (see `MxView.fetched_ms`), and the authority.

        The values of its answers are indexes of `routes`.
        """
        return self._view.fetched_ms(at_ms, resolver), self._view.authority()

    def id_cache_of(self, at_ms: int, resolver: str) -> tuple[int, Authority]:
        """A fetch of the MTA-STS policy's id by the shared cache of that kind, and the authority; values
        are numbers of changes.
        """
        return self._ids.fetched_ms(at_ms, resolver), self._ids.authority()

    def shown(self, now_ms: int, changed_ms: list[int]) -> tuple[str, ...]:
        """The answer of the authority, if the versions were entered at `changed_ms`."""
        come = sum(moment + self.lag_ms <= now_ms for moment in changed_ms)
        return self.routes[come]

    def moved_at_ms(self, permille: int) -> int:
        """The time at which this share of the mail uses the hosts of the newest version, as far as is known
        now.

        Only mail from senders whose resolvers respect the TTL is counted; the others follow within hours or
        days, whatever people do. Senders that follow an MTA-STS policy count once they may use all the hosts.
        NEVER_MS if the share is never reached. Truth, hidden from everyone in the drill.
        """
        newest, same = self.routes[-1], 0
        while same < len(self.routes) and self.routes[-1 - same] == newest:
            same += 1
        from_ms = np.min(np.stack([allowed_ms for _found, allowed_ms in self._walked()[-same:]]), axis=0)
        order = np.argsort(from_ms, kind="stable")
        reached = np.cumsum(np.where(self._view.heeds_ttl(), self._weights, 0)[order])
        first = reached.searchsorted(-(-int(reached[-1]) * permille // 1_000))
        return int(from_ms[order][first])

    def shut_out(self) -> list[tuple[int, int | None]]:
        """Periods (from, until) in which most mail of senders that honour MTA-STS cannot be sent to any host,
        because the policy that they follow does not name any host of the MX that they see.

        The last one ends with None if nothing done so far ends it. Truth, hidden from everyone in the drill.
        """
        weights = np.where(self._honours, self._weights, 0)
        followed = [one for one in self.versions() if (one[1] < NEVER_MS)[self._honours].any()]
        if not followed:
            return []
        times_ms = np.maximum(np.concatenate([from_ms for _found, from_ms in followed]), 0)
        of = np.tile(np.arange(len(weights)), len(followed))
        out = np.repeat([found == "servfail" for found, _from_ms in followed], len(weights)).astype(np.int64)
        order = np.lexsort((np.arange(len(of)), times_ms, of))
        order = order[times_ms[order] < NEVER_MS]
        times_ms, of, out = times_ms[order], of[order], out[order]
        before = np.where(np.append(-1, of[:-1]) == of, np.append(0, out[:-1]), 0)
        in_time = np.argsort(times_ms, kind="stable")
        shut = np.cumsum(((out - before) * weights[of])[in_time])
        moments_ms, last = np.unique(times_ms[in_time][::-1], return_index=True)
        most = 2 * shut[len(shut) - 1 - last] >= max(int(weights.sum()), 1)
        changes_ms: list[int] = moments_ms[np.diff(most.astype(np.int64), prepend=0) != 0].tolist()
        return [*zip(changes_ms[::2], [*changes_ms[1::2], None], strict=False)]

    def heeds_ttl(self) -> NDArray[np.bool_]:
        """True for correspondents whose resolver keeps an answer no longer than its TTL; shape
        (correspondents,).
        """
        return self._view.heeds_ttl()

    def moved_permille(self, now_ms: int) -> int:
        """Share of the mail whose senders use the newest version: truth, hidden from everyone in
        the drill.
        """
        return self._view.share_moved(len(self.routes) - 1, now_ms, self._weights)
