"""The texts of `probe dns`, namely sources, assumptions and remarks; and its JSON."""

from typing import Any

from sim.kernel.duration import NEVER_MS
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.resolver import Resolver, canonical
from sim.mail.dns.resolver_file import Number, ResolverFile
from sim.mail.platforms.platform_file import Sourced
from sim.mail.probes.dns import PERCENTILES, DnsProbe

ASIDE = {
    "dead": {
        "slack", "rest", "probe", "settle", "down", "host", "stale_recheck", "stale_reply_ttl", "stale_wait",
        "stale_reply_capped",
    },
    "negative": {
        "max_negative", "min_negative", "min_negative_cap", "max_ttl_of_negatives", "min_ttl_of_negatives",
        "negatives_share_expiry", "no_negatives", "prefetch_negatives",
    },
}  # fmt: skip
"""Settings that matter only if the question is about an authority that is down, or about negative answers."""


def as_json(probe: DnsProbe) -> dict[str, Any]:
    """The fields of `probe dns --json`; times are in seconds after the change."""
    question = probe.question
    lives = [part.life for part in probe.population if part.ppm]
    longest = max(life.renewed_ms + life.hidden_ms for life in lives)
    found: dict[str, Any] = {
        "resolver": question.resolver,
        "ttl_s": seconds(question.ttl_ms),
        "type": question.rrtype,
        "was": question.was.value,
        "rate_per_s": round(1000 / question.gap_ms, 9) if question.gap_ms else None,
        "life_s": [seconds(min(life.renewed_ms for life in lives)), seconds(longest)],
        "stale_s": {name: seconds(probe.stale_ms[name]) for name in PERCENTILES},
        "curve": [[seconds(t), share] for t, share in probe.curve],
        "sources": sources(probe),
        "settings": settings(probe),
        "assumed": assumed(probe),
        "remarks": remarks(probe),
    }
    if question.draws:
        found |= {"draws": question.draws, "seed": question.seed}
    if probe.dead and question.dead_ms is not None:
        early, late = probe.dead.again_ms
        found["dead_authority"] = {
            "for_s": seconds(question.dead_ms),
            "last_answer_s": seconds(probe.dead.last_ms),
            "answers_again_s": [seconds(early - question.dead_ms), seconds(late - question.dead_ms)],
            "old_answers_meanwhile": probe.dead.stale,
        }
    return found


def seconds(time_ms: int) -> float | int:
    """A time in seconds; whole seconds are written without a decimal point."""
    return time_ms // 1000 if time_ms % 1000 == 0 else time_ms / 1000


def settings(probe: DnsProbe) -> dict[str, str]:
    """Every setting in force, in the product's notation; none for a mix."""
    if len(probe.resolvers) > 1:
        return {}
    (resolver,) = probe.resolvers
    given = {canonical(resolver.file, name): text for name, text in probe.question.settings.items()}
    return {name: given.get(name, str(setting.value)) for name, setting in resolver.file.settings.items()}


def sources(probe: DnsProbe) -> list[str]:
    """`confidence: title, address` of each source of a number used in the answer."""
    lines: dict[str, None] = {}
    for resolver in probe.resolvers:
        for name, fact in _used(probe, resolver):
            if name not in resolver.set_by_user:
                lines[_cite(resolver.file, fact)] = None
    if probe.mix is not None:
        for share in probe.mix.shares.values():
            source = probe.mix.sources[share.source]
            lines[f"{share.confidence}: {source.title}" + (f", {source.url}" if source.url else "")] = None
    lines["rfc: RFC 2308 §5 and RFC 1035 §3.2.1, https://www.rfc-editor.org/rfc/rfc2308"] = None
    return list(lines)


def _cite(file: ResolverFile, fact: Sourced) -> str:
    source = file.sources[fact.source]
    return f"{fact.confidence}: {source.title}" + (f", {source.url}" if source.url else "")


def _used(probe: DnsProbe, resolver: Resolver) -> list[tuple[str, Sourced]]:
    """The numbers that were used. Numbers for negative answers or a dead authority are listed only if the
    question is about them.
    """
    aside = set[str]()
    if probe.question.was is Kind.RECORD:
        aside |= ASIDE["negative"]
    if probe.dead is None:
        aside |= ASIDE["dead"] | {"dead_authority"}
    if probe.question.flush_ms is None:
        aside.add("flush_page")
    roles = {name: setting.role for name, setting in resolver.file.settings.items()}
    return [
        (name, fact)
        for name, fact in resolver.file.facts().items()
        if name not in aside and roles.get(name) not in aside
    ]


def assumed(probe: DnsProbe) -> list[str]:
    """The parts of the answer that are neither published nor measured."""
    found = [
        f"{resolver.id}: {_says(name, fact)}"
        for resolver in probe.resolvers
        for name, fact in _used(probe, resolver)
        if fact.confidence == "assumed" and name not in resolver.set_by_user
    ]
    if probe.mix is not None:
        guessed = sum(share.ppm for share in probe.mix.shares.values() if share.confidence == "assumed")
        found.insert(0, f"choice of resolver: {guessed / 10_000:g} % of the mix")
    return found


def _says(name: str, fact: Sourced) -> str:
    return fact.means if isinstance(fact, Number) else name.replace("_", " ")


def remarks(probe: DnsProbe) -> list[str]:
    """Remarks without which the answer might be misread."""
    question, found = probe.question, []
    for resolver in probe.resolvers if len(probe.resolvers) == 1 else ():
        policy = resolver.policy
        if not policy.caches(question.rrtype, question.was):
            found.append(f"{resolver.id} does not cache this answer: the next query gets the new answer")
        elif question.was.negative and policy.negatives_share_expiry:
            found.append("negative answers of one zone expire together, so all names change at once")
        kept = policy.ttl_ms(question.ttl_ms)
        if question.was is Kind.RECORD and len(resolver.policies) == 1 and kept != question.ttl_ms:
            way = "stretches" if kept > question.ttl_ms else "cuts"
            found.append(f"{resolver.id} {way} a TTL of {seconds(question.ttl_ms)} s to {seconds(kept)} s")
        if policy.prefetch.hidden and policy.prefetch.percent:
            found.append("prefetched answers stay hidden behind the packet cache until the old TTL ends")
        if policy.stale.first and policy.stale.for_ms >= NEVER_MS:
            found.append(
                "without a limit on expired answers, a rarely queried name may get the old answer for weeks"
            )
    if question.gap_ms:
        found.append(
            "queries arrive at random, so the wait has no upper bound; 1 of 10,000 caches exceeds max"
        )
        found.append(
            "a cache without an answer at the change counts as 0; the curve shows the share of old answers"
        )
    if question.lowered:
        found.append("the lower TTL takes full effect only after the old TTL has passed")
    return found
