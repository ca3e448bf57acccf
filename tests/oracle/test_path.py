"""Every inbound message's whole way through a world, against the plain models of its parts in a row.

Same fate at the same millisecond, as many tries and put-offs at every hop, however time is cut.
"""

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from sim.mail.server.mailbox_limit import MailboxRules
from sim.mail.server.pressure_gauge import BackPressureSpec, PressureRules
from sim.mail.server.throttle import ThrottleRules
from tests.examples import examples
from tests.oracle.path import BACKUP, GATEWAY, SERVER, Change, Plan
from tests.oracle.test_gateway import HASTY, MIMECAST, Table
from tests.oracle.watched import agree, written

ANSWERS = ("up", "up", "refused", "timeout", "silent", "greeting_4xx", "defer", "reject")
ROUTES = ((BACKUP,), GATEWAY, (SERVER,), (GATEWAY[0], BACKUP), (GATEWAY[1], SERVER))
CONDITIONS = (
    UP, UP, Condition("refused"), Condition("timeout"), Condition("defer"), Condition("reject"),
    Condition("defer", 600), Condition("reject", 300), Condition("timeout", 400),
    Condition("refused", 500),
)  # fmt: skip
BY_SENDER = (Condition("defer", 500, "senders"), Condition("timeout", 400, "platforms"))
BY_RECIPIENT = (Condition("defer", 300, "recipients"), Condition("timeout", 500, "recipients"))
GATES = (
    Gates(),
    Gates("rejects"),
    Gates("rejects", trusted=frozenset({"backup"})),
    Gates("quarantines", firewall=frozenset({"backup"})),
    Gates(firewall=frozenset({"internet"})),
)
SMALL = BackPressureSpec(
    PressureRules(20 * SECOND_MS, 4, 8, 6, 2, 10_000, 5_000, 55_000, 10),
    Receiver(1, 40_000),
    "452 4.3.1 full",
)


def whats(word: str, *, direct: bool) -> st.SearchStrategy[Any]:
    """What goes with a change of that name. `direct`: senders may come to the server itself."""
    share = st.sampled_from([1000, 1000, 400])
    whose = st.sampled_from(["attempts", "attempts", "senders", "platforms"])
    return {
        "host": st.tuples(
            st.sampled_from(GATEWAY), st.builds(Behaviour, st.sampled_from(ANSWERS), share, whose)
        ),
        "holds": st.sampled_from([(), (), GATEWAY[:1], GATEWAY[1:], GATEWAY]),
        "mx": st.sampled_from(ROUTES if direct else [route for route in ROUTES if SERVER not in route]),
        "server": st.sampled_from(CONDITIONS + BY_RECIPIENT + BY_SENDER),
        "pace": st.builds(Receiver, st.integers(1, 3), st.integers(1, 30_000)),
        "gates": st.sampled_from(GATES),
        "greylist": st.sampled_from([0, 1, 1]),
        "oldest": st.integers(1, 20),
        "filter": st.sampled_from([None, None, 1, 7_000, MINUTE_MS, 10 * MINUTE_MS]),
        "limit": st.sampled_from([None, 1, 1, 2, 3]),
        "clear": st.sampled_from([30, 60, 100]),
    }.get(word, st.none())


@st.composite
def plans(draw: st.DrawFn, table: Table, until_ms: int, *, pressed: bool = False) -> Plan:
    """Changes fall on, just before and just after the moments that matter to a message."""
    seed, in_an_hour = draw(st.integers(0, 20)), draw(st.booleans())
    most = 180 if in_an_hour else 180 * 24 * HOUR_MS // until_ms
    plan = Plan(seed, draw(st.integers(0, most)), in_an_hour, table, until_ms)
    mail_ms = [at_ms for _identity, at_ms in written(plan)] + [0]
    ages = [age for age in table.offsets(until_ms) if age < until_ms]
    marks = st.builds(
        lambda n, after_ms, off_ms: min(max(mail_ms[n % len(mail_ms)] + after_ms + off_ms, 0), until_ms - 1),
        st.integers(0, 10_000),
        st.sampled_from([0, 0, *ages, table.limit_ms, 30_000, MINUTE_MS]),
        st.sampled_from([-1, 0, 0, 1]),
    )
    anywhere = st.one_of(marks, st.integers(0, until_ms - 1), st.integers(0, HOUR_MS))
    direct, paused, limit_ms, letters = not pressed and draw(st.booleans()), False, table.limit_ms, 0
    dead = False
    words = (
        ["host"] * 4
        + ["holds"] * 3
        + ["mx"] * 3
        + ["server"] * 4
        + ["pace", "gates", "extend", "letter", "limit"]
        + ["filter", "filter", "clear"]
    )
    plan.sts = draw(st.booleans())
    plan.throttle = draw(
        st.sampled_from([None, None, ThrottleRules(2, "451", 20 * MINUTE_MS, 3 * MINUTE_MS)])
    )
    plan.mailboxes = draw(
        st.sampled_from([None, None, MailboxRules(1, "554", 20 * MINUTE_MS, 30 * MINUTE_MS, 3 * MINUTE_MS)])
    )
    plan.lists_every_ms = draw(st.sampled_from([MINUTE_MS, 15 * MINUTE_MS, 2 * HOUR_MS]))
    wait_ms = draw(st.sampled_from([0, 1, MINUTE_MS, 6 * MINUTE_MS, 2 * HOUR_MS]))
    plan.greylist = wait_ms, draw(st.booleans())
    words += ["greylist"] * (wait_ms > 0)
    for at_ms in sorted(draw(st.lists(anywhere, min_size=1, max_size=12))):
        now = ["resume"] if paused else ["pause", "retry", "retry"]
        now += ["revives" if dead else "dies", *([] if dead or paused else ["oldest"] * 2)]
        word = draw(st.sampled_from([*words, *now, "bounced", *(["policy"] if plan.sts else [])]))
        what = draw(whats(word, direct=direct))
        if word == "extend":
            what = limit_ms = limit_ms + draw(st.sampled_from([1, MINUTE_MS, table.limit_ms]))
        if word == "letter":
            what, letters = letters, letters + 1
        paused = {"pause": True, "resume": False}.get(word, paused)
        dead = {"dies": True, "revives": False}.get(word, dead)
        plan.changes.append(Change(at_ms, word, what))
    plan.most_attempts = draw(st.sampled_from([None, None, 2, 5, 9]))
    plan.last_try = draw(st.booleans())
    plan.counts = draw(st.sampled_from([(True, True), (False, True), (True, False), (False, False)]))
    plan.covers_queued = draw(st.booleans())
    plan.receiver = Receiver(draw(st.integers(1, 3)), draw(st.integers(1, 20_000)))
    plan.filter = draw(st.sampled_from([None, Receiver(1, 20_000), Receiver(2, 90_000), Receiver(3, 1)]))
    plan.backup = draw(st.sampled_from([(None, 0), (1, 60_000), (2, 5_000), (None, 700)]))
    plan.pressure = SMALL if pressed else None
    plan.cuts_ms = draw(st.lists(anywhere, max_size=6))
    plan.ahead_ms = draw(st.lists(st.integers(0, 6 * HOUR_MS), max_size=3))
    return plan


@examples(25)
@given(plans(HASTY, 6 * HOUR_MS))
def test_the_way_by_a_hasty_gateway(plan: Plan) -> None:
    agree(plan)


@examples(20)
@given(plans(MIMECAST, 110 * HOUR_MS))
def test_the_inbound_route_through_mimecast(plan: Plan) -> None:
    agree(plan)


@examples(15)
@given(plans(HASTY, 6 * HOUR_MS, pressed=True))
def test_the_inbound_route_to_a_server_under_back_pressure(plan: Plan) -> None:
    agree(plan)


DAY = partial(Plan, 5, 2_000, in_an_hour=False, until_ms=24 * HOUR_MS)
CUTS = list(range(0, 24 * HOUR_MS, 5_000_017))
TENTH = Behaviour("defer", 100)


def at(hours: float, word: str, what: Any = None) -> Change:
    return Change(int(hours * HOUR_MS), word, what)


def both(hours: float, answer: str) -> list[Change]:
    return [at(hours, "host", (name, Behaviour(answer))) for name in GATEWAY]


BIG = BackPressureSpec(
    PressureRules(MINUTE_MS, 30, 60, 50, 15, 10_000, 5_000, 55_000, 10), Receiver(2, 15_000), "452 4.3.1 full"
)
WORLDS = {
    "the MX moves to a busy backup and back": DAY(
        table=MIMECAST, backup=(2, 4 * SECOND_MS),
        changes=[*both(1, "refused"), at(2, "mx", (BACKUP,)), at(7, "server", Condition("timeout")),
                 *both(8, "up"), at(8, "mx", GATEWAY), at(9, "server", UP)],
    ),
    "hosts accept and hold while the server is away": DAY(
        table=MIMECAST,
        changes=[at(1, "holds", GATEWAY[:1]), at(1.5, "host", (GATEWAY[0], Behaviour("greeting_4xx", 500))),
                 at(3, "server", Condition("refused")), at(3, "holds", GATEWAY), at(5, "holds", GATEWAY[1:]),
                 at(6, "holds", ()), at(7.5, "server", UP), at(8, "holds", GATEWAY), at(11, "letter", 0),
                 at(14, "holds", ()), at(22, "holds", GATEWAY[:1]), at(23, "letter", 1)],
    ),
    "straight to a server that is locked, then open": DAY(
        table=HASTY, sts=True,
        changes=[at(0.5, "gates", Gates("rejects")), *both(1, "timeout"), at(2, "mx", (SERVER,)),
                 at(3, "policy"), at(6, "gates", Gates()),
                 at(7, "server", Condition("defer", 300, "recipients")),
                 at(9, "server", Condition("defer", 400)),
                 at(11, "server", UP), *both(12, "up"), at(12, "mx", GATEWAY)],
    ),
    "a backup behind a firewall, half a gateway": DAY(
        table=HASTY, backup=(1, 20 * SECOND_MS),
        changes=[at(1, "gates", Gates(firewall=frozenset())),
                 at(1, "host", (GATEWAY[0], Behaviour("reject", 30))), at(2, "mx", (GATEWAY[0], BACKUP)),
                 *both(3, "defer"), at(8, "gates", Gates()),
                 at(10, "host", (GATEWAY[0], TENTH)), at(12, "server", Condition("reject", 200))],
    ),
    "the gateway's queue alone: pause, extension, retry": DAY(
        table=HASTY, most_attempts=6, last_try=True,
        changes=[at(1, "server", Condition("refused")), at(1.2, "extend", 8 * HOUR_MS), at(3, "pause"),
                 at(4, "pace", Receiver(3, 4_000)), at(4.5, "server", UP), at(5, "resume"),
                 at(5.01, "server", Condition("timeout", 300)), at(6, "retry"), at(7, "server", UP),
                 at(9, "server", Condition("defer", 500, "recipients")), at(12, "retry"),
                 at(18, "server", UP)],
    ),
    "the gateway's queue alone: a flood and back pressure": DAY(
        table=MIMECAST, pressure=BIG, receiver=Receiver(4, 500),
        changes=[at(1, "server", Condition("refused")), at(6, "server", UP), at(6, "retry"),
                 at(6.5, "pause"), at(7, "resume"), at(12, "server", Condition("defer")),
                 at(16, "server", UP), at(16.05, "retry"), at(16.2, "retry")],
    ),
    "the gateway dies twice with a full queue": DAY(
        table=HASTY,
        changes=[at(0.3, "server", Condition("refused")), at(1.2, "dies"), at(1.3, "server", UP),
                 at(2, "revives"), at(5, "server", Condition("timeout", 400)), at(5.3, "dies"),
                 at(5.31, "revives"), at(9, "server", UP)],
    ),
    "a slow filter, a dead gateway, then all at once": DAY(
        table=MIMECAST,
        changes=[at(1, "filter", 2 * MINUTE_MS), at(4, "holds", GATEWAY[:1]), at(5, "holds", ()),
                 at(6, "filter", 50_000), at(8, "dies"), at(8.5, "letter", 0), at(9, "revives"),
                 at(10, "server", Condition("refused")), at(12, "filter", None), at(13, "server", UP),
                 at(20, "filter", 10 * MINUTE_MS), at(20.5, "filter", None), at(23, "filter", HOUR_MS)],
    ),
    "some senders are throttled, at every host and at the server": DAY(
        table=HASTY,
        changes=[*(at(1, "host", (name, Behaviour("defer", 500, "senders"))) for name in GATEWAY),
                 *(at(5, "host", (name, Behaviour("defer", 700, "platforms"))) for name in GATEWAY),
                 *both(8, "up"), at(9, "server", Condition("defer", 400, "senders")), at(10, "mx", (SERVER,)),
                 at(14, "server", Condition("reject", 300, "platforms")), at(18, "server", UP)],
    ),
    "a slow filter works off what waits at its usual pace": DAY(
        table=MIMECAST, filter=Receiver(2, 20 * SECOND_MS),
        changes=[at(1, "filter", 4 * MINUTE_MS), at(6, "filter", None), at(7, "dies"), at(7.2, "revives"),
                 at(10, "holds", GATEWAY), at(14, "holds", ()), at(14.01, "filter", MINUTE_MS),
                 at(15, "filter", None)],
    ),
    "the gateway's queue alone: in batches, then within a limit": DAY(
        table=MIMECAST, pressure=BIG, receiver=Receiver(4, 500),
        changes=[at(1, "server", Condition("refused")), at(6, "server", UP), at(6, "oldest", 40),
                 at(6.1, "oldest", 40), at(6.2, "oldest", 200), at(12, "server", Condition("defer")),
                 at(16, "server", UP), at(16, "limit", 1), at(16.02, "retry"), at(16.03, "limit", 2),
                 at(17, "limit", None)],
    ),
    "a flood from the gateway and the backup, and back pressure": DAY(
        table=MIMECAST, pressure=BIG, receiver=Receiver(4, 500), backup=(None, 300),
        changes=[at(1, "server", Condition("refused")), at(2, "mx", (GATEWAY[0], BACKUP)),
                 *both(3, "refused"), at(8, "server", UP), at(8, "retry"), *both(9, "up"),
                 at(9, "mx", GATEWAY)],
    ),
}  # fmt: skip


for by_pair in (False, True):
    WORLDS["a backup that greylists " + ("each recipient's senders" if by_pair else "senders")] = DAY(
        table=MIMECAST, greylist=(20 * MINUTE_MS, by_pair), backup=(2, 4 * SECOND_MS),
        changes=[*both(1, "refused"), at(2, "mx", (BACKUP,)), at(5, "greylist", 0), at(6, "greylist", 1),
                 *both(9, "up"), at(11, "mx", GATEWAY)],
    )  # fmt: skip

WORLDS["a backup from which too much comes, until a connector names it"] = DAY(
    table=MIMECAST, throttle=ThrottleRules(40, "451 4.7.500 busy"),
    changes=[at(0, "gates", Gates("quarantines", trusted=frozenset({"backup"}))), *both(1, "refused"),
             at(2, "mx", (BACKUP,)), at(9, "server", Condition("refused")), at(10, "server", UP),
             at(15, "gates", Gates("rejects", trusted=frozenset({"backup"})))],
)  # fmt: skip

WORLDS["mailboxes that take twelve an hour, and a backlog all at once"] = DAY(
    table=MIMECAST, mailboxes=MailboxRules(12, "554 5.2.122 full"), receiver=Receiver(4, 2_000),
    changes=[at(1, "server", Condition("refused")), at(5, "server", UP), at(5, "retry"),
             at(5.5, "server", Condition("defer")), at(6, "server", UP), *both(9, "refused"),
             at(9, "mx", (BACKUP,)), at(10, "server", Condition("timeout")), at(15, "server", UP)],
)  # fmt: skip

SEEN = {
    "mailboxes that take twelve an hour, and a backlog all at once": {
        ("gateway", "rejected"), ("relay", "rejected"), ("relay", "delivered"),
    },
    "a backup from which too much comes, until a connector names it": {("relay", "delivered")},
    "a backup that greylists senders": {("sender", "backup"), ("relay", "delivered")},
    "a backup that greylists each recipient's senders": {("sender", "backup"), ("relay", "delivered")},
    "the MX moves to a busy backup and back": {("sender", "backup"), ("relay", "delivered")},
    "hosts accept and hold while the server is away": {("held", "waiting"), ("gateway", "delivered")},
    "straight to a server that is locked, then open": {("sender", "server"), ("sender", "rejected")},
    "a backup behind a firewall, half a gateway": {
        ("relay", "delivered"), ("sender", "bounced"), ("gateway", "rejected"), ("sender", "backup"),
    },
    "the gateway's queue alone: pause, extension, retry": {("gateway", "delivered"), ("gateway", "bounced")},
    "the gateway's queue alone: a flood and back pressure": {("gateway", "delivered")},
    "the gateway dies twice with a full queue": {("gateway", "delivered"), ("gateway", "bounced")},
    "a slow filter, a dead gateway, then all at once": {("gateway", "delivered"), ("held", "waiting")},
    "the gateway's queue alone: in batches, then within a limit": {("gateway", "delivered")},
    "some senders are throttled, at every host and at the server": {
        ("sender", "rejected"), ("sender", "bounced"), ("sender", "server"), ("gateway", "bounced"),
    },
    "a slow filter works off what waits at its usual pace": {("gateway", "delivered")},
    "a flood from the gateway and the backup, and back pressure": {
        ("gateway", "delivered"), ("relay", "delivered"), ("sender", "bounced"),
    },
}  # fmt: skip
"""What happens to at least forty messages of each."""


@pytest.mark.parametrize("name", WORLDS)
def test_two_thousand_messages(name: str) -> None:
    plan = replace(WORLDS[name], cuts_ms=CUTS, ahead_ms=[0, HOUR_MS])
    journeys = agree(plan)
    assert len(journeys.legs) > 1_900
    assert len(journeys.mailbox_ms) > 1_000
    seen = Counter(leg[:2] for journey in journeys.legs.values() for leg in journey)
    assert all(seen[one] >= 40 for one in SEEN[name]), seen
    if plan.pressure is not None:
        taken_ms = {one: legs[-1][2] for one, legs in journeys.legs.items() if legs[-1][1] == "delivered"}
        inside_ms = [end_ms - (taken_ms[one] or 0) for one, end_ms in journeys.mailbox_ms.items()]
        works = plan.pressure.works
        behind = max(inside_ms) // works.per_message_ms * works.connections
        assert behind > plan.pressure.rules.medium_to_high, "it has refused mail"


def test_a_greylist_costs_tries_and_what_is_tried_once() -> None:
    """More by recipient than by sender."""
    plan = WORLDS["a backup that greylists each recipient's senders"]
    plan = replace(plan, changes=[change for change in plan.changes if change.word != "greylist"])
    tries, returned = [], []
    for greylist in ((0, False), (20 * MINUTE_MS, False), plan.greylist):
        legs = [one[0] for one in agree(replace(plan, greylist=greylist)).legs.values()]
        tries.append(sum(leg[3] for leg in legs))
        returned.append(sum(leg[1] == "bounced" for leg in legs))
    assert tries[0] < tries[1] < tries[2] - 100
    assert returned[0] < returned[2], "an application tries once"


def test_what_a_throttle_lets_in_an_hour_and_what_a_connector_changes() -> None:
    """By counting: forty an hour, and what a minute brings before the next look, until the connector."""
    plan = WORLDS["a backup from which too much comes, until a connector names it"]
    legs = [legs[-1] for legs in agree(plan).legs.values() if legs[-1][0] == "relay"]
    taken = sorted(leg[2] for leg in legs if leg[1] == "delivered" and leg[2] is not None)
    before = [at_ms for at_ms in taken if 3 * HOUR_MS <= at_ms < 15 * HOUR_MS]
    most = max(sum(at_ms <= one < at_ms + HOUR_MS for one in before) for at_ms in before)
    assert 40 <= most < 60
    free = agree(replace(plan, throttle=None)).legs.values()
    unthrottled = [legs[-1][3] for legs in free if legs[-1][0] == "relay"]
    assert sum(leg[3] for leg in legs) > sum(unthrottled) + 100, "put off again and again"
    assert len(taken) > 600, "all of it comes in the end"
