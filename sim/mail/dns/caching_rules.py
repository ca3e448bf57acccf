"""The caching rules that follow from a resolver's numbers."""

from collections.abc import Mapping

from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import (
    CachePolicy,
    Prefetch,
    ServeStale,
)
from sim.mail.dns.resolver_file import Role
from sim.mail.dns.setting_notation import Value

STRETCH_STEPS = 64
"""Number of equal classes into which resolvers that stretch TTLs are divided, by the factor that they
apply.
"""


@frozen
class Values:
    """A resolver's numbers by role; None if the product does not have such a number."""

    by_role: Mapping[Role, Value]

    def ms(self, role: Role, default: int = 0) -> int:
        """The number as a time in ms."""
        value = self.by_role.get(role)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def on(self, role: Role, default: bool = False) -> bool:
        """The number as a switch; a count or a time is on if it is not 0."""
        value = self.by_role.get(role)
        return bool(value) if isinstance(value, bool | int) else default


def policies(numbers: Values) -> tuple[CachePolicy, ...]:
    """The caching rules that follow from a resolver's numbers: one, or one for each class of TTL
    stretching.
    """
    table = numbers.by_role.get("stretch_factor")
    plain = _policy(numbers, 1_000)
    if not isinstance(table, tuple):
        return (plain,)
    return tuple(
        _policy(numbers, _between(table, 2 * i + 1, 2 * STRETCH_STEPS)) for i in range(STRETCH_STEPS)
    )


def _between(table: tuple[int, ...] | frozenset[str], part: int, whole: int) -> int:
    """The quantile part / whole, from a table of equally spaced quantiles, interpolated in integers."""
    points = [int(point) for point in table]
    index, rest = divmod(part * (len(points) - 1), whole)
    return points[index] + (points[index + 1] - points[index]) * rest // whole


def _policy(numbers: Values, stretch_permille: int) -> CachePolicy:
    max_ttl = max(numbers.ms("max_ttl", NEVER_MS), numbers.ms("max_ttl_floor"))
    if numbers.on("stub"):
        max_ttl = min(max_ttl, numbers.ms("stub_max_ttl", NEVER_MS))
    min_ttl = min(numbers.ms("min_ttl"), numbers.ms("min_ttl_cap", NEVER_MS))
    min_negative = min(numbers.ms("min_negative"), numbers.ms("min_negative_cap", NEVER_MS))
    if numbers.on("min_ttl_of_negatives") and not min_negative:
        min_negative = min_ttl
    max_negative = numbers.ms("max_negative", NEVER_MS)
    if numbers.on("max_ttl_of_negatives", True):
        max_negative = min(max_negative, max_ttl)
    mode = numbers.by_role.get("cache_mode", "yes")
    prefetch, stale = _prefetch(numbers), _stale(numbers)
    ahead = prefetch.negatives or stale.first
    types = numbers.by_role.get("cached_types")
    return CachePolicy(
        max_ttl_ms=max_ttl,
        min_ttl_ms=min_ttl,
        max_negative_ms=max_negative,
        min_negative_ms=min_negative,
        cached_types=frozenset() if mode == "no" else _types(types),
        caches_negatives=mode == "yes" and not numbers.on("no_negatives"),
        negatives_share_expiry=numbers.on("negatives_share_expiry") and not ahead,
        prefetch=prefetch,
        stale=stale,
        stretch_permille=stretch_permille,
        stretch_cap_ms=numbers.ms("stretch_cap", NEVER_MS),
    )


def _types(types: Value | None) -> frozenset[str] | None:
    """The types A, AAAA, CNAME and SRV, and the types in the setting, if there is such a setting."""
    if not isinstance(types, frozenset) or "ANY" in types:
        return None
    return types | {"A", "AAAA", "CNAME", "SRV"}


def _prefetch(numbers: Values) -> Prefetch:
    window = numbers.by_role.get("prefetch_window")
    negatives = numbers.on("prefetch_negatives")
    if isinstance(window, tuple):
        return Prefetch(trigger_ms=window[0], eligible_ms=window[1], negatives=negatives and window[0] > 0)
    percent = numbers.ms("prefetch_percent") if numbers.on("prefetch", True) else 0
    hidden = numbers.on("prefetch_hidden")
    return Prefetch(percent=percent, negatives=negatives and percent > 0, hidden=hidden)


def _stale(numbers: Values) -> ServeStale:
    span = numbers.by_role.get("stale_span", False)
    kept_ms = numbers.ms("stale_for")
    if "stale_steps" in numbers.by_role:
        kept_ms = numbers.ms("stale_steps") * numbers.ms("stale_step")
        on = kept_ms > 0
    elif span is False:
        on = numbers.on("stale") and numbers.on("stale_kept", True)
    else:
        on = True
        if span is not True:
            kept_ms = numbers.ms("stale_span") or NEVER_MS
    wait_ms = numbers.ms("stale_wait", 0)
    choice = numbers.by_role.get("stale_first", False)
    first = choice is True or choice == "0" or ("stale_wait" in numbers.by_role and wait_ms == 0)
    return ServeStale(
        for_ms=kept_ms if on else 0,
        first=on and first,
        wait_ms=wait_ms,
        reply_ttl_ms=numbers.ms("stale_reply_ttl", 30_000),
        reply_capped=numbers.on("stale_reply_capped"),
        recheck_ms=numbers.ms("stale_recheck"),
    )
