"""What users write, to the outside and to each other, against the plain model of their house.

Outboxes, continuity apps, the mail server's own queue and its connectors, the gateway's inbound queue: each
message of both directions leaves each place at the same millisecond, after as many tries, cut anywhere.
"""

from collections import Counter
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import DIRECTIONS, INTERNAL, OUTBOUND, Stream
from sim.mail.message.weekly_curve import Volume
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.users.outbox import recipients
from tests.examples import examples
from tests.oracle.house import WAYS_OUT, House, past_the_gateway, server_queue
from tests.oracle.household import (
    APPS,
    CLOUD_PERCENT,
    EMAIL,
    EVERYBODY,
    GROUPS,
    NOBODY,
    OWN_MAIL,
    SESSION_MS,
    SMS,
    SOME,
    Busy,
    Household,
    Online,
)
from tests.oracle.outgoing import Outgoing, passes_at_once
from tests.oracle.path import GATEWAY, Change, Leg, Plan, travel
from tests.oracle.test_gateway import HASTY, MIMECAST, MONDAY_UTC_MS
from tests.oracle.watched import USERS, correspondents, mail_of, played, week_of


@cache
def own_mail(
    seed: int, direction: int, in_an_hour: bool, until_ms: int, a_day: int = 0
) -> tuple[tuple[int, int], ...]:
    """(id, time) of what users write, as the world makes it."""
    week = week_of(Plan(seed, 0, in_an_hour, HASTY, until_ms))
    stream = Stream(seed, direction, Volume(week, a_day or OWN_MAIL[direction - 1]), MONDAY_UTC_MS)
    mail = stream.between(0, until_ms)
    return tuple(zip(mail.id.tolist(), mail.arrival_ms.tolist(), strict=True))


def percentiles(delays_ms: list[int]) -> list[int | None]:
    ranks = [-(-percent * len(delays_ms) // 100) for percent in (1, 25, 50, 75, 95, 99, 100)]
    return [sorted(delays_ms)[rank - 1] if delays_ms else None for rank in ranks]


def agree(plan: Plan, kind: type[Household] = Household) -> Counter[str]:
    """Both answers, compared to the millisecond; how often the oracle saw each thing."""
    world = played(plan, kind)
    assert isinstance(world, Household)
    shape = plan.in_an_hour, plan.until_ms
    written = {d: own_mail(plan.seed, d, *shape, kind.own_mail[d - 1]) for d in (OUTBOUND, INTERNAL)}
    house = House(plan.seed, USERS, APPS, GROUPS, CLOUD_PERCENT, SESSION_MS)
    everything = sorted([*written[OUTBOUND], *written[INTERNAL]], key=lambda one: (one[1], one[0]))
    posts = house.live(everything, plan.changes, plan.until_ms)
    outside, inside = ({one for one, _at_ms in written[d]} for d in (OUTBOUND, INTERNAL))
    written_ms = dict(everything)

    in_outbox, queue_left = world.own()
    assert posts.in_outbox == in_outbox
    assert world.posted.were_in_outbox == posts.were_in_outbox
    from_outbox = {one: at for one, at in posts.by_program_ms.items() if one in posts.were_in_outbox}
    assert world.posted.by_program_ms == from_outbox

    taken_ms = {one: at for one, at in posts.by_program_ms.items() if one in outside}
    queue, notices_ms = server_queue(plan.seed, kind.server_platform, taken_ms, plan.changes, plan.until_ms)
    modelled = {one: left for one, left in queue.items() if taken_ms[one] >= world.queue_begun_ms}
    at_once = queue.keys() - modelled.keys()
    assert queue_left == modelled
    assert all(queue[one][:2] == ("gateway", taken_ms[one]) for one in at_once)

    by_app = {one: at for one, at in posts.by_app_ms.items() if one in outside}
    at_gateway = by_app | {one: left[1] or 0 for one, left in queue.items() if left[0] == "gateway"}
    out_ms, kept = past_the_gateway(at_gateway, plan.changes, plan.until_ms)
    for one, (what, when_ms, _tries, _put_off) in queue.items():
        if what in ("secondary", "direct"):
            out_ms[one] = when_ms or 0
    world_sent_ms = np.concatenate([world.writers.sent.since(0)]).tolist()
    later_ms = {
        one: at_ms for one, at_ms in out_ms.items()
        if one in at_gateway and not passes_at_once(plan, at_gateway[one], at_ms)
    }  # fmt: skip
    with_whom = correspondents().of(np.array(list(later_ms), dtype=np.int64)).tolist()
    beyond = Outgoing(plan, later_ms, dict(zip(later_ms, with_whom, strict=True))).fates()
    for one, (what, when_ms, _attempts) in beyond.items():
        del out_ms[one]
        if what == "delivered":
            out_ms[one] = when_ms or 0
    assert world_sent_ms == sorted(out_ms.values())
    further = Counter(what for what, *_ in beyond.values())

    mail = mail_of(plan, world)
    colleagues = sorted((at, one) for one, at in posts.by_app_ms.items() if one in inside)
    users = recipients(plan.seed, np.array([one for _, one in colleagues], dtype=np.int64), USERS).tolist()
    whom = dict(zip([one for _at, one in colleagues], users, strict=True))
    letters = [(one, at_ms) for at_ms, one in colleagues]
    mail = replace(mail, written=mail.written + letters, users=mail.users | whom)
    expected, found = travel(plan, mail), world.journeys()
    assert found.legs == expected.legs
    assert found.mailbox_ms == expected.mailbox_ms

    read_ms = {one: at for one, at in expected.mailbox_ms.items() if one in inside}
    read_ms |= {one: at for one, at in posts.by_program_ms.items() if one in inside}
    for direction, arrived_ms in ((OUTBOUND, out_ms), (INTERNAL, read_ms)):
        delays_ms = [at_ms - written_ms[one] for one, at_ms in arrived_ms.items()]
        told = [world.ledger.delay_ms(direction, percent) for percent in (1, 25, 50, 75, 95, 99, 100)]
        assert told == percentiles(delays_ms), DIRECTIONS[direction]
    waits = [one for one in expected.legs if one in inside]
    last: list[Leg] = [expected.legs[one][-1] for one in waits]
    fates = Counter(what for what, *_ in queue.values())
    check_books(
        world,
        {"at_sender": len(outside & posts.in_outbox.keys()), "held": len(kept),
         "gateway_queue": further["waiting"], "server_queue": fates["waiting"], "delivered": len(out_ms),
         "bounced": fates["bounced"] + further["bounced"],
         "rejected": fates["rejected"] + further["rejected"]},
        {"at_sender": len(inside & posts.in_outbox.keys()), "held": sum(leg[0] == "held" for leg in last),
         "gateway_queue": sum(leg[:2] == ("gateway", "waiting") for leg in last),
         "delivered": len(read_ms), "bounced": sum(leg[1] == "bounced" for leg in last),
         "rejected": sum(leg[1] == "rejected" for leg in last)},
    )  # fmt: skip
    tries = sum(left[2] for left in queue.values()) + len(by_app)
    passed_on = sum(at_gateway[one] == at_ms for one, at_ms in later_ms.items())
    tries += sum(attempts for _what, _when_ms, attempts in beyond.values()) - passed_on
    assert world.attempts()["outbound"] == tries
    assert world.deferrals()["outbound"] == sum(left[3] for left in queue.values())
    copies = Counter(outbox=0, notice=0)
    for one, sent_ms in from_outbox.items():
        if one in inside or one in at_once:
            copies["outbox"] += house.writes_again(one, written_ms[one], sent_ms, kind.habits)
    for one, (what, left_ms, _tries, _put_off) in modelled.items():
        if left_ms is not None and what in WAYS_OUT and left_ms > written_ms[one]:
            copies["outbox"] += house.writes_again(one, written_ms[one], left_ms, kind.habits)
            if notices_ms[one] < left_ms:
                copies["notice"] += house.after_notice(one, notices_ms[one], kind.habits)
    counts = world.copies.counts(None)
    assert {"outbox": counts["outbox"], "notice": counts["notice"]} == dict(copies)
    seen = Counter({f"out: {what}": count for what, count in fates.items()})
    seen += Counter(f"in: {leg[0]} {leg[1]}" for leg in last)
    seen += Counter({f"copies: {cause}": count for cause, count in copies.items()})
    seen += Counter({f"beyond: {what}": count for what, count in further.items()})
    seen["outbox"], seen["kept"], seen["app"] = len(posts.were_in_outbox), len(kept), len(posts.by_app_ms)
    return seen


def check_books(world: Household, outbound: dict[str, int], internal: dict[str, int]) -> None:
    """The ledger's accounts are what the oracle's messages add up to, and nothing else."""
    book = world.custody()
    assert book["outbound"] == {account: count for account, count in outbound.items() if count}
    assert book["internal"] == {account: count for account, count in internal.items() if count}


ANSWERS = ("up", "up", "refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject")
LENGTHS_MS = (20 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 30 * HOUR_MS)
WORDS = (
    *("lost",) * 4, "event", "event", "end event", "tell", "tell", "apps", "permit", "directory", "cloud",
    *("way out",) * 4, "connector", "connector", "keeps", "keeps", "holds", "server", "server", "retry",
    *("outside",) * 4, "out pauses", "out pauses", "out retry", "out bounced", "out extend",
)  # fmt: skip
OUTSIDE = (
    UP, UP, Condition("defer"), Condition("defer", 400, "recipients"), Condition("reject", 100, "recipients"),
    Condition("timeout", 500, "recipients"),
)  # fmt: skip


def whats(word: str) -> st.SearchStrategy[Any]:
    """What goes with a change of that name."""
    after_ms = st.sampled_from([0, 1, 10 * MINUTE_MS, HOUR_MS])
    who = st.sampled_from([EVERYBODY, EVERYBODY, SOME, EVERYBODY - SOME])
    share = st.sampled_from([1000, 1000, 400])
    return {
        "lost": st.sampled_from([EVERYBODY, EVERYBODY, NOBODY, NOBODY, SOME, EVERYBODY - SOME]),
        "event": st.tuples(after_ms, st.sampled_from(LENGTHS_MS), who),
        "tell": st.tuples(st.sampled_from([SMS, EMAIL]), who, st.booleans()),
        "apps": st.booleans(),
        "permit": st.tuples(st.integers(0, 1), st.integers(0, 3), after_ms),
        "directory": st.booleans(),
        "cloud": after_ms,
        "way out": st.tuples(
            st.sampled_from(WAYS_OUT), st.builds(Behaviour, st.sampled_from(ANSWERS), share)
        ),
        "connector": st.tuples(st.sampled_from(WAYS_OUT), after_ms),
        "keeps": st.booleans(),
        "holds": st.sampled_from([(), GATEWAY]),
        "outside": st.sampled_from(OUTSIDE),
        "out pauses": st.booleans(),
        "out extend": st.sampled_from([1, MINUTE_MS, 10 * HOUR_MS]),
        "server": st.sampled_from([UP, Condition("refused"), Condition("reject", 300), Condition("defer")]),
    }.get(word, st.none())


@st.composite
def plans(draw: st.DrawFn, until_ms: int) -> Plan:
    """Changes fall on, just before and just after the moments that matter to a letter."""
    seed, in_an_hour = draw(st.integers(0, 20)), draw(st.booleans())
    written_ms = [at for d in (OUTBOUND, INTERNAL) for _, at in own_mail(seed, d, in_an_hour, until_ms)] or [
        0
    ]
    marks = st.builds(
        lambda n, after_ms: min(max(written_ms[n % len(written_ms)] + after_ms, 0), until_ms - 1),
        st.integers(0, 10_000),
        st.sampled_from([-1, 0, 1, 5 * MINUTE_MS, 60_000, 24 * HOUR_MS, 48 * HOUR_MS]),
    )
    anywhere = st.one_of(marks, st.integers(0, until_ms - 1), st.integers(0, HOUR_MS))
    plan = Plan(
        seed, draw(st.integers(0, 60)), in_an_hour, draw(st.sampled_from([HASTY, MIMECAST])), until_ms
    )
    dead = False
    for at_ms in sorted(draw(st.lists(anywhere, min_size=2, max_size=14))):
        word = draw(st.sampled_from([*WORDS, "revives" if dead else "dies"]))
        dead = {"dies": True, "revives": False}.get(word, dead)
        plan.changes.append(Change(at_ms, word, draw(whats(word))))
    plan.counts = draw(st.sampled_from([(True, True), (True, True), (False, False)]))
    plan.covers_queued = draw(st.booleans())
    plan.receiver = Receiver(draw(st.integers(1, 3)), draw(st.integers(1, 20_000)))
    plan.cuts_ms = draw(st.lists(anywhere, max_size=6))
    plan.ahead_ms = draw(st.lists(st.integers(0, 6 * HOUR_MS), max_size=3))
    return plan


@examples(60)
@given(plans(9 * HOUR_MS))
def test_mail_from_users_around_an_outage_of_an_exchange_server(plan: Plan) -> None:
    agree(plan)


@examples(40)
@given(plans(52 * HOUR_MS), st.sampled_from([Household, Online]))
def test_mail_from_users_over_two_days(plan: Plan, kind: type[Household]) -> None:
    agree(plan, kind)


def at(hours: float, word: str, what: Any = None) -> Change:
    return Change(int(hours * HOUR_MS), word, what)


def out(hours: float, name: str, answer: str, per_mille: int = 1000) -> Change:
    return at(hours, "way out", (name, Behaviour(answer, per_mille)))


DAY = partial(Plan, 5, 100, in_an_hour=False, until_ms=24 * HOUR_MS)
CUTS = list(range(0, 24 * HOUR_MS, 5_000_017))
DOWN, BACK = ("server", Condition("refused")), ("server", UP)
WORLDS = {
    "the server is down and an event lapses": DAY(
        table=MIMECAST,
        changes=[at(1, "lost", EVERYBODY), at(1, *DOWN), at(1.1, "directory", False),
                 at(1.3, "event", (0, 8 * HOUR_MS, EVERYBODY)), at(1.4, "tell", (SMS, EVERYBODY, False)),
                 at(2, "cloud", HOUR_MS), at(4, "permit", (0, 3, HOUR_MS)), at(5, "apps", False),
                 at(6, "apps", True), at(7, "tell", (EMAIL, EVERYBODY, True)), at(9.3, "end event"),
                 at(11, "event", (0, 30 * HOUR_MS, SOME)), at(14, "directory", True), at(14, *BACK),
                 at(14, "lost", NOBODY), at(14, "retry")],
    ),
    "the gateway keeps what goes out, then refuses it": DAY(
        table=HASTY,
        changes=[at(1, "keeps", True), at(3, "connector", ("secondary", HOUR_MS)), at(5, "keeps", False),
                 out(6, "secondary", "defer", 400), at(9, "connector", ("direct", 0)),
                 out(10, "direct", "reject", 200), at(13, "connector", ("gateway", 10 * MINUTE_MS)),
                 out(13, "gateway", "timeout"), at(15, "lost", SOME), out(18, "gateway", "up"),
                 at(20, "lost", NOBODY)],
    ),
    "receivers put off what the gateway brings, and it keeps some": DAY(
        table=HASTY,
        changes=[at(1, "outside", Condition("defer", 400, "recipients")), at(3, "out pauses", True),
                 at(4, "keeps", True), at(5, "out extend", 2 * HOUR_MS), at(6, "out pauses", False),
                 at(7, "keeps", False), at(9, "out retry"), at(10, "dies"), at(11, "revives"),
                 at(12, "connector", ("direct", 0)), at(13, "outside", UP),
                 at(14, "connector", ("gateway", 0)), at(15, "lost", EVERYBODY), at(15, *DOWN),
                 at(15, "event", (0, 8 * HOUR_MS, EVERYBODY)), at(15, "tell", (SMS, EVERYBODY, False)),
                 at(16, "outside", Condition("reject", 200, "recipients")), at(18, "out bounced"),
                 at(20, *BACK), at(20, "lost", NOBODY)],
    ),
    "colleagues write to each other by a gateway that holds": DAY(
        table=HASTY, receiver=Receiver(1, 15_000),
        changes=[at(1, "lost", EVERYBODY), at(1, *DOWN), at(1, "event", (0, 30 * HOUR_MS, EVERYBODY)),
                 at(1.1, "tell", (SMS, EVERYBODY, False)), at(4, "holds", GATEWAY), at(8, "holds", ()),
                 at(8.1, "server", Condition("reject", 300)), at(10, *BACK), at(12, "lost", EVERYBODY - SOME),
                 at(13, "end event"), at(16, *DOWN), at(20, "lost", NOBODY)],
    ),
}  # fmt: skip
SEEN = {
    "the server is down and an event lapses": {
        "outbox", "app", "in: gateway delivered", "out: gateway", "copies: outbox",
    },
    "the gateway keeps what goes out, then refuses it": {
        "outbox", "out: gateway", "out: secondary", "out: direct", "out: rejected", "copies: notice",
    },
    "receivers put off what the gateway brings, and it keeps some": {
        "app", "out: gateway", "out: direct", "beyond: delivered", "beyond: bounced",
    },
    "colleagues write to each other by a gateway that holds": {
        "app", "outbox", "in: gateway delivered", "in: gateway bounced", "in: gateway rejected",
    },
}  # fmt: skip
"""What happens to at least thirty letters of each."""


@pytest.mark.parametrize("name", WORLDS)
def test_two_thousand_messages_from_users(name: str) -> None:
    seen = agree(replace(WORLDS[name], cuts_ms=CUTS, ahead_ms=[0, HOUR_MS]), Busy)
    assert all(seen[one] >= 30 for one in SEEN[name]), seen


def test_the_tenant_s_queue_gives_up_after_a_day() -> None:
    """What Exchange Online cannot hand on it returns at 24 h, one letter at its own time."""
    changes = [
        at(1, "way out", ("gateway", Behaviour("defer"))),
        at(40, "way out", ("gateway", Behaviour("up"))),
    ]
    seen = agree(Plan(3, 40, False, HASTY, 52 * HOUR_MS, changes=changes), Online)
    assert seen["out: bounced"] > 50
