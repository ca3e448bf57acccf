"""Senders with a timer for each message, as columns, against a process for each message: fate, time, host,
hosts tried and cause of every message, and what was tried so far at every cut.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.kernel.duration import NEVER_MS
from sim.mail.platforms.platform import load_platform, platform_ids
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.timers.answers import CAUSES
from sim.mail.senders.timers.schedule import FAILURES, LOOKUPS, has_schedule
from sim.mail.senders.timers.timers import Timers
from tests.examples import examples
from tests.oracle import destination as oracle
from tests.oracle.clockwork import Clockwork, Rank
from tests.oracle.message import Message
from tests.oracle.sender import Waiting
from tests.oracle.senders import World, sender_of
from tests.shipped import FILES

MINUTE, HOUR = 60_000, 3_600_000
OWN_TIMERS = tuple(name for name in platform_ids(FILES) if has_schedule(load_platform(FILES, name)))
SEED, LATER = 20260503, 1 << 40
Spells = Sequence[tuple[int, Any]]


def test_the_platforms_that_ship_with_a_timer_for_each_message() -> None:
    assert set(OWN_TIMERS) == {
        "amazon-ses", "application", "broadcom", "exchange-online", "gmail", "mailgun", "mimecast",
        "proofpoint-essentials", "protonmail", "rfc5321", "sendgrid", "sparkpost",
    }  # fmt: skip


# ---------------------------------------------------------------- one world, played by both


@dataclass(frozen=True)
class Organisation:
    """`mail`: (arrival_ms, id), ascending. `routes`: (from_ms, what its resolver says), the first from 0."""

    platform: str
    settings: dict[str, str]
    mail: tuple[tuple[int, int], ...]
    routes: tuple[tuple[int, tuple[str, ...] | str], ...]
    lookup_ms: int = 0


@dataclass(frozen=True)
class Given:
    """`hosts`: by name, (from_ms, Behaviour), the first from 0. `cuts`: (moment, how far is looked ahead)."""

    organisations: tuple[Organisation, ...]
    hosts: dict[str, tuple[tuple[int, Behaviour], ...]]
    until_ms: int
    cuts: tuple[tuple[int, int], ...] = ()
    foreseen: frozenset[str] = frozenset()
    """Hosts whose whole future is known from the beginning."""


@dataclass(frozen=True)
class Fate:
    time_ms: int
    host: str
    tries: int
    cause: str


def as_the_oracle_has_it(behaviour: Behaviour) -> Any:
    if behaviour.per_mille == 1000 or behaviour.answer == "up":
        return behaviour.answer
    return oracle.Partly(behaviour.answer, behaviour.per_mille, SEED)


def told_by_processes(given: Given) -> tuple[dict[int, Fate], dict[int, list[int]]]:
    """Each message's fate, and when which host was tried for it."""
    fates: dict[int, Fate] = {}
    tried: dict[int, list[int]] = {}
    for org in given.organisations:
        hosts = [
            oracle.Host(name, oracle.Timeline(tuple((t, as_the_oracle_has_it(b)) for t, b in spells)))
            for name, spells in given.hosts.items()
        ]
        resolver = oracle.Resolver(oracle.Timeline(org.routes), org.lookup_ms)
        platform, env = load_platform(FILES, org.platform, org.settings), Clockwork()
        sender = sender_of(env, World(platform, [], hosts, resolver, given.until_ms))
        causes: dict[int, str] = {}
        bounce = sender.bounce

        def bounced(message: Message, cause: str, bounce: Any = bounce, causes: Any = causes) -> None:
            causes[message.id] = cause
            bounce(message, cause)

        def arrivals(env: Clockwork = env, sender: Any = sender, mail: Any = org.mail) -> Waiting:
            for arrival_ms, number in mail:
                yield env.until(arrival_ms, Rank.ATTEMPT, number)
                sender.accept(Message(number, arrival_ms))

        sender.bounce = bounced  # type: ignore[method-assign]
        env.process(arrivals())
        env.run(until=env.until(given.until_ms, Rank.CHANGE))
        for message in sender.queue:
            tried[message.id] = [t for t, _ in message.attempts]
            if message.ended_ms is not None:
                cause = causes.get(message.id, "up") or "up"
                fates[message.id] = Fate(message.ended_ms, message.host, len(message.attempts), cause)
    return fates, tried


class Columns:
    """The same world by `Timers`: changes when they come, cut where `Given` says."""

    def __init__(self, given: Given) -> None:
        self.given, self.fates = given, dict[int, Fate]()
        self.hosts = {
            name: ReceivingHost(name, SEED, spells=list(spells if name in given.foreseen else spells[:1]))
            for name, spells in given.hosts.items()
        }
        orgs = given.organisations
        cache = {
            (o.platform, *o.settings.items()): load_platform(FILES, o.platform, o.settings) for o in orgs
        }
        platforms = [cache[(o.platform, *o.settings.items())] for o in orgs]
        self.timers = Timers(platforms, self.hosts, (), 0, np.array([o.lookup_ms for o in orgs]))
        self.timers.set_routes(self.versions())
        self.timers.changed(0)
        rows = sorted((arrival, number, n) for n, o in enumerate(orgs) for arrival, number in o.mail)
        self.mail = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
        self.looked_ms = 0

    def versions(self) -> list[tuple[tuple[str, ...] | str, Any]]:
        """Everybody's n-th route as one version, each from its own moment."""
        versions: list[tuple[tuple[str, ...] | str, Any]] = []
        for number, org in enumerate(self.given.organisations):
            for from_ms, found in org.routes:
                moments = np.full(len(self.given.organisations), NEVER_MS, dtype=np.int64)
                moments[number] = from_ms
                versions.append((found, moments))
        return versions

    def changes(self) -> dict[int, list[tuple[str, Behaviour]]]:
        at: dict[int, list[tuple[str, Behaviour]]] = {}
        for name, spells in self.given.hosts.items():
            for from_ms, behaviour in spells[1:]:
                if name not in self.given.foreseen:
                    at.setdefault(from_ms, []).append((name, behaviour))
        return at

    def look(self, bound_ms: int) -> None:
        if bound_ms > self.looked_ms:
            arrival_ms = self.mail[:, 0]
            some = self.mail[(arrival_ms >= self.looked_ms) & (arrival_ms < bound_ms)]
            self.timers.run(bound_ms, some[:, 1].copy(), some[:, 0].copy(), some[:, 2].copy())
            self.looked_ms = bound_ms

    def play(self, tried: dict[int, list[int]]) -> dict[int, Fate]:
        changes, cuts, now_ms = self.changes(), dict(self.given.cuts), 0
        for to_ms in sorted({*changes, *cuts, self.given.until_ms}):
            if to_ms > self.given.until_ms:
                break
            self.look(max(to_ms, cuts.get(to_ms, 0)))
            self.note(now_ms, to_ms)
            self.timers.advance(to_ms)
            now_ms = to_ms
            for name, behaviour in changes.get(to_ms, ()):
                self.hosts[name].becomes(to_ms, behaviour)
            if to_ms in changes:
                self.timers.changed(to_ms)
                self.looked_ms = to_ms
            elif cuts.get(to_ms, 0) % 2:
                self.timers.forget_ahead(to_ms)
                self.looked_ms = to_ms
            self.check_live(to_ms, tried)
        return self.fates

    def note(self, a_ms: int, b_ms: int) -> None:
        ended = self.timers.ended(a_ms, b_ms)
        names = [*self.hosts, ""]
        assert ended.time_ms.tolist() == sorted(ended.time_ms.tolist())
        rows = zip(
            *(c.tolist() for c in (ended.id, ended.time_ms, ended.host, ended.tries, ended.cause)),
            strict=True,
        )
        for number, time_ms, host, tries, cause in rows:
            assert number not in self.fates
            assert a_ms <= time_ms < b_ms
            self.fates[number] = Fate(time_ms, names[host], tries, CAUSES[cause])

    def check_live(self, now_ms: int, tried: dict[int, list[int]]) -> None:
        live = self.timers.live()
        sent = {number for arrival_ms, number, _ in self.mail.tolist() if arrival_ms < now_ms}
        assert live.id.tolist() == sorted(sent - set(self.fates))
        assert self.timers.waiting() == len(live.id)
        found = dict(zip(live.id.tolist(), live.tries.tolist(), strict=True))
        assert found == {number: sum(t < now_ms for t in tried[number]) for number in found}


def both_agree(given: Given) -> dict[int, Fate]:
    expected, tried = told_by_processes(given)
    found = Columns(given).play(tried)
    assert found == expected
    uncut = replace(given, cuts=())
    assert Columns(uncut).play(tried) == expected
    return found


# ---------------------------------------------------------------- worlds

TIMES = st.one_of(
    st.integers(0, 5_400_000),
    st.builds(lambda s, off: max(0, 1000 * s + off), st.integers(0, 5_400), st.sampled_from((-1, 0, 0, 1))),
)
BEHAVIOURS = st.one_of(
    st.just(Behaviour()),
    st.builds(Behaviour, st.sampled_from(FAILURES)),
    st.builds(Behaviour, st.sampled_from(FAILURES), st.sampled_from((0, 1, 300, 700, 999))),
)
FOUND = st.one_of(
    st.sampled_from([("mx1",), ("mx2",), ("mx1", "mx2"), ("mx2", "mx1"), ("mx1", "mx2", "mx3"), ()]),
    st.sampled_from(LOOKUPS),
)


def spells(what: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[tuple[int, Any], ...]]:
    later = st.lists(st.tuples(TIMES, what), max_size=most, unique_by=lambda spell: spell[0])
    return st.builds(
        lambda first, more: ((0, first), *sorted((s for s in more if s[0]), key=lambda s: s[0])), what, later
    )


@st.composite
def flapping(draw: st.DrawFn) -> tuple[tuple[int, Behaviour], ...]:
    every_ms, first = draw(st.sampled_from((1_000, 61_000, 300_000))), draw(st.booleans())
    down = Behaviour(draw(st.sampled_from(FAILURES)))
    begins_ms = draw(st.integers(1, HOUR))
    states = (down, Behaviour()) if first else (Behaviour(), down)
    return ((0, Behaviour()), *((begins_ms + n * every_ms, states[n % 2]) for n in range(14)))


@st.composite
def organisations(draw: st.DrawFn) -> tuple[Organisation, ...]:
    found, next_id = [], 1
    for _ in range(draw(st.integers(1, 4))):
        platform = draw(st.sampled_from(OWN_TIMERS))
        roles = {p.role: name for name, p in load_platform(FILES, platform).file.parameters.items()}
        fixed = {p.role for p in load_platform(FILES, platform).file.parameters.values() if p.fixed}
        chosen = {
            "gaps": st.sampled_from(("30s 1m 2m 10m", "5m", "61s 1m 7m", "10m 20s 15m", "1h", "7s 9s 90s")),
            "lifetime": st.sampled_from(("30m", "1h", "25m30s", "301s")),
            "expiry": st.sampled_from(("at-limit", "next-attempt")),
            "attempts": st.sampled_from(("1", "3", "6", "30")),
            "connect_timeout": st.sampled_from(("1s", "21s", "60s", "5m")),
            "greeting_timeout": st.sampled_from(("20s", "5m")),
        }
        own = {
            roles[role]: draw(values)  # type: ignore[index]
            for role, values in chosen.items()
            if role in roles and role not in fixed and draw(st.integers(0, 4))
        }
        size = draw(st.sampled_from((1, 3, 10, 50)))
        arrivals = sorted(draw(st.lists(TIMES, min_size=1, max_size=size)))
        mail = tuple((arrival_ms, next_id + n) for n, arrival_ms in enumerate(arrivals))
        next_id += len(mail)
        lookup_ms = draw(st.sampled_from((0, 5_000, 31_500)))
        found.append(Organisation(platform, own, mail, draw(spells(FOUND, 3)), lookup_ms))
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn) -> Given:
    host = st.one_of(spells(BEHAVIOURS, 6), flapping())
    hosts = {name: draw(host) for name in ("mx1", "mx2", "mx3")}
    cuts = draw(st.lists(st.tuples(TIMES, st.integers(0, HOUR)), max_size=6, unique_by=lambda cut: cut[0]))
    return Given(
        draw(organisations()),
        hosts,
        2 * HOUR,
        tuple((at_ms, at_ms + ahead_ms) for at_ms, ahead_ms in sorted(cuts)),
        draw(st.frozensets(st.sampled_from(("mx1", "mx2", "mx3")))),
    )


@examples(40)
@given(worlds())
def test_columns_and_processes_give_the_same_history(given: Given) -> None:
    both_agree(given)


# ---------------------------------------------------------------- worlds in which much happens at once

GAPS = ("30s 1m 2m 10m", "5m", "1m", "10m 30s 15m", "30s 30s 1m 90s 5m", "1h")
ROUTES = (("mx1",), ("mx2",), ("mx1", "mx2"), ("mx2", "mx1"), ("mx1", "mx2", "mx3"), ("mx3",))


class Crowded:
    """A world from a seed: long outages, everything on a grid of so many ms, so that things coincide."""

    def __init__(self, seed: int, messages: int) -> None:
        self.random = random.Random(seed)
        self.grid_ms = self.random.choice((1, 1_000, 30_000, 60_000))
        self.left = messages

    def moment(self, until_ms: int = 2 * HOUR) -> int:
        return self.random.randrange(0, until_ms) // self.grid_ms * self.grid_ms

    def world(self) -> Given:
        organisations, first_id = [], 1
        while self.left > 0:
            organisations.append(self.organisation(first_id))
            first_id += len(organisations[-1].mail)
        hosts = {name: self.spells(self.behaviour) for name in ("mx1", "mx2", "mx3")}
        cuts = {self.moment() + self.random.randrange(2): self.moment(HOUR) for _ in range(5)}
        foreseen = frozenset(name for name in hosts if self.random.random() < 0.3)
        return Given(
            tuple(organisations),
            hosts,
            3 * HOUR,
            tuple((at_ms, at_ms + ahead_ms) for at_ms, ahead_ms in sorted(cuts.items())),
            foreseen,
        )

    def organisation(self, first_id: int) -> Organisation:
        pick, size = self.random.choice, min(self.left, self.random.randrange(1, 80))
        self.left -= size
        name = pick([name for name in OWN_TIMERS if name != "application"] * 3 + ["application"])
        roles = {p.role: key for key, p in load_platform(FILES, name).file.parameters.items() if not p.fixed}
        chosen = {
            "gaps": pick(GAPS),
            "lifetime": pick(("30m", "60m", "90m", "5m")),
            "expiry": pick(("at-limit", "at-limit", "next-attempt")),
            "attempts": pick(("1", "3", "6", "30")),
            "connect_timeout": pick(("1s", "30s", "60s", "5m")),
            "greeting_timeout": pick(("30s", "5m")),
        }
        own = {roles[role]: value for role, value in chosen.items() if role in roles}
        arrivals = sorted(self.moment(HOUR) for _ in range(size))
        mail = tuple((arrival_ms, first_id + n) for n, arrival_ms in enumerate(arrivals))
        return Organisation(name, own, mail, self.spells(self.route), pick((0, 30_000, 31_500)))

    def spells(self, what: Any) -> tuple[tuple[int, Any], ...]:
        moments = {self.moment() for _ in range(self.random.choice((0, 1, 2, 4, 12)))}
        return tuple((at_ms, what()) for at_ms in sorted({0, *moments}))

    def route(self) -> tuple[str, ...] | str:
        return self.random.choice(
            ROUTES if self.random.random() < 0.9 else (*LOOKUPS, "servfail", "servfail")
        )

    def behaviour(self) -> Behaviour:
        chance = self.random.random()
        if chance < 0.15:
            return Behaviour()
        answer = self.random.choice(FAILURES if chance < 0.25 else ("refused", "timeout", "silent", "defer"))
        return Behaviour(answer, self.random.choice((1000, 1000, 1000, 999, 500)))


@examples(40)
@given(st.integers(0, 1 << 32), st.sampled_from((3, 30, 30, 60, 200)))
@example(377, 30)
@example(63788, 200)
def test_crowded_worlds(seed: int, messages: int) -> None:
    both_agree(Crowded(seed, messages).world())


def test_crowded_worlds_are_crowded() -> None:
    """Every way to end, long waits, many tries."""
    seen: Counter[str] = Counter()
    for seed in range(12):
        given = Crowded(seed, 60).world()
        fates, _ = told_by_processes(given)
        seen["waiting"] += 60 - len(fates)
        for fate in fates.values():
            seen["up" if fate.host else fate.cause] += 1
            seen["much tried"] += fate.tries > 8
            seen["offered late"] += bool(fate.host) and fate.tries > 3
    assert min(seen[what] for what in ("up", "refused", "timeout", "silent", "defer", "servfail")) > 5
    assert min(seen["much tried"], seen["offered late"]) > 20


# ---------------------------------------------------------------- schedules with tiers

MINUTES = {"give_up": "3h", "retry_gaps": "1m 2m 10m"}


class Tiered(Crowded):
    """Organisations of Proofpoint Essentials with minutes for hours; hosts that let some of the mail in."""

    often = 5

    def organisation(self, first_id: int) -> Organisation:
        org = super().organisation(first_id)
        more = self.random.choice(
            ({}, {"connect_timeout": "4m"}, {"expiry": "next-attempt", "give_up": "40m"})
        )
        own = {**MINUTES, "attempts_after_success": str(self.often), **more}
        return replace(org, platform="proofpoint-essentials", settings=own)

    def behaviour(self) -> Behaviour:
        per_mille = self.random.choice((1000, 1000, 950, 700))
        return Behaviour(self.random.choice(("refused", "defer", "timeout")), per_mille)


@pytest.mark.parametrize("seed", range(8))
def test_a_success_moves_mail_of_the_last_tier(seed: int) -> None:
    both_agree(Tiered(seed, 60).world())


def test_moves_change_fates() -> None:
    """With one attempt in a day nothing is moved."""
    changed = 0
    for seed in range(8):
        fates, _ = told_by_processes(Tiered(seed, 60).world())
        never = Tiered(seed, 60)
        never.often = 1
        changed += len(set(fates.items()) ^ set(told_by_processes(never.world())[0].items()))
    assert changed > 100


def test_after_36_hours_a_success_brings_old_mail_within_the_hour() -> None:
    """By hand: daily attempts begin at 25 h 35 min, so that mail of hour 0 would come at 49 h 35 min. New
    mail of hour 36 is delivered at once; the old is tried again at the next of its own hours, 36 h 35 min.
    """
    hosts = {"mx1": ((0, Behaviour("refused")), (36 * HOUR - 1, Behaviour()))}
    mail = ((0, 1), (9 * HOUR, 2), (11 * HOUR, 3), (36 * HOUR, 4))
    one = Organisation("proofpoint-essentials", {}, mail, ((0, ("mx1",)),))
    fates = both_agree(Given((one,), hosts, 60 * HOUR, ((35 * HOUR, 50 * HOUR), (36 * HOUR + 1, 50 * HOUR))))
    assert {number: fate.time_ms for number, fate in fates.items()} == {
        1: 36 * HOUR + 35 * MINUTE,
        2: 36 * HOUR + 35 * MINUTE,
        3: 36 * HOUR + 35 * MINUTE,
        4: 36 * HOUR,
    }
    assert fates[1].tries == 36  # 35 by the age of 25 h 35 min, and the one that succeeds
    alone = replace(one, mail=((0, 1),))
    assert both_agree(Given((alone,), hosts, 60 * HOUR))[1].time_ms == 49 * HOUR + 35 * MINUTE


def test_a_host_that_is_back_for_a_moment_gives_a_day_of_hourly_attempts() -> None:
    """By hand: up for a minute at 36 h, then down until 70 h. Moved at 36 h, the message is tried hourly from
    36 h 35 min to 59 h 35 min, and would be tried next at 83 h 35 min, were it not for the success at 70 h.
    """
    down, up = Behaviour("refused"), Behaviour()
    spells = ((0, down), (36 * HOUR, up), (36 * HOUR + MINUTE, down), (70 * HOUR, up))
    mail = ((0, 1), (36 * HOUR + 1, 2), (70 * HOUR, 3))
    one = Organisation("proofpoint-essentials", {}, mail, ((0, ("mx1",)),))
    fates = both_agree(Given((one,), {"mx1": spells}, 90 * HOUR))
    assert fates[1] == Fate(70 * HOUR + 35 * MINUTE, "mx1", 35 + 24 + 1, "up")


def test_an_attempt_brought_forward_by_a_success_meets_the_hosts_as_they_were_when_it_began() -> None:
    """By hand: the attempt at 25 h 35 min fails, and the next is due a day later. A success at 93,060 s
    brings it forward to 95,700.001 s. Its first packets to mx2 are dropped; mx2 recovers 29.999 s later and
    answers the packet that is sent after 31 s. At a host that had been up all the time, the attempt would
    have succeeded at once.
    """
    hosts = {
        "mx1": ((0, Behaviour()),),
        "mx2": (
            (0, Behaviour("defer")),
            (92_100_002, Behaviour("timeout")),
            (95_730_000, Behaviour()),
        ),
    }
    mail = ((1, 1), (93_000_000, 2))
    one = Organisation("proofpoint-essentials", {}, mail, ((0, ("mx2", "mx1")),))
    assert both_agree(Given((one,), hosts, 48 * HOUR)) == {
        1: Fate(95_731_001, "mx2", 36, "up"),
        2: Fate(93_060_000, "mx1", 2, "up"),
    }


# ---------------------------------------------------------------- worlds that do not change


def test_a_second_host_that_returns_the_moment_it_is_asked_takes_the_mail() -> None:
    """mx1 drops packets; mx2 is asked 60 s later, in the very millisecond in which it is back."""
    hosts = {
        "mx1": ((0, Behaviour("timeout")),),
        "mx2": ((0, Behaviour("refused")), (61_000, Behaviour())),
    }
    one = Organisation("gmail", {}, ((1_000, 1),), ((0, ("mx1", "mx2")),))
    assert both_agree(Given((one,), hosts, HOUR)) == {1: Fate(61_000, "mx2", 2, "up")}


def test_mail_that_may_not_wait_at_all_is_tried_once() -> None:
    up = {"mx1": ((0, Behaviour()), (5_000, Behaviour("refused")))}
    one = Organisation("gmail", {"give_up": "0"}, ((1_000, 1), (6_000, 2)), ((0, ("mx1",)),))
    assert both_agree(Given((one,), up, HOUR)) == {
        1: Fate(1_000, "mx1", 1, "up"),
        2: Fate(6_000, "", 1, "refused"),
    }


def test_no_packet_is_sent_when_the_connection_is_given_up() -> None:
    """The second packet would go out a second after the first, in the millisecond of the time-out."""
    hosts = {"mx1": ((0, Behaviour("timeout")), (2_000, Behaviour()))}
    one = Organisation("gmail", {"connect_timeout": "1s"}, ((1_000, 1),), ((0, ("mx1",)),))
    assert both_agree(Given((one,), hosts, HOUR)) == {1: Fate(301_000, "mx1", 2, "up")}


def test_of_two_routes_from_one_moment_the_later_is_in_force() -> None:
    hosts = {name: ReceivingHost(name, SEED) for name in ("mx1", "mx2")}
    timers, always = Timers([load_platform(FILES, "gmail")], hosts, "servfail"), np.zeros(1, dtype=np.int64)
    timers.set_routes([(("mx1",), always), (("mx2",), always)])
    timers.changed(0)
    timers.run(HOUR, np.array([1]), np.array([1_000]), np.array([0]))
    assert timers.ended(0, HOUR).host.tolist() == [1]


def test_a_past_cannot_be_changed() -> None:
    hosts = {"mx1": ReceivingHost("mx1", SEED, spells=[(0, Behaviour("refused"))])}
    timers = Timers([load_platform(FILES, "gmail")], hosts, ("mx1",))
    timers.run(HOUR, np.array([1]), np.array([1_000]), np.array([0]))
    timers.advance(HOUR)
    hosts["mx1"].spells = [(0, Behaviour())]
    timers.changed(HOUR)
    none = np.empty(0, dtype=np.int64)
    with pytest.raises(ValueError, match="changes what happened before"):
        timers.run(9 * HOUR, none, none, none)


def test_mail_of_others_and_moments_out_of_sight_are_refused() -> None:
    none = np.empty(0, dtype=np.int64)
    timers = Timers([load_platform(FILES, "postfix")], {"mx1": ReceivingHost("mx1", SEED)}, ("mx1",))
    with pytest.raises(ValueError, match="do not keep timers"):
        timers.run(HOUR, np.array([1]), np.array([1_000]), np.array([0]))
    timers.run(HOUR, none, none, none)
    with pytest.raises(ValueError, match="outside"):
        timers.run(2 * HOUR, np.array([1]), np.array([1_000]), np.array([0]))
    with pytest.raises(ValueError, match="outside"):
        timers.ended(0, HOUR + 1)
    with pytest.raises(ValueError, match="outside"):
        timers.advance(HOUR + 1)


@pytest.mark.parametrize("platform", OWN_TIMERS)
def test_two_thousand_messages_as_the_platform_ships(platform: str) -> None:
    """An outage of nine hours in four ways and two hosts; a third of the senders sees a new MX at hour 8."""
    hosts = {
        "mx1": (
            (0, Behaviour()),
            (1_000_000, Behaviour("refused")),
            (4 * HOUR, Behaviour("timeout")),
            (6 * HOUR, Behaviour("silent", 400)),
            (8 * HOUR, Behaviour("defer", 900)),
            (10 * HOUR, Behaviour()),
        ),
        "mx2": ((0, Behaviour("refused")), (7 * HOUR, Behaviour("greeting_4xx", 700))),
        "mx3": ((0, Behaviour()),),
    }
    mail = [(n * 20_011, n + 1) for n in range(2_000)]
    routes: list[tuple[tuple[int, tuple[str, ...] | str], ...]] = [
        ((0, ("mx1", "mx2")),),
        ((0, ("mx1",)), (5 * HOUR, "servfail"), (5 * HOUR + 30 * MINUTE, ("mx1", "mx2"))),
        ((0, ("mx1", "mx2")), (8 * HOUR + 77_777, ("mx3",))),
    ]
    organisations = tuple(
        Organisation(platform, {}, tuple(mail[number::3]), route, 5_000)
        for number, route in enumerate(routes)
    )
    cuts = tuple((hour * HOUR, (hour + 2) * HOUR) for hour in range(1, 30, 4))
    fates = both_agree(Given(organisations, hosts, 40 * HOUR, cuts))
    assert len(fates) == 2_000
    assert sum(fate.tries for fate in fates.values()) > (1_900 if platform == "application" else 6_000)
