"""The organisation's zone as records: the answers of its name servers now, and the answers in a resolver's
cache.

Truth, for the lab only. All hosts of the lab are on 127.0.0.1. The zone has no DNSSEC.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime

from sim.drill.organisation.organisation import Organisation
from sim.drill.services.mx_zone import Dns
from sim.kernel.data_files import DataFiles
from sim.kernel.duration import SECOND_MS
from sim.kernel.frozen import frozen
from sim.mail.dns.authority import DAWN_MS, SERVFAIL, Answer, Authority
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.dead_spells import BusyCache, Spell
from sim.mail.dns.resolver import load_resolver
from sim.mail.routes.zone import Zone

LOOPBACK = "127.0.0.1"
REFRESH_S, RETRY_S, EXPIRE_S = 86_400, 7_200, 3_600_000
"""Timers of the SOA for secondaries (RIPE-203)."""
NEGATIVE_S = 3_600
"""TTL of negative answers, in seconds; values of one to three hours work well (RFC 2308 section 5)."""
HOST_TTL_S = 3_600


@frozen
class Persona:
    """A resolver of the lab: a kind of resolver in `scenarios/resolvers`, with settings.

    `silent`: True if it sends no reply where others send SERVFAIL (`dead_authority` in its file).
    """

    kind: str
    settings: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False

    def __str__(self) -> str:
        return " ".join((self.kind, *(f"{name}={value}" for name, value in self.settings.items())))


PERSONAS: Mapping[str, Persona] = {
    "honest": Persona("bind"),
    "unbound": Persona("unbound"),
    "google": Persona("google"),
    "stretcher": Persona("stretcher"),
    "serve-stale": Persona("bind", {"stale-cache-enable": "yes", "stale-answer-enable": "yes"}),
    "dnsmasq": Persona("dnsmasq", silent=True),
    "windows": Persona("windows"),
}
"""The lab's resolvers, by name."""

RecordType = str
"""A record type in capitals, such as `MX`."""
STATIC: tuple[RecordType, ...] = ("SOA", "NS", "A", "TXT")
"""The record types whose records never change."""
POLICY_ID = "MTA-STS id"
"""Placeholder for a type: the TXT record with the id of the MTA-STS policy, which has a TTL of its own."""


@frozen
class ZoneRecords:
    """Record sets by (lower-case name, type): their TTL in seconds, and each record in zone-file form.

    `origins`: the zones that are served. Names below them that are not listed do not exist, unless
    `failing`: a resolver gets no answer from the authority, so it knows only the record sets in its cache.
    """

    origins: tuple[str, ...]
    sets: Mapping[tuple[str, RecordType], tuple[int, tuple[str, ...]]]
    failing: bool = False


@frozen
class PublicZone:
    """The zone of one drill, for the lab's name servers."""

    organisation: Organisation
    dns: Dns
    zone: Zone
    starts_utc_ms: int
    files: DataFiles
    seed: int

    def records(self, persona: str | None, now_ms: int, spells: Sequence[Spell] = ()) -> ZoneRecords:
        """The answer of a resolver of this persona, or of the authority (None)."""
        return self._at_authority(now_ms) if persona is None else self._at_resolver(persona, now_ms, spells)

    def _at_authority(self, now_ms: int) -> ZoneRecords:
        """The answer of the public name servers now."""
        told = self.dns.shown(now_ms)
        lag_ms = self.zone.lag_ms
        entered = [one.t_ms for one in self.dns.entered]
        changes = sum(t_ms + lag_ms <= now_ms for t_ms in (*entered, *self.dns.ids))
        policy_id = sum(t_ms + lag_ms <= now_ms for t_ms in self.dns.ids)
        ttls_s: dict[RecordType, int] = dict.fromkeys(STATIC, HOST_TTL_S)
        ttls_s |= {"MX": told.ttl_ms // SECOND_MS, POLICY_ID: self.dns.file.mta_sts.id_ttl_ms // SECOND_MS}
        return self._records(told.route, policy_id, changes, ttls_s)

    def _at_resolver(self, persona: str, now_ms: int, spells: Sequence[Spell] = ()) -> ZoneRecords:
        """The answer of a busy resolver of this persona now, with the remaining TTLs.

        `spells`: the periods in which the authority did not answer it, in order.
        """
        one = PERSONAS[persona]
        resolver = load_resolver(self.files, one.kind, one.settings)
        began_ms = spells[0][0] if spells else now_ms

        def ask(kind: RecordType, fetched_ms: int, authority: Authority) -> tuple[int, int | None]:
            told = BusyCache(resolver, authority, kind, fetched_ms, self.seed).answer(spells, now_ms)
            if told.answer == SERVFAIL:
                return 0, None
            return int(told.answer.value), told.ttl_ms // SECOND_MS

        ttls_s: dict[RecordType, int | None] = {}
        for kind in STATIC:
            _, ttls_s[kind] = ask(kind, *_since_the_start(HOST_TTL_S * SECOND_MS))
        route, ttls_s["MX"] = ask("MX", *self.zone.cache_of(began_ms, one.kind))
        if self.zone.has_policy:
            policy_id, ttls_s[POLICY_ID] = ask("MX", *self.zone.id_cache_of(began_ms, one.kind))
        else:
            policy_id, ttls_s[POLICY_ID] = ask("TXT", *_since_the_start(self.dns.file.mta_sts.id_ttl_ms))
        dead = any(dead_ms <= now_ms < back_ms for dead_ms, back_ms in spells)
        known = {kind: ttl_s for kind, ttl_s in ttls_s.items() if ttl_s is not None}
        return self._records(
            self.zone.routes[route], policy_id, 0, known, failing=dead or len(known) < len(ttls_s)
        )

    def _records(
        self,
        route: tuple[str, ...],
        policy_id: int,
        changes: int,
        ttls_s: Mapping[RecordType, int],
        *,
        failing: bool = False,
    ) -> ZoneRecords:
        """The record sets of the types in `ttls_s`."""
        sets = {
            (name, "TXT" if kind == POLICY_ID else kind): (ttls_s[kind], records)
            for name, kind, records in self._all(route, policy_id, changes)
            if kind in ttls_s
        }
        return ZoneRecords(self._origins(), sets, failing)

    def _hosts(self) -> tuple[str, ...]:
        file = self.dns.file
        return *file.gateway_hosts, file.backup_host, file.server_host, f"mail.{self.organisation.domain}"

    def _origins(self) -> tuple[str, ...]:
        domain = self.organisation.domain
        return tuple(dict.fromkeys((domain, *(_zone_of(name, domain) for name in self._hosts()))))

    def _all(
        self, route: tuple[str, ...], policy_id: int, changes: int
    ) -> Iterator[tuple[str, RecordType, tuple[str, ...]]]:
        """Name, type (or POLICY_ID) and records of each record set."""
        domain, dmarc = self.organisation.domain, self.organisation.outbound_paths.dmarc
        for origin in self._origins():
            serial = self._serial(changes if origin == domain else 0)
            timers = f"{REFRESH_S} {RETRY_S} {EXPIRE_S} {NEGATIVE_S}"
            yield origin, "SOA", (f"ns1.{origin}. hostmaster.{origin}. {serial} {timers}",)
            yield origin, "NS", (f"ns1.{origin}.",)
            yield f"ns1.{origin}", "A", (LOOPBACK,)
        for name in self._hosts():
            yield name, "A", (LOOPBACK,)
        yield domain, "MX", tuple(f"{10 * n} {name}." for n, name in enumerate(self.dns.names(route), 1))
        yield domain, "TXT", (f'"{self._spf()}"',)
        if dmarc != "none":
            yield f"_dmarc.{domain}", "TXT", (f'"v=DMARC1; p={dmarc}"',)
        if self.dns.file.mta_sts.mode != "none":
            yield f"_mta-sts.{domain}", POLICY_ID, (f'"v=STSv1; id={self._serial(policy_id)}"',)

    def _spf(self) -> str:
        """The SPF record that gives the results in the organisation's file (RFC 7208)."""
        paths, file = self.organisation.outbound_paths, self.dns.file
        terms = [f"a:{name}" for name in file.gateway_hosts]
        terms += [f"a:{file.backup_host}"] if paths.secondary.spf == "pass" else []
        terms += [f"a:{file.server_host}"] if paths.direct.spf == "pass" else []
        return " ".join(("v=spf1", *terms, "-all"))

    def _serial(self, changes: int) -> int:
        """The serial of the SOA: the date of the drill's start and the number of changes since (RFC 1912
        section 2.2).
        """
        day = datetime.fromtimestamp(self.starts_utc_ms / 1000, UTC)
        return int(f"{day:%Y%m%d}00") + changes


def _zone_of(name: str, domain: str) -> str:
    """The zone that contains a host of the lab: the organisation's, or that of the host's parent."""
    return domain if name == domain or name.endswith(f".{domain}") else name.partition(".")[2]


def _since_the_start(ttl_ms: int) -> tuple[int, Authority]:
    """A record that never changes, as a busy cache has it after fetching it one TTL before the start."""
    return -ttl_ms, Authority((DAWN_MS,), (Answer(Kind.RECORD, "0", ttl_ms),))
