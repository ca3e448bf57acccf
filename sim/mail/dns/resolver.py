"""A DNS resolver: its numbers with their sources, and the caching rules that follow from them.

The engine, the oracle, the probe and the lists all use `load_resolver(files, id, settings)` and
`load_population(files, id)`.
"""

from collections.abc import Mapping

from sim.kernel.data_files import DataFiles
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import (
    CachePolicy,
    EntryLifetime,
    Kind,
)
from sim.mail.dns.caching_rules import Values, policies
from sim.mail.dns.dead_authority import Backoff
from sim.mail.dns.delegation import Delegation
from sim.mail.dns.resolver_file import Number, PopulationFile, PublicationFile, ResolverFile, Role
from sim.mail.dns.setting_notation import Value, parse_value
from sim.mail.dns.uptake import Part, Population
from sim.mail.platforms.platform import BadSetting


@frozen
class Resolver:
    """A resolver with settings in force.

    `file`: all known facts, with sources. `values`: each setting under the product's own name. `set_by_user`:
    the names of settings that the caller changed. `policies`: the caching rules; there is only one, except
    for a kind whose caches differ, where an equal number of caches follows each rule.
    """

    id: str
    name: str
    file: ResolverFile
    values: Mapping[str, Value]
    set_by_user: frozenset[str]
    policies: tuple[CachePolicy, ...]
    backoff: Backoff

    @property
    def policy(self) -> CachePolicy:
        """The caching rules; where caches differ, those of the middle one."""
        return self.policies[len(self.policies) // 2]

    def lives(self, ttl_ms: int, rrtype: str = "MX", kind: Kind = Kind.RECORD) -> Population:
        """The lifetimes of the resolver's cache entries for an answer with `ttl_ms`, as a population."""
        count = len(self.policies)
        cuts = [1_000_000 * i // count for i in range(count + 1)]
        return tuple(
            Part(cuts[i + 1] - cuts[i], policy.lifetime(ttl_ms, rrtype, kind))
            for i, policy in enumerate(self.policies)
        )


def resolver_ids(files: DataFiles) -> tuple[str, ...]:
    """The resolvers in `files`, sorted."""
    return files.ids("resolvers")


def population_ids(files: DataFiles) -> tuple[str, ...]:
    """The mixes of resolvers in `files`, sorted."""
    return files.ids("populations")


def read_resolver(files: DataFiles, resolver_id: str) -> ResolverFile:
    """The file of a resolver. Raises BadSetting for an unknown id, BadFile for a bad file."""
    if resolver_id not in resolver_ids(files):
        raise BadSetting(f"unknown resolver {resolver_id!r}; choose from {', '.join(resolver_ids(files))}")
    return files.read(f"resolvers/{resolver_id}.yaml", ResolverFile)


def read_population(files: DataFiles, population_id: str) -> PopulationFile:
    """The file of a mix of resolvers. Raises BadSetting for an unknown id."""
    if population_id not in population_ids(files):
        raise BadSetting(f"unknown mix {population_id!r}; choose from {', '.join(population_ids(files))}")
    file = files.read(f"populations/{population_id}.yaml", PopulationFile)
    for resolver_id in file.shares:
        read_resolver(files, resolver_id)
    return file


def read_publication(files: DataFiles) -> PublicationFile:
    """Delays of hosted DNS, secondaries and registries. Raises BadFile for a bad file."""
    return files.read("dns/publication.yaml", PublicationFile)


def delegation_of(files: DataFiles, child_ttl_ms: int) -> Delegation:
    """A domain's delegation: NS records of `child_ttl_ms` in the child, the usual TTL in the parent."""
    file = read_publication(files)
    parent = file.delegation["parent-ttl"].value
    return Delegation(
        EntryLifetime(parent, parent), EntryLifetime(child_ttl_ms, child_ttl_ms), file.child_centric.ppm
    )


def load_resolver(files: DataFiles, resolver_id: str, settings: Mapping[str, str] | None = None) -> Resolver:
    """The resolver with `settings` (the product's own names and notation) in force.

    Raises BadSetting with one line; BadFile if a shipped file is broken.
    """
    file = read_resolver(files, resolver_id)
    if not settings:
        return files.made(f"resolver {resolver_id}", lambda: _resolver(file, {}))
    return _resolver(file, settings)


def _resolver(file: ResolverFile, settings: Mapping[str, str]) -> Resolver:
    chosen = {canonical(file, name): text for name, text in settings.items()}
    values = {
        name: _parsed(file, name, chosen.get(name, str(setting.value)))
        for name, setting in file.settings.items()
    }
    by_role: dict[Role, Value] = {
        role: _unlimited(number, parse_value(number, str(number.value)))
        for role, number in file.fixed.items()
    }
    by_role |= {s.role: _unlimited(s, values[name]) for name, s in file.settings.items()}
    numbers = Values(by_role)
    backoff = _backoff(file, numbers)
    return Resolver(file.id, file.name, file, values, frozenset(chosen), policies(numbers), backoff)


def canonical(file: ResolverFile, name: str) -> str:
    """The setting's main name. Raises BadSetting, which lists the existing settings."""
    for first, setting in file.settings.items():
        if name == first or name in setting.also:
            return first
    known = ", ".join(file.settings)
    raise BadSetting(
        f"{file.id} has no setting {name!r}; "
        + (f"choose from {known}" if known else "it has no settings that you can change")
    )


def load_population(
    files: DataFiles, population_id: str, ttl_ms: int, rrtype: str = "MX", kind: Kind = Kind.RECORD
) -> Population:
    """The lifetimes of an answer with `ttl_ms` in a mix of resolvers, all with their default settings."""
    parts = []
    for resolver_id, share in read_population(files, population_id).shares.items():
        done = whole = 0
        for part in load_resolver(files, resolver_id).lives(ttl_ms, rrtype, kind):
            whole += part.ppm
            parts.append(Part(share.ppm * whole // 1_000_000 - done, part.life))
            done = share.ppm * whole // 1_000_000
    return tuple(parts)


def _parsed(file: ResolverFile, name: str, text: str) -> Value:
    try:
        return parse_value(file.settings[name], text)
    except ValueError as error:
        raise BadSetting(f"{name}: {error}") from None


def _unlimited(number: Number, value: Value) -> Value:
    return NEVER_MS if number.zero_is_off and value == 0 else value


def _backoff(file: ResolverFile, numbers: Values) -> Backoff:
    return Backoff(
        file.dead_authority.value,
        slack_ms=numbers.ms("slack"),
        rest_ms=numbers.ms("rest"),
        probe_ms=numbers.ms("probe"),
        settle_ms=numbers.ms("settle"),
        down_ms=numbers.ms("down"),
        host_ms=numbers.ms("host"),
    )
