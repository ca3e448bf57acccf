"""Many organisations of every platform at once, whose mail meets the same hosts: the hop and the oracle.

Every message has the same fate at the same millisecond, after as many tries and put-offs, however time
is cut and whatever was looked ahead to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.message.traffic import Messages
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts import host as engine
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.mx_routes import Found
from sim.mail.senders.timers.answers import CAUSES
from tests.examples import examples
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.senders import World, relay_together
from tests.shipped import FILES

PLATFORMS = (
    "exchange-online", "gmail", "mailgun", "mimecast", "application", "qmail", "postfix", "exim",
    "sendmail", "opensmtpd", "courier", "exchange-server", "proofpoint-essentials",
)  # fmt: skip
NAMES = ("gateway-1", "gateway-2", "backup")
ROUTES: tuple[Found, ...] = (
    ("gateway-1", "gateway-2"), ("backup",), ("gateway-1", "backup"), "servfail", ("gateway-2", "gateway-1"),
)  # fmt: skip
FAILURES = ("up", "refused", "timeout", "silent", "greeting_4xx", "defer", "reject")
SEED = 7


@dataclass
class Plan:
    """`changes`: (time_ms, host, behaviour). `versions`: (route, switch moment of each organisation)."""

    arrivals_ms: list[int]
    changes: list[tuple[int, str, engine.Behaviour]]
    versions: list[tuple[Found, list[int]]]
    servers: int | None
    service_ms: int
    until_ms: int
    cuts_ms: list[int] = field(default_factory=list)
    ahead_ms: list[int] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    """How many steps of each look are done before it is left as it is; empty: all."""


@pytest.fixture(autouse=True, scope="module")
def _every_step_can_be_the_last() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.mail.senders.machines.agenda.AT_ONCE", 1)
        yield


def look(hop: SendingHop, bound_ms: int, parts: int | None) -> None:
    """Look ahead; with `parts`, in so many calls of a step each, so that the look may stay unfinished."""
    if parts is None:
        hop.look(bound_ms)
        return
    for _ in range(parts):
        if hop.look(bound_ms, lambda: True):
            return


def correspondents() -> CorrespondentTable:
    """Two organisations of each platform."""
    platforms = tuple(load_platform(FILES, name) for name in PLATFORMS)
    shares = (*(8,) * (len(PLATFORMS) - 1), 100 - 8 * (len(PLATFORMS) - 1))
    return CorrespondentTable(SEED, platforms, shares, (2,) * len(PLATFORMS), 1)


def mail_of(plan: Plan) -> Messages:
    arrivals = np.sort(np.array(plan.arrivals_ms, dtype=np.int64))
    return Messages(np.arange(1, len(arrivals) + 1, dtype=np.int64), arrivals)


Fate = tuple[str, int, str, int, int]
"""What, when, at which host, tries, put-offs."""


def by_the_oracle(plan: Plan) -> dict[int, Fate]:
    who, mail = correspondents(), mail_of(plan)
    behaviours: dict[str, list[tuple[int, object]]] = {name: [(0, "up")] for name in NAMES}
    for at_ms, name, behaviour in plan.changes:
        told: object = behaviour.answer
        if behaviour.per_mille < 1000 and behaviour.answer != "up":
            told = Partly(behaviour.answer, behaviour.per_mille, SEED)
        behaviours[name].append((at_ms, told))
    hosts = [Host(name, Timeline(tuple(behaviours[name]))) for name in NAMES]
    hosts[-1].servers, hosts[-1].service_ms = plan.servers, plan.service_ms
    sender = who.of(mail.id)
    worlds, ids = [], []
    for number in range(len(who)):
        theirs = sender == number
        spells = sorted(
            [(0, ROUTES[0]), *((moments[number], route) for route, moments in plan.versions)],
            key=lambda spell: spell[0],
        )
        worlds.append(
            World(
                who.platform_of(number),
                mail.arrival_ms[theirs].tolist(),
                hosts,
                Resolver(Timeline(tuple(spells))),
                plan.until_ms,
                who.scan_phase_ms(number),
            )
        )
        ids.append(mail.id[theirs].tolist())
    return {
        m.id: (m.fate, m.ended_ms, m.host, len(m.attempts), len(m.put_off))
        for history in relay_together(worlds, ids)
        for m in history.messages
        if m.ended_ms is not None
    }


def by_the_engine(plan: Plan) -> dict[int, Fate]:
    who, mail = correspondents(), mail_of(plan)
    hosts = [engine.ReceivingHost(name, SEED) for name in NAMES]
    hosts[-1].servers, hosts[-1].service_ms = plan.servers, plan.service_ms

    def sent(a_ms: int, b_ms: int) -> Messages:
        some = slice(*np.searchsorted(mail.arrival_ms, (a_ms, b_ms)).tolist())
        return Messages(mail.id[some], mail.arrival_ms[some])

    hop = SendingHop(who, hosts, ROUTES[0], sent, 0)
    fates: dict[int, Fate] = {}
    published_ms = sorted({min(moments) for _, moments in plan.versions})
    stops = sorted({*plan.cuts_ms, *(at for at, _, _ in plan.changes), *published_ms, plan.until_ms})
    for turn, at_ms in enumerate(stops):
        if plan.ahead_ms:
            bound_ms = min(plan.until_ms, at_ms + plan.ahead_ms[turn % len(plan.ahead_ms)])
            look(hop, bound_ms, plan.parts[turn % len(plan.parts)] if plan.parts else None)
        gone = hop.advance(at_ms)
        for row in range(len(gone)):
            place = int(gone.host[row])
            identity = int(gone.id[row])
            assert identity not in fates
            what, where = ("delivered", NAMES[place]) if place >= 0 else ("bounced", "")
            assert (CAUSES[gone.cause[row]] == "up") == (place >= 0)
            end_ms = int(gone.time_ms[row])
            fates[identity] = (what, end_ms, where, int(gone.tries[row]), int(gone.put_off[row]))
        if plan.ahead_ms and plan.parts:
            look(hop, min(plan.until_ms, at_ms + HOUR_MS), plan.parts[turn % len(plan.parts)])
        for when_ms, name, behaviour in plan.changes:
            if when_ms == at_ms:
                host, now_ms = hop.hosts[name], hop.now_ms
                hop.changes(partial(host.becomes, now_ms, behaviour))
        if at_ms in published_ms:
            known = [(route, moments) for route, moments in plan.versions if min(moments) <= at_ms]
            versions = [(ROUTES[0], np.zeros(len(who), dtype=np.int64))]
            versions += [(route, np.array(moments, dtype=np.int64)) for route, moments in known]
            hop.changes(partial(hop.set_routes, versions))
        assert hop.waiting() == len(hop.live().id) == hop.entered - len(fates)
    return fates


def agree(plan: Plan) -> dict[int, Fate]:
    expected, found = by_the_oracle(plan), by_the_engine(plan)
    assert found == expected
    return expected


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    until_ms = draw(st.sampled_from([2 * HOUR_MS, 9 * HOUR_MS, 30 * HOUR_MS]))
    moment = st.integers(0, until_ms - 1)
    early = st.integers(0, until_ms // 2)
    behaviour = st.builds(
        engine.Behaviour, st.sampled_from(FAILURES), st.sampled_from([1000, 1000, 1000, 400])
    )
    changes = draw(st.lists(st.tuples(moment, st.sampled_from(NAMES), behaviour), max_size=7))
    changes.sort(key=lambda change: change[0])
    versions, last_ms = [], [0] * (2 * len(PLATFORMS))
    for _ in range(draw(st.integers(0, 2))):
        at_ms = max(last_ms) + draw(st.integers(0, until_ms // 4))
        spread_ms = draw(st.sampled_from([0, 1, MINUTE_MS, HOUR_MS]))
        late = [at_ms + (number * 7919 * SECOND_MS) % (spread_ms + 1) for number in range(len(last_ms))]
        versions.append((draw(st.sampled_from(ROUTES)), late))
        last_ms = late
    return Plan(
        draw(st.lists(early, min_size=1, max_size=120)),
        [change for n, change in enumerate(changes) if change[:2] not in [c[:2] for c in changes[n + 1 :]]],
        versions,
        draw(st.sampled_from([None, 1, 2])),
        draw(st.sampled_from([0, 200, 5 * SECOND_MS, 3 * MINUTE_MS])),
        until_ms,
        draw(st.lists(moment, max_size=5)),
        draw(st.lists(st.integers(0, 6 * HOUR_MS), max_size=3)),
        draw(st.lists(st.integers(0, 40), max_size=3)),
    )


@examples(40)
@given(plans())
def test_every_message_of_every_organisation_has_the_same_fate_as_in_the_oracle(plan: Plan) -> None:
    agree(plan)


def test_a_host_that_takes_any_number_but_takes_its_time() -> None:
    fates = agree(Plan([0, 1, 2_000], [], [(("backup",), [0] * (2 * len(PLATFORMS)))], None, 200, HOUR_MS))
    assert [fate[1] for fate in fates.values()] == [200, 201, 2_200]


WEDNESDAY = tuple(range(0, 10 * HOUR_MS, 18 * SECOND_MS))
ALL = 2 * len(PLATFORMS)
LATE = [2 * HOUR_MS + (n * 397 * SECOND_MS) % HOUR_MS for n in range(ALL)]


@pytest.mark.parametrize(
    "changes",
    [
        [(HOUR_MS, "refused"), (9 * HOUR_MS, "up")],
        [(HOUR_MS, "timeout"), (9 * HOUR_MS, "up")],
        [(HOUR_MS, "defer"), (3 * HOUR_MS, "up"), (4 * HOUR_MS, "greeting_4xx"), (6 * HOUR_MS, "up")],
        [(HOUR_MS + n * 40 * MINUTE_MS, ("refused", "up")[n % 2]) for n in range(12)],
    ],
    ids=["refused", "dropped", "4xx twice", "flapping"],
)
@pytest.mark.parametrize("backup", ["none", "busy"])
def test_two_thousand_messages(changes: list[tuple[int, str]], backup: str) -> None:
    """Ten hours of mail; without a backup, and with one that is slow to take it, seen by each in time."""
    both = [(at_ms, name, engine.Behaviour(answer)) for at_ms, answer in changes for name in NAMES[:2]]
    versions: list[tuple[Found, list[int]]] = [(("backup",), LATE)] if backup == "busy" else []
    plan = Plan(
        list(WEDNESDAY), both, versions, 2, 4 * SECOND_MS, 20 * HOUR_MS,
        list(range(0, 20 * HOUR_MS, 5_000_017)), [0, HOUR_MS], [7, 100],
    )  # fmt: skip
    fates = agree(plan)
    assert len(fates) > 1_900
    assert sum(fate[0] == "bounced" for fate in fates.values()) > 10


@pytest.mark.parametrize("every_ms", [5 * MINUTE_MS, 20 * MINUTE_MS])
def test_new_mail_after_a_return_meets_what_its_sender_remembers(every_ms: int) -> None:
    """Dead destinations, host records, full queues: whoever has one does not just pass the open host."""
    changes = [
        (n * every_ms + 7_777, name, engine.Behaviour(("refused", "up")[n % 2]))
        for n in range(1, 7)
        for name in NAMES[:2]
    ]
    plan = Plan(
        list(range(0, 7 * every_ms, every_ms // 300)), changes, [], 2, 0, 12 * HOUR_MS,
        list(range(0, 7 * every_ms, every_ms // 2)), [0, every_ms // 3],
    )  # fmt: skip
    fates = agree(plan)
    assert {fate[0] for fate in fates.values()} == {"delivered", "bounced"}, "a script tries once"
    assert sum(put_off > 0 for *_, put_off in fates.values()) > 10
