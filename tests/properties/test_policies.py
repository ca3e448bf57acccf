"""What senders that honour MTA-STS make of a zone's changes, against one that looks by the RFC's rules."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.mail.dns.mta_sts import Cached, Mode, Policy, Published, look_up
from sim.mail.platforms.platform import load_platform
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY
from sim.mail.routes.zone import StsSpec, Zone, ZoneSpec
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.mx_routes import Version
from tests.examples import examples
from tests.shipped import FILES

ROUTES = (GATEWAY, (BACKUP,), (*GATEWAY, BACKUP), (BACKUP, *GATEWAY), (DIRECT,))
ALWAYS_MS = 1 << 50


@dataclass(frozen=True)
class Change:
    """The record, the policy or the id becomes another at `at_ms`; `hosts` of the first two."""

    at_ms: int
    what: str
    hosts: tuple[str, ...]
    ttl_ms: int


@cache
def who() -> CorrespondentTable:
    platforms = tuple(load_platform(FILES, name) for name in ("gmail", "exchange-online", "mailgun"))
    return CorrespondentTable(3, platforms, (40, 40, 20), (20, 20, 10), 1)


def changed(changes: list[Change]) -> Zone:
    sts = StsSpec(("gmail", "exchange-online"), HOUR_MS)
    zone = Zone(FILES, 3, who(), ZoneSpec(GATEWAY, HOUR_MS, sts=sts))
    for change in changes:
        if change.what == "record":
            zone.publish(change.at_ms, change.hosts, change.ttl_ms)
        elif change.what == "policy":
            zone.serve_policy(change.at_ms, change.hosts)
        else:
            zone.change_id(change.at_ms)
    return zone


def policy(hosts: tuple[str, ...]) -> Policy:
    return Policy(Mode.ENFORCE, hosts, 2 * ALWAYS_MS)


def by_one_sender(
    changes: list[Change], records_ms: list[int], ids_ms: list[int], *, honours: bool
) -> dict[int, tuple[str, ...] | str]:
    """What it uses from each moment on at which its resolver tells it something new.

    `records_ms`, `ids_ms`: when it is first told each version or a later one.
    """
    routes = [GATEWAY, *(change.hosts for change in changes if change.what == "record")]
    served = [(-ALWAYS_MS, GATEWAY), *((c.at_ms, c.hosts) for c in changes if c.what == "policy")]
    cached: Cached | None = Cached(policy(GATEWAY), "0", -ALWAYS_MS)
    uses: dict[int, tuple[str, ...] | str] = {}
    for now_ms in sorted({0, *(t for t in (*records_ms, *ids_ms) if 0 <= t < NEVER_MS)}):
        route = routes[max(n for n, t in enumerate(records_ms) if t <= now_ms)]
        newest = max(n for n, t in enumerate(ids_ms) if t <= now_ms)
        assert cached is not None
        now_served = [hosts for t, hosts in served if t <= now_ms][-1]
        cached = look_up(cached, Published(str(newest), policy(now_served)), now_ms)
        assert cached is not None
        some = tuple(host for host in route if cached.policy.names(host))
        uses[now_ms] = (some or "servfail") if honours else route
    return uses


def of_the_zone(zone: Zone, sender: int, moments_ms: list[int]) -> dict[int, tuple[str, ...] | str]:
    """The same by the zone's versions: the one that came last, of equals the later listed."""
    return _used(zone.versions(), sender, moments_ms)


def _used(versions: list[Version], sender: int, moments_ms: list[int]) -> dict[int, tuple[str, ...] | str]:
    found = [(max(int(from_ms[sender]), 0), n) for n, (_, from_ms) in enumerate(versions)]
    return {now_ms: versions[max(one for one in found if one[0] <= now_ms)[1]][0] for now_ms in moments_ms}


@st.composite
def plans(draw: st.DrawFn) -> list[Change]:
    whats = draw(st.lists(st.sampled_from(["record", "record", "policy", "id"]), min_size=1, max_size=9))
    gaps_ms = st.sampled_from([0, 1, MINUTE_MS, 11 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS])
    changes, now_ms = [], MINUTE_MS
    for what in whats:
        now_ms += draw(gaps_ms) + 1
        hosts, ttl_ms = draw(st.sampled_from(ROUTES)), draw(st.sampled_from([MINUTE_MS, HOUR_MS]))
        changes.append(Change(now_ms, what, hosts, ttl_ms))
    return changes


@examples(25)
@given(plans())
def test_every_sender_uses_what_one_that_looks_by_the_rules_may_use(changes: list[Change]) -> None:
    zone = changed(changes)
    records: list[I64] = [zone._view.used_from_ms(n) for n in range(len(zone.routes))]
    ids: list[I64] = [zone._ids.used_from_ms(n) for n in range(zone._ids.version + 1)]
    for sender in range(0, len(who()), 3):
        honours = who().platform_of(sender).id != "mailgun"
        told = [[int(t[sender]) for t in versions] for versions in (records, ids)]
        expected = by_one_sender(changes, *told, honours=honours)
        assert of_the_zone(zone, sender, list(expected)) == expected


@examples(12)
@given(plans())
def test_most_senders_are_shut_out_when_those_without_a_host_send_half_of_the_mail(
    changes: list[Change],
) -> None:
    zone = changed(changes)
    senders = [n for n in range(len(who())) if who().platform_of(n).id != "mailgun"]
    weights, versions = who().weights(), zone.versions()
    moments = sorted({max(int(t), 0) for _, from_ms in versions for t in from_ms if t < NEVER_MS})[::3]
    uses = {n: _used(versions, n, moments) for n in senders}
    periods = zone.shut_out()
    for now_ms in moments:
        out = sum(int(weights[n]) for n in senders if uses[n][now_ms] == "servfail")
        expected = 2 * out >= sum(int(weights[n]) for n in senders)
        within = any(a <= now_ms and (b is None or now_ms < b) for a, b in periods)
        assert within == expected, now_ms


def test_nobody_is_shut_out_by_a_policy_that_nobody_honours() -> None:
    zone = Zone(FILES, 3, who(), ZoneSpec(GATEWAY, HOUR_MS, sts=StsSpec((), HOUR_MS)))
    zone.serve_policy(MINUTE_MS, (BACKUP,))
    zone.change_id(2 * MINUTE_MS)
    assert zone.shut_out() == []


@examples(12)
@given(plans(), st.integers(0, 8))
def test_a_later_change_alters_nothing_before_it(changes: list[Change], count: int) -> None:
    """What senders have met is past."""
    some = changes[: count + 1]
    before, after = changed(some), changed(changes)
    until_ms = changes[len(some)].at_ms if len(some) < len(changes) else 10 * HOUR_MS
    moments = {int(t) for _, from_ms in before.versions() for t in from_ms if 0 <= t < until_ms}
    for sender in range(0, len(who()), 7):
        assert of_the_zone(before, sender, sorted(moments)) == of_the_zone(after, sender, sorted(moments))


def way_back(*, policy_first: bool) -> int:
    """When nine tenths of the mail goes by the gateway again: the policy named the backup alone."""
    out = [Change(MINUTE_MS, "policy", (BACKUP,), 0), Change(2 * MINUTE_MS, "id", (), 0)]
    out.append(Change(3 * MINUTE_MS, "record", (BACKUP,), 5 * MINUTE_MS))
    back = [Change(30 * HOUR_MS, "policy", GATEWAY, 0), Change(30 * HOUR_MS + 1, "id", (), 0)]
    home = Change(32 * HOUR_MS, "record", GATEWAY, HOUR_MS)
    return changed([*out, *(back if policy_first else []), home]).moved_at_ms(900)


def test_who_comes_home_without_naming_the_gateway_again_is_not_let_in() -> None:
    assert way_back(policy_first=True) <= 34 * HOUR_MS
    assert way_back(policy_first=False) == NEVER_MS


def test_what_is_left_by_the_policy_that_a_sender_has_is_used() -> None:
    """The policy names the backup alone by now: of gateway and backup only the backup is used."""
    changes = [
        Change(MINUTE_MS, "policy", (BACKUP,), 0), Change(2 * MINUTE_MS, "id", (), 0),
        Change(3 * MINUTE_MS, "record", (BACKUP,), 5 * MINUTE_MS),
        Change(30 * HOUR_MS, "record", (*GATEWAY, BACKUP), 5 * MINUTE_MS),
    ]  # fmt: skip
    zone = changed(changes)
    quick = np.flatnonzero(zone._view.used_from_ms(2) < 31 * HOUR_MS).tolist()
    honour = [n for n in quick if who().platform_of(n).id != "mailgun"]
    assert len(honour) > 10
    assert {of_the_zone(zone, n, [40 * HOUR_MS])[40 * HOUR_MS] for n in honour} == {(BACKUP,)}


def test_a_policy_is_served_from_its_own_millisecond_on() -> None:
    zone = Zone(FILES, 3, who(), ZoneSpec(GATEWAY, HOUR_MS, sts=StsSpec(("gmail",), HOUR_MS)))
    zone.serve_policy(1_000, ROUTES[0])
    assert zone._served(np.array([0, 999, 1_000, 1_001], dtype=np.int64)).tolist() == [0, 0, 1, 1]
