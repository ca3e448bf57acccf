"""A cloud gateway that nobody reaches: Mimecast in May 2013 and October 2019, Barracuda in December 2014.

Reported: mail waits with those who sent it and needs no resending, a backlog follows. Who gives up
within such a time follows from the lives that senders publish.
"""

import numpy as np
import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import load_platform, offsets_ms
from tests.fidelity.outages.observed import (
    MIXES,
    Observed,
    Sent,
    observe,
    played,
    scenario,
)
from tests.shipped import FILES

ONCE = ("application",)
"""Sends once and keeps nothing."""

SHORT_LIVED = {"mailgun": 8 * HOUR_MS, "amazon-ses": 14 * HOUR_MS}
"""Vendors: how long each keeps a message. All the others of the mixes keep it for a day or longer."""

WHICH = pytest.mark.parametrize("mix", MIXES)


def dried_up(seen: Observed, from_ms: int, until_ms: int) -> bool:
    """Whether no message came to the gateway in [from, until)."""
    return seen.session.drill.world.arrived.between(from_ms, until_ms) == 0


def last_gap_ms(platform: str) -> int:
    """From the last attempt to the end of a message's life."""
    life_ms = load_platform(FILES, platform).expires_ms
    return life_ms - int(offsets_ms(load_platform(FILES, platform), life_ms)[-1])


def only_at_once(sent: Sent) -> bool:
    """Whether nobody gave anything up but those who send once."""
    return bool((sent.taken | sent.returned_by(*ONCE)).all())


@WHICH
def test_five_hours_without_a_gateway_cost_mail_of_those_only_who_send_once(mix: str) -> None:
    seen = played("mimecast-2013", mix)
    sent, last = seen.sent, seen.looks[-1]
    assert dried_up(seen, seen.onset_ms, seen.end_ms)
    assert only_at_once(sent)
    waited = sent.taken & (sent.written_ms >= seen.onset_ms) & (sent.written_ms < seen.end_ms)
    most = max(look.at_senders for look in seen.looks)
    assert most > 1_000
    assert most == pytest.approx(int(waited.sum()), rel=0.01)
    assert max(look.queued for look in seen.looks if look.now_ms <= seen.end_ms) < 10
    assert (last.at_senders, last.queued, last.outbound) == (0, 0, 0)
    assert sent.time_ms[waited].min() >= seen.end_ms


@WHICH
def test_the_backlog_follows_and_nothing_has_to_be_sent_again(mix: str) -> None:
    seen = played("mimecast-2013", mix)
    assert seen.inbound == {
        name: count
        for name, count in (
            ("delivered", seen.generated - int((~seen.sent.taken).sum())),
            ("bounced", int((~seen.sent.taken).sum())),
        )
        if count
    }
    queue = [look.at_senders for look in seen.looks]
    top = queue.index(max(queue))
    assert queue[:top] == sorted(queue[:top]), "it grows as long as the outage lasts"
    assert seen.looks[top].now_ms <= seen.end_ms
    late_ms = seen.sent.time_ms[seen.sent.taken] - seen.sent.written_ms[seen.sent.taken]
    assert 5 * HOUR_MS <= late_ms.max() <= 10 * HOUR_MS, "the last come when their timers fire"


@WHICH
def test_mail_to_the_outside_waits_on_the_mail_server_and_then_leaves(mix: str) -> None:
    seen = played("mimecast-2013", mix)
    stuck = [look.outbound for look in seen.looks if seen.onset_ms < look.now_ms <= seen.end_ms]
    assert stuck == sorted(stuck)
    assert stuck[-1] > 500
    assert seen.outbound == {"delivered": seen.session.drill.world.generated()[1]}


@WHICH
def test_no_life_ends_within_eight_hours_and_then_the_shortest_end_first(mix: str) -> None:
    """For those who were cut off for fourteen hours."""
    seen = played("mimecast-2013", mix, outage="14h")
    sent = seen.sent
    early = ~sent.taken & (sent.time_ms < seen.onset_ms + 8 * HOUR_MS)
    assert early.sum() <= 0.06 * (sent.written_ms < seen.onset_ms + 8 * HOUR_MS).sum()
    assert (early <= sent.returned_by(*ONCE)).all()
    assert (sent.taken | sent.returned_by(*ONCE, *SHORT_LIVED)).all()
    for platform, life_ms in SHORT_LIVED.items():
        given_up, ends_ms = sent.returned_by(platform), sent.written_ms + life_ms
        assert (sent.time_ms == ends_ms)[given_up].all()
        doomed = (sent.platform == platform) & (sent.written_ms >= seen.onset_ms) & (ends_ms < seen.end_ms)
        assert (doomed <= given_up).all()
        assert (ends_ms[given_up] < seen.end_ms + last_gap_ms(platform)).all(), "no attempt came in time"
    assert seen.inbound.get("bounced", 0) == (~sent.taken).sum()


def test_what_fourteen_hours_cost_depends_on_who_writes() -> None:
    lost = {
        mix: int((~sent.taken & ~sent.returned_by(*ONCE)).sum())
        for mix in MIXES
        for sent in [played("mimecast-2013", mix, outage="14h").sent]
    }
    assert lost["two large hosts"] == 0
    assert 0 < lost["as shipped"] < lost["many short-lived"] // 4
    generated = played("mimecast-2013", "as shipped", outage="14h").generated
    assert lost["as shipped"] < generated // 10


def test_the_lives_that_decide_are_those_in_the_platforms_files() -> None:
    for platform, life_ms in SHORT_LIVED.items():
        assert load_platform(FILES, platform).expires_ms == life_ms
    kept = {name for mix in MIXES.values() for name, _ in mix} - {*SHORT_LIVED, *ONCE}
    for platform in kept:
        assert load_platform(FILES, platform).expires_ms >= 24 * HOUR_MS


@WHICH
def test_with_one_live_host_of_the_pair_inbound_mail_hardly_waits(mix: str) -> None:
    """The vendor's advice of 2013: of a pair of hosts mail goes to the live one."""
    one = scenario("mimecast-2013", mix, 150)
    half = one.timeline[0].model_copy(update={"hosts": "one", "direction": "inbound"})
    seen = observe(one.model_copy(update={"timeline": (half,)}))
    assert only_at_once(seen.sent), "who asks one host only goes without"
    assert (seen.sent.time_ms - seen.sent.written_ms).max() <= 5 * MINUTE_MS


@WHICH
def test_mail_dries_up_for_hours_and_comes_between_the_episodes(mix: str) -> None:
    """October 2019."""
    seen = played("mimecast-2019", mix)
    first, half_way, again = seen.session.scenario.timeline
    for fault in (first, again):
        assert fault.for_ms >= 2 * HOUR_MS
        assert dried_up(seen, fault.at_ms, fault.until_ms)
        before = seen.session.drill.world.arrived.between(fault.at_ms - HOUR_MS, fault.at_ms)
        assert before > 100
    assert seen.session.drill.world.arrived.between(half_way.at_ms, half_way.until_ms) > 500
    assert only_at_once(seen.sent)
    assert (seen.looks[-1].at_senders, seen.looks[-1].outbound) == (0, 0)


def test_the_console_is_out_of_reach_while_mail_is() -> None:
    """October 2019: nothing can be changed at the gateway while it fails."""
    one = scenario("mimecast-2019", "as shipped", 20)
    seen = observe(one, act=lambda session: session.dispatch("deliveries pause inbound"), act_ms=3 * HOUR_MS)
    told = [event.text for event in seen.session.events() if event.kind == "failed"]
    assert len(told) == 1
    assert told[0].endswith("the console is unreachable; the command was not carried out")


@WHICH
def test_an_attack_that_holds_connections_and_stuck_delivery_lose_no_mail(mix: str) -> None:
    """December 2014: late for days in parts, no loss; who sends once has no second chance."""
    seen = played("barracuda-2014", mix)
    world = seen.session.drill.world
    attacks, stuck = seen.session.scenario.timeline[:2], seen.session.scenario.timeline[2]
    for fault in attacks:
        looks = [look.at_senders for look in seen.looks if fault.at_ms < look.now_ms <= fault.until_ms]
        assert max(looks) > 0
        assert world.arrived.between(fault.at_ms, fault.until_ms) > 0, "some get through"
    assert only_at_once(seen.sent)
    assert world.queue.bounced.before(np.array([seen.session.now_ms]))[0] == 0
    kept = [look.held for look in seen.looks if stuck.at_ms < look.now_ms < stuck.until_ms]
    assert kept == sorted(kept)
    assert kept[-1] > 1_000
    assert world.queue.delivered.between(stuck.at_ms + MINUTE_MS, stuck.until_ms) == 0
    assert seen.looks[-1].held == 0
    assert seen.inbound["delivered"] == int(seen.sent.taken.sum()) + _before(seen)


def _before(seen: Observed) -> int:
    """Messages that came before the first trouble."""
    return seen.session.drill.world.arrived.between(0, seen.onset_ms)
