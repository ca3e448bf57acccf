"""Real resolvers asked for records that changed, against the rules at the same settings.

Each run in `runs/dns*.json` polled names of several kinds, changed them once, then killed the
authority for 40 s. `staleness` is first new answer − change, of each name. A rule is compared as a
distribution: the same polling is replayed through `dns.cache.ask` with the change at every phase.
The files `dns-*` and `dns2-*` come from two different set-ups; a run's poller waits for an answer, so
that in the dead spell its questions are some seconds apart.
"""

import json
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from sim.mail.dns.authority import DAWN_MS, Answer, Authority
from sim.mail.dns.cache import first_heard_ms
from sim.mail.dns.cache_policy import Kind
from sim.mail.dns.resolver import Resolver, load_resolver
from tests.shipped import FILES

RUNS = {
    path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "runs").glob("dns*"))
}
KINDS = {"bind9": "bind", "knot-resolver": "knot", "pdns-recursor": "powerdns"}
SETTINGS = {"default": {}, "forward": {}, "cache-rr-mx": {"cache-rr": "MX"}, "min20": {"cache-min-ttl": "20"}}
NEGATIVE = {"nx": (Kind.NXDOMAIN, 15_000), "nd": (Kind.NODATA, 15_000), "neg8": (Kind.NXDOMAIN, 8_000)}
"""The SOAs of the runs' zones: minimum 15 s, and 8 s for neg8."""

SLACK_MS = 300
CLOCK_MS = 1_000
"""Resolvers count TTLs in whole seconds of their own clock."""
TOLERANCE = 0.15
KOLMOGOROV_1_PERCENT = 1.63


def resolver_of(run: dict) -> Resolver:
    settings = run["settings"] if "settings" in run else SETTINGS[run["variant"]]
    return load_resolver(FILES, KINDS.get(run["software"], run["software"]), settings)


def changes() -> list[tuple[str, list, list[float]]]:
    return [
        (name, group, run["summary"][group[0]]["staleness"])
        for name, run in RUNS.items()
        for group in run["groups"]
        if "staleness" in run["summary"][group[0]]
    ]


def ident(value: object) -> str:
    """The run and the group in a test's name."""
    return (
        value
        if isinstance(value, str)
        else value[0]
        if isinstance(value, list) and isinstance(value[0], str)
        else ""
    )


def shares_expiry(run: dict, group: list) -> bool:
    return group[0] in NEGATIVE and resolver_of(run).policy.negatives_share_expiry


def stagger_ms(group: list) -> int:
    """The names of a group were first asked at even distances over one TTL (slow10: over one poll)."""
    if group[0] == "slow10":
        return round(group[4] * 1000)
    return NEGATIVE[group[0]][1] if group[2] is None else group[2] * 1000


def whole_cycles(run_name: str, group: list) -> bool:
    """Whether the names stand for every phase of their cycle; a stretched TTL is longer than the stagger."""
    run = RUNS[run_name]
    return max(expected_ms(run_name, group[0], 30)) <= 1.2 * stagger_ms(group) and not shares_expiry(
        run, group
    )


@cache
def expected_ms(run_name: str, group_name: str, phases: int = 150) -> tuple[int, ...]:
    """Staleness in the model for a change at each of many phases of the polled name's own rhythm."""
    run = RUNS[run_name]
    _, rrtype, ttl_s, _, poll_s = next(group for group in run["groups"] if group[0] == group_name)
    kind, ttl_ms = (
        NEGATIVE.get(group_name, (Kind.RECORD, 0)) if ttl_s is None else (Kind.RECORD, ttl_s * 1000)
    )
    policy, poll_ms = resolver_of(run).policy, round(poll_s * 1000)
    life = policy.lifetime(ttl_ms, rrtype, kind)
    cycle_ms = 2 * (max(life.renewed_ms, poll_ms) + 2 * poll_ms)
    found = []
    for step in range(phases):
        change = cycle_ms + cycle_ms * step // phases
        authority = Authority(
            (DAWN_MS, change), (Answer(kind, "old", ttl_ms), Answer(Kind.RECORD, "new", ttl_ms or 10_000))
        )
        heard = first_heard_ms(policy, authority, range(0, change + 2 * cycle_ms, poll_ms), "new", rrtype)
        assert heard is not None
        found.append(heard - change)
    return tuple(sorted(found))


@pytest.mark.parametrize(("run_name", "group", "staleness"), changes(), ids=ident)
def test_nobody_is_stale_for_longer_than_the_rule_says(
    run_name: str, group: list, staleness: list[float]
) -> None:
    longest = max(expected_ms(run_name, group[0]))
    assert max(staleness) * 1000 <= longest + SLACK_MS + (CLOCK_MS if longest > group[4] * 1000 else 0)
    assert min(staleness) >= -0.01
    assert RUNS[run_name]["summary"][group[0]].get("old_after_new", 0) == 0


@cache
def of_many_names() -> list[tuple[str, list, list[float]]]:
    """Changes that five names or more stand for, at every phase: the median of three says nothing."""
    return [c for c in changes() if len(c[2]) >= 5 and whole_cycles(c[0], c[1])]


def test_somebody_is_stale_for_nearly_as_long_as_the_rule_says() -> None:
    early = [
        (run_name, group[0])
        for run_name, group, staleness in of_many_names()
        if max(staleness) * 1000 < 0.5 * max(expected_ms(run_name, group[0])) - SLACK_MS
    ]
    assert early == []
    assert len(of_many_names()) > 100


def test_the_median_is_within_a_poll_interval_or_15_percent_of_a_life() -> None:
    off = []
    for run_name, group, staleness in of_many_names():
        model = expected_ms(run_name, group[0])
        # A handful of names at even distances: their median is off by up to half the distance of those that
        # fall into one cycle.
        spacing = max(model) / max(len(staleness) * min(max(model) / stagger_ms(group), 1), 1) / 2
        tolerance = max(group[4] * 1000, TOLERANCE * max(model)) + spacing
        if abs(median(staleness) * 1000 - median(model)) > tolerance:
            off.append((run_name, group[0]))
    assert off == []


@pytest.mark.parametrize("kind", ["bind", "dnsmasq", "knot", "powerdns", "systemd-resolved", "unbound"])
def test_all_values_of_a_resolver_follow_the_distributions_of_the_rules(kind: str) -> None:
    """Kolmogorov and Smirnov at 1 %, each value as its quantile in the model's own distribution."""
    quantiles = []
    for run_name, group, staleness in changes():
        run = RUNS[run_name]
        if resolver_of(run).id != kind or not whole_cycles(run_name, group):
            continue
        model = expected_ms(run_name, group[0])
        for value in staleness:
            below = sum(expected <= value * 1000 for expected in model)
            quantiles.append(below / len(model))
    quantiles.sort()
    count = len(quantiles)
    distance = max(max(q - i / count, (i + 1) / count - q) for i, q in enumerate(quantiles))
    assert count >= 25
    assert distance <= KOLMOGOROV_1_PERCENT / count**0.5


@pytest.mark.parametrize(
    ("run_name", "group", "staleness"),
    [c for c in changes() if shares_expiry(RUNS[c[0]], c[1])],
    ids=ident,
)
def test_negative_answers_of_a_zone_expire_together(
    run_name: str, group: list, staleness: list[float]
) -> None:
    assert max(staleness) - min(staleness) <= group[4] + SLACK_MS / 1000


def deaths() -> list[tuple[str, list, dict]]:
    return [
        (name, group, down)
        for name, run in RUNS.items()
        for group in run["groups"]
        for down in run["summary"][group[0]].get("down", ())
    ]


@pytest.mark.parametrize(("run_name", "group", "down"), deaths(), ids=ident)
def test_a_dead_authority(run_name: str, group: list, down: dict) -> None:
    """Cached answers to the end of their life, then failures; the return is noticed in the rule's window."""
    run = RUNS[run_name]
    resolver, dead_ms = resolver_of(run), round((run["t_auth_back"] - run["t_auth_killed"]) * 1000)
    life = resolver.policy.lifetime(group[2] * 1000, group[1])
    last_ms = round((down["last_good"] or 0) * 1000)
    stale_for = resolver.policy.stale.for_ms if life.usable_ms and not resolver.policy.stale.first else 0
    assert last_ms <= life.usable_ms + stale_for + SLACK_MS + CLOCK_MS
    if stale_for or resolver.policy.stale.for_ms > dead_ms:
        assert last_ms >= dead_ms - 1_000 * group[4] - CLOCK_MS
        return
    if down["failures"] == 0:
        assert life.usable_ms >= dead_ms - CLOCK_MS
        return
    asked_late_ms = round(1000 * max(group[4], run.get("clients_wait_s", 1.5)))
    failures = [last_ms + asked_late_ms * i // 20 for i in range(21)]
    windows = [resolver.backoff.answers_again_ms(failed, dead_ms) for failed in failures]
    back_ms = down["first_good_after_back"] * 1000
    assert min(early for early, _ in windows) - dead_ms - CLOCK_MS <= back_ms
    assert back_ms <= max(late for _, late in windows) - dead_ms + asked_late_ms + CLOCK_MS


@pytest.mark.parametrize(
    "run_name",
    [
        n
        for n, run in RUNS.items()
        if run["software"] == "unbound" and "serve-expired" not in run.get("settings", {})
    ],
)
def test_unbound_s_probes_are_one_chain_for_the_whole_server(run_name: str) -> None:
    """One first probe time-out of 12 to 24 s explains when all names of a run came back."""
    backoff, dead_ms = load_resolver(FILES, "unbound").backoff, 40_000
    downs = [d for n, g, d in deaths() if n == run_name and d["failures"]]
    first_failed_ms = round(1000 * min((d["last_good"] or 0) for d in downs)) + 500
    back = [1000 * d["first_good_after_back"] for d in downs]
    asked_late_ms = 5_500

    def explains(first_ms: int) -> bool:
        probe = backoff._next_probe_ms(first_ms, first_failed_ms, dead_ms)[0] - dead_ms
        return all(probe - CLOCK_MS <= seen <= probe + asked_late_ms for seen in back)

    assert any(explains(first) for first in range(12_000, 24_000, 100))


def polled_records() -> list[tuple[str, list, dict]]:
    return [
        (name, group, run["summary"][group[0]])
        for name, run in RUNS.items()
        for group in run["groups"]
        if group[0] in ("g10", "g30", "a10", "s60") and resolver_of(run).policy.caches(group[1], Kind.RECORD)
    ]


@pytest.mark.parametrize(("run_name", "group", "summary"), polled_records(), ids=ident)
def test_the_ttls_that_were_seen(run_name: str, group: list, summary: dict) -> None:
    """The highest is the TTL in force; the lowest shows the age at which a polled entry is renewed."""
    resolver = resolver_of(RUNS[run_name])
    life = resolver.policy.lifetime(group[2] * 1000, group[1])
    kept_ms = resolver.policy.ttl_ms(group[2] * 1000)
    if resolver.id == "dnsmasq":  # it hands the first answer on as it came
        assert summary["max_ttl"] == max(group[2], kept_ms // 1000) or summary["max_ttl"] * 1000 == kept_ms
    elif not resolver.policy.stale.first:
        assert summary["max_ttl"] * 1000 == kept_ms
    if group[0] != "s60" and not life.hidden_ms and not resolver.policy.stale.first:
        assert abs(summary["min_ttl"] * 1000 - (kept_ms - life.renewed_ms)) <= CLOCK_MS
