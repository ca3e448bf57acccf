"""The organisation's zone as records: the answers of its name servers now, and those in a resolver's cache.

Truth, for the lab only. Hosts of the lab are all on 127.0.0.1. The zone has no DNSSEC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sim.drill.organisation.organisation import Organisation
from sim.drill.services.mx_zone import Dns
from sim.kernel.duration import SECOND_MS
from sim.mail.routes.zone import Zone

LOOPBACK = "127.0.0.1"
REFRESH_S, RETRY_S, EXPIRE_S = 86_400, 7_200, 3_600_000
"""Timers of the SOA for secondaries (RIPE-203)."""
NEGATIVE_S = 3_600
"""TTL of negative answers: one to three hours work well (RFC 2308 section 5)."""
HOST_TTL_S = 3_600

PERSONAS: Mapping[str, str] = {
    "honest": "bind",
    "google": "google",
    "stretcher": "stretcher",
    "dnsmasq": "dnsmasq",
    "windows": "windows",
}
"""Resolvers of the lab, and the kind of resolver in `scenarios/resolvers` that each represents."""

Kind = str
"""A record type in capitals, such as `MX`."""


@dataclass(frozen=True, slots=True)
class ZoneRecords:
    """Record sets by (lower-case name, type): their TTL in seconds, and each record in zone-file form.

    `origins`: the zones that are served. Names below them that are not listed do not exist.
    """

    origins: tuple[str, ...]
    sets: Mapping[tuple[str, Kind], tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class PublicZone:
    """The zone of one drill, for the lab's name servers."""

    organisation: Organisation
    dns: Dns
    zone: Zone
    starts_utc_ms: int

    def at_authority(self, now_ms: int) -> ZoneRecords:
        """The answer of the public name servers now."""
        told = self.dns.shown(now_ms)
        lag_ms = self.zone.lag_ms
        entered = [one.t_ms for one in self.dns.entered]
        changes = sum(t_ms + lag_ms <= now_ms for t_ms in (*entered, *self.dns.ids))
        policy_id = sum(t_ms + lag_ms <= now_ms for t_ms in self.dns.ids)
        sts_ttl_s = self.dns.file.mta_sts.id_ttl_ms // SECOND_MS
        return self._records(
            (told.ttl_ms // SECOND_MS, told.route), (sts_ttl_s, policy_id), changes, HOST_TTL_S
        )

    def at_resolver(self, persona: str, now_ms: int) -> ZoneRecords:
        """The answer of a busy resolver of this persona now, with the remaining TTLs."""
        kind = PERSONAS[persona]
        route, left_ms = self.zone.ask(now_ms, kind)
        policy_id, sts_left_ms = 0, _left_ms(self.dns.file.mta_sts.id_ttl_ms, now_ms)
        if self.zone.has_policy:
            policy_id, sts_left_ms = self.zone.ask_id(now_ms, kind)
        return self._records(
            (left_ms // SECOND_MS, route),
            (sts_left_ms // SECOND_MS, policy_id),
            0,
            _left_ms(HOST_TTL_S * SECOND_MS, now_ms) // SECOND_MS,
        )

    def _records(
        self, mx: tuple[int, tuple[str, ...]], sts: tuple[int, int], changes: int, ttl_s: int
    ) -> ZoneRecords:
        domain, paths = self.organisation.domain, self.organisation.outbound_paths
        file = self.dns.file
        hosts = (*file.gateway_hosts, file.backup_host, file.server_host, f"mail.{domain}")
        origins = tuple(dict.fromkeys((domain, *(_zone_of(name, domain) for name in hosts))))
        sets: dict[tuple[str, Kind], tuple[int, tuple[str, ...]]] = {}
        for origin in origins:
            serial = self._serial(changes if origin == domain else 0)
            timers = f"{REFRESH_S} {RETRY_S} {EXPIRE_S} {NEGATIVE_S}"
            sets[origin, "SOA"] = ttl_s, (f"ns1.{origin}. hostmaster.{origin}. {serial} {timers}",)
            sets[origin, "NS"] = ttl_s, (f"ns1.{origin}.",)
            sets[f"ns1.{origin}", "A"] = ttl_s, (LOOPBACK,)
        for name in hosts:
            sets[name, "A"] = ttl_s, (LOOPBACK,)
        mx_ttl_s, route = mx
        named = self.dns.names(route)
        sets[domain, "MX"] = mx_ttl_s, tuple(f"{10 * n} {name}." for n, name in enumerate(named, 1))
        sets[domain, "TXT"] = ttl_s, (f'"{self._spf()}"',)
        if paths.dmarc != "none":
            sets[f"_dmarc.{domain}", "TXT"] = ttl_s, (f'"v=DMARC1; p={paths.dmarc}"',)
        if file.mta_sts.mode != "none":
            sets[f"_mta-sts.{domain}", "TXT"] = sts[0], (f'"v=STSv1; id={self._serial(sts[1])}"',)
        return ZoneRecords(origins, sets)

    def _spf(self) -> str:
        """The SPF record that gives the results in the organisation's file (RFC 7208)."""
        paths, file = self.organisation.outbound_paths, self.dns.file
        terms = [f"a:{name}" for name in file.gateway_hosts]
        terms += [f"a:{file.backup_host}"] if paths.secondary.spf == "pass" else []
        terms += [f"a:{file.server_host}"] if paths.direct.spf == "pass" else []
        return " ".join(("v=spf1", *terms, "-all"))

    def _serial(self, changes: int) -> int:
        """The date of the drill's start and the number of changes since (RFC 1912 section 2.2)."""
        day = datetime.fromtimestamp(self.starts_utc_ms / 1000, UTC)
        return int(f"{day:%Y%m%d}00") + changes


def _zone_of(name: str, domain: str) -> str:
    """The zone that contains a host of the lab: the organisation's, or that of the host's parent."""
    return domain if name == domain or name.endswith(f".{domain}") else name.partition(".")[2]


def _left_ms(ttl_ms: int, now_ms: int) -> int:
    """Remaining life of a record that never changes, in a busy cache that fetched it at the start."""
    return ttl_ms - now_ms % ttl_ms
