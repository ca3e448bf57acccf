"""`probe dns`: how long old answers last after a change, for one kind of resolver or a mix of them.

Percentiles and curves are closed forms (`stale_share`). With `draws`, the percentiles come from that many
caches drawn with the seed, as in a measurement of that size. Integer milliseconds.
"""

from collections.abc import Mapping
from dataclasses import field

import numpy as np

from sim.kernel.data_files import DataFiles
from sim.kernel.frozen import frozen
from sim.mail.dns import stale_share as renewal
from sim.mail.dns import uptake
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.random_waits import stale_ms
from sim.mail.dns.resolver import (
    Resolver,
    load_population,
    load_resolver,
    population_ids,
    read_population,
    resolver_ids,
)
from sim.mail.dns.resolver_file import PopulationFile
from sim.mail.dns.uptake import Population
from sim.mail.platforms.platform import BadSetting

CURVE_STEPS = 20
MOST_DRAWS = 1_000_000
FAILURES_COMPARED = 64
PERCENTILES = {"p50": 50, "p95": 95, "max": 100}


@frozen
class Question:
    """The question. Times in ms.

    `gap_ms`: mean time between queries for the name, 0 for busy. `was`: the kind of the old answer.
    `flush_ms`: when the public flush page is used. `lowered`: (old TTL, time before the change at which it
    was lowered to `ttl_ms`). `dead_ms`: how long the authority is dead; None: only the change is computed.
    """

    resolver: str = "mix"
    ttl_ms: int = 3_600_000
    settings: Mapping[str, str] = field(default_factory=dict)
    gap_ms: int = 0
    rrtype: str = "MX"
    was: Kind = Kind.RECORD
    flush_ms: int | None = None
    lowered: tuple[int, int] | None = None
    dead_ms: int | None = None
    draws: int = 0
    seed: int = 1


@frozen
class DeadAuthority:
    """Effects of the authority's failure. `last_ms`: time after the failure at which the last cache of a
    busy name still answers; `again_ms`: the earliest and latest first good answer of caches whose entry
    expired during the failure. `stale`: True if expired answers are given; `unexpired_ms`: the time at
    which the last answer has expired. Neither `last_ms` nor `unexpired_ms` is after the recovery.
    """

    unexpired_ms: int
    last_ms: int
    again_ms: tuple[int, int]
    stale: bool


@frozen
class DnsProbe:
    """The answer. `curve`: (time, share of caches that would still give the old answer) pairs."""

    question: Question
    resolvers: tuple[Resolver, ...]
    population: Population
    stale_ms: Mapping[str, int]
    curve: tuple[tuple[int, float], ...]
    dead: DeadAuthority | None
    mix: PopulationFile | None
    """The mix of resolvers that the question is about; None if it is about a single resolver."""


def probe(files: DataFiles, question: Question) -> DnsProbe:
    """Compute the answer. Raises BadSetting with one line for names, values or combinations that do not
    exist.
    """
    resolvers, population = _who(files, question)
    _check(files, question, resolvers)
    curve = _Curve(question, population, _before(files, question))
    return DnsProbe(
        question,
        resolvers,
        population,
        _percentiles(question, population, curve),
        curve.points(),
        _dead(question, resolvers) if question.dead_ms is not None else None,
        _mix(files, question),
    )


def _mix(files: DataFiles, question: Question) -> PopulationFile | None:
    """The mix of resolvers in the question; None if it is about one resolver."""
    mixed = question.resolver in population_ids(files)
    return read_population(files, question.resolver) if mixed else None


def _who(files: DataFiles, question: Question) -> tuple[tuple[Resolver, ...], Population]:
    if question.resolver in population_ids(files):
        if question.settings:
            raise BadSetting(
                f"{question.resolver} does not take --set; choose a single resolver with --resolver"
            )
        kinds = tuple(load_resolver(files, resolver_id) for resolver_id in resolver_ids(files))
        return kinds, load_population(
            files, question.resolver, question.ttl_ms, question.rrtype, question.was
        )
    if question.resolver not in resolver_ids(files):
        known = ", ".join((*resolver_ids(files), *population_ids(files)))
        raise BadSetting(f"unknown resolver {question.resolver!r}; choose from {known}")
    resolver = load_resolver(files, question.resolver, question.settings)
    return (resolver,), resolver.lives(question.ttl_ms, question.rrtype, question.was)


def _check(files: DataFiles, question: Question, resolvers: tuple[Resolver, ...]) -> None:
    if question.flush_ms is not None and (len(resolvers) > 1 or resolvers[0].file.flush_page is None):
        pages = ", ".join(r for r in resolver_ids(files) if load_resolver(files, r).file.flush_page)
        raise BadSetting(f"{question.resolver} has no public flush page; these do: {pages}")
    if question.lowered and (question.gap_ms or question.draws or question.was is not Kind.RECORD):
        raise BadSetting(
            "a lowered TTL is computed only for busy names with a record; leave out --rate, --was and --draws"
        )
    if question.dead_ms is not None and len(resolvers) > 1:
        raise BadSetting(
            "a dead authority can be computed only for a single resolver; choose it with --resolver"
        )


class _Curve:
    """The share of caches with the old answer over time, under all conditions of the question."""

    def __init__(self, question: Question, population: Population, before: Population | None) -> None:
        self.question, self.population, self.before = question, population, before
        self.longest_ms = _end_ms(population, question.gap_ms)
        if self.before:
            self.longest_ms = max(self.longest_ms, uptake.longest_ms(self.before) - self._lead_ms)
        if question.flush_ms is not None:
            self.longest_ms = min(self.longest_ms, question.flush_ms)

    @property
    def _lead_ms(self) -> int:
        return self.question.lowered[1] if self.question.lowered else 0

    def share(self, t_ms: int) -> float:
        if self.question.flush_ms is not None and t_ms >= self.question.flush_ms:
            return 0.0
        if not self.before:
            return uptake.share_old(self.population, t_ms, self.question.gap_ms)
        pairs = zip(self.before, self.population, strict=True)
        parts = ((old.ppm, renewal.Lowering(old.life, new.life, self._lead_ms)) for old, new in pairs)
        return sum(ppm * lowering.share_old(t_ms) for ppm, lowering in parts) / 1_000_000

    def points(self) -> tuple[tuple[int, float], ...]:
        """Times for the curve: even steps over the life of the entry in most caches, then ever longer
        steps to the end.
        """
        usual = max(self.population, key=lambda part: part.ppm).life.renewed_ms
        span = min(self.longest_ms, max(self.question.ttl_ms, usual) or self.longest_ms)
        times = {span * i // CURVE_STEPS for i in range(CURVE_STEPS + 1)}
        while span < self.longest_ms:
            span = min(max(span * 3 // 2, span + 1), self.longest_ms)
            times.add(span)
        return tuple((t, round(self.share(t), 6)) for t in sorted(times))


def _end_ms(population: Population, gap_ms: int) -> int:
    """The end of the curve: the time at which no old answer is left, or less than 10^-8 of all answers are
    old.
    """
    latest = uptake.longest_ms(population, gap_ms)
    return min(latest, uptake.longest_ms(population) + 20 * gap_ms) if gap_ms else latest


def _before(files: DataFiles, question: Question) -> Population | None:
    if question.lowered is None:
        return None
    old = Question(question.resolver, question.lowered[0], question.settings, rrtype=question.rrtype)
    return _who(files, old)[1]


def _percentiles(question: Question, population: Population, curve: _Curve) -> dict[str, int]:
    if question.draws:
        drawn = np.sort(stale_ms(population, question.gap_ms, question.seed, question.draws))
        if question.flush_ms is not None:
            drawn = np.minimum(drawn, question.flush_ms)
        ranks = {name: -(-percent * question.draws // 100) for name, percent in PERCENTILES.items()}
        return {name: int(drawn[rank - 1]) for name, rank in ranks.items()}
    if curve.before:
        return {
            name: uptake.first_at_most(curve.share, 1 - percent / 100, curve.longest_ms)
            for name, percent in PERCENTILES.items()
        }
    found = {
        name: uptake.unmoved_percentile_ms(population, percent, question.gap_ms)
        for name, percent in PERCENTILES.items()
    }
    if question.flush_ms is not None:
        return {name: min(value, question.flush_ms) for name, value in found.items()}
    return found


def _dead(question: Question, resolvers: tuple[Resolver, ...]) -> DeadAuthority:
    """A busy name whose authority dies at 0 and is back after `dead_ms`.

    When the authority dies, the entry may have any remaining life. Therefore the first failure, from which a
    resolver's back-off is counted, may be at any time from that moment to a whole lifetime later.
    """
    (resolver,) = resolvers
    back = question.dead_ms or 0
    stale = resolver.policy.stale
    lives = resolver.lives(question.ttl_ms, question.rrtype, question.was)
    kept = max(part.life.usable_ms for part in lives)
    unexpired = kept - (stale.for_ms if kept and stale.first else 0)
    last = unexpired + (stale.for_ms if kept else 0)
    latest_failure = min(kept, max(back - 1, 0))
    failures = {latest_failure * i // FAILURES_COMPARED for i in range(FAILURES_COMPARED + 1)}
    windows = [resolver.backoff.answers_again_ms(failed, back) for failed in failures]
    again = min(early for early, _ in windows), max(late for _, late in windows)
    if stale.for_ms and kept:
        again = again[0], again[1] + stale.recheck_ms
    return DeadAuthority(min(unexpired, back), min(last, back), again, stale.for_ms > 0 and kept > 0)
