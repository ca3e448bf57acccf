"""Outages in which the gateway's queue, a wrong answer, or the users decide: what was reported, played."""

import numpy as np
import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.routes.inbound import BACKUP
from sim.mail.users.time_without_mail import lost_user_ms
from tests.fidelity.outages.observed import (
    MIXES,
    Observed,
    observe,
    played,
    scenario,
)
from tests.shipped import FILES

GIVE_UP_WITHIN_A_DAY = ("application", "mailgun", "amazon-ses", "exchange-online")

WHICH = pytest.mark.parametrize("mix", MIXES)


# Gmail, 15 December 2020


@WHICH
def test_a_wrong_5xx_returns_everything_at_once_and_nothing_waits(mix: str) -> None:
    seen = played("gmail-2020", mix, 400)
    sent = seen.sent
    written_then = (sent.written_ms >= seen.onset_ms) & (sent.written_ms < seen.end_ms)
    assert seen.end_ms - seen.onset_ms == 142 * MINUTE_MS
    assert np.array_equal(sent.rejected, written_then)
    assert written_then.sum() > 80
    assert np.array_equal(~sent.taken, sent.rejected), "nothing came back for another reason"
    assert (sent.time_ms - sent.written_ms).max() <= MINUTE_MS, "nobody tries again"
    assert seen.inbound == {
        "delivered": seen.generated - int(written_then.sum()),
        "rejected": int(written_then.sum()),
    }


@WHICH
def test_no_queue_grows_anywhere_under_a_wrong_5xx(mix: str) -> None:
    seen = played("gmail-2020", mix, 400)
    assert max(look.at_senders for look in seen.looks) == 0
    assert max(look.queued for look in seen.during()) == 0
    assert max(look.outbound for look in seen.looks) == 0
    assert "alert.first" not in seen.session.drill.milestones, "no monitor sees it"


# EX1224375, January 2026


@pytest.mark.parametrize(("share", "most"), [("25", 0.0), ("50", 0.0), ("75", 0.001)])
def test_days_of_451_now_and_then_return_few(share: str, most: float) -> None:
    seen = played("exchange-online-2026", users=60, share=share)
    assert seen.end_ms - seen.onset_ms == 108 * HOUR_MS + 25 * MINUTE_MS
    during = seen.session.drill.world.arrived.between(seen.onset_ms, seen.end_ms)
    assert during > 5_000
    assert seen.inbound.get("bounced", 0) <= most * during
    assert seen.inbound["delivered"] + seen.inbound.get("bounced", 0) == seen.generated
    assert seen.session.drill.world.ledger.delay_ms(0, 50), "most mail is late"


def test_days_of_nothing_but_451_return_everything_from_hour_96_on() -> None:
    seen = played("exchange-online-2026", users=60, share="100")
    world, life_ms = seen.session.drill.world, 96 * HOUR_MS
    too_old = world.arrived.between(seen.onset_ms, seen.end_ms - life_ms)
    assert too_old > 1_000
    assert world.queue.bounced.before(seen.end_ms) == too_old
    first_ms = seen.session.drill.milestones["bounce.first"]
    assert life_ms <= first_ms - seen.onset_ms <= life_ms + 10 * MINUTE_MS
    bounced = seen.inbound["bounced"]
    assert seen.inbound == {"delivered": seen.generated - bounced, "bounced": bounced}
    last_ms = world.queue.bounced.last
    assert last_ms is not None
    assert last_ms < seen.end_ms + last_gap_ms("mimecast"), "for those no attempt came in time"
    assert bounced < 1.1 * too_old
    waiting = [look.queued for look in seen.looks if look.now_ms < seen.onset_ms + life_ms]
    assert waiting == sorted(waiting)
    assert waiting[-1] == pytest.approx(world.arrived.between(seen.onset_ms, waiting_until(seen)), abs=5)


def last_gap_ms(platform: str) -> int:
    """From the last attempt to the end of a message's life."""
    life_ms = load_platform(FILES, platform).expires_ms
    return life_ms - int(offsets_ms(load_platform(FILES, platform), life_ms)[-1])


def waiting_until(seen: Observed) -> int:
    """The last look before the first message is too old."""
    return max(look.now_ms for look in seen.looks if look.now_ms < seen.onset_ms + 96 * HOUR_MS)


@pytest.mark.parametrize("share", ["75", "100"])
def test_while_the_gateway_takes_mail_it_does_not_matter_who_writes(share: str) -> None:
    seen = played("exchange-online-2026", users=60, share=share)
    for mix in list(MIXES)[1:]:
        assert played("exchange-online-2026", mix, 60, step_ms=DAY_MS, share=share).inbound == seen.inbound
    assert max(look.at_senders for look in seen.looks) == 0


# EX1321282, May 2026


@WHICH
def test_without_access_mail_goes_on_and_no_monitor_sees_anything(mix: str) -> None:
    seen = played("access-2026", mix)
    world = seen.session.drill.world
    assert seen.end_ms - seen.onset_ms == 8 * HOUR_MS + 15 * MINUTE_MS
    assert world.arrived.between(seen.onset_ms, seen.end_ms) > 100
    assert max(look.queued for look in seen.during()) <= 1, "what is just being delivered"
    assert seen.inbound == {"delivered": seen.generated}
    assert (world.ledger.delay_ms(0, 100) or 0) < MINUTE_MS
    assert not {"alert.first", "bounce.first"} & seen.session.drill.milestones.keys()
    assert lost_user_ms(world.users, seen.session.now_ms) == 150 * (seen.end_ms - seen.onset_ms)


# Rackspace, December 2022


@WHICH
def test_hosts_that_never_come_back_return_mail_as_each_life_ends(mix: str) -> None:
    seen = played("rackspace-2022", mix, 60, step_ms=DAY_MS)
    sent = seen.sent
    gone = sent.time_ms < seen.end_ms
    assert not sent.taken[gone].any()
    assert seen.session.drill.world.arrived.between(seen.onset_ms, seen.end_ms) == 0
    for platform in np.unique(sent.platform):
        life_ms = load_platform(FILES, str(platform)).expires_ms
        theirs = gone & (sent.platform == platform)
        age_ms = (sent.time_ms - sent.written_ms)[theirs]
        if platform == "application":
            assert age_ms.max() <= 5 * MINUTE_MS
            continue
        assert (sent.time_ms[theirs] >= seen.onset_ms + life_ms).all()
        if platform == "exim":  # returns all it has for a host that has been dead for longer than mail lives
            continue
        assert bool(len(age_ms)) == (life_ms < seen.end_ms - seen.onset_ms)
        assert (age_ms >= life_ms).all()
        assert (age_ms <= life_ms * 1.5).all(), "at the limit, or at the next look after it"


@pytest.mark.parametrize("after_h", [10, 30])
def test_a_moved_mx_saves_what_still_waits_and_all_that_is_written_later(after_h: int) -> None:
    moved_ms = HOUR_MS + after_h * HOUR_MS

    def move(session: Session) -> None:
        world = session.drill.world
        world.zone.serve_policy(session.now_ms, (BACKUP,))
        world.zone.change_id(session.now_ms)
        world.zone.publish(session.now_ms, (BACKUP,), 300_000)
        world.zone_changed()

    one = scenario("rackspace-2022", "as shipped", 60)
    seen = observe(one, act=move, act_ms=moved_ms, step_ms=DAY_MS)
    sent = seen.sent
    lives = {name: load_platform(FILES, str(name)).expires_ms for name in np.unique(sent.platform)}
    life_ms = np.array([lives[name] for name in sent.platform])
    later = (sent.written_ms >= moved_ms + DAY_MS) & (sent.written_ms < seen.end_ms)
    assert sent.taken[later].mean() >= 0.95, "some resolvers keep an answer for days"
    assert np.isin(sent.platform[later & ~sent.taken], GIVE_UP_WITHIN_A_DAY).all()
    at_once = sent.taken & (sent.time_ms - sent.written_ms <= HOUR_MS)
    assert at_once[later].mean() >= 0.90
    dead = (sent.written_ms + life_ms < moved_ms) & (sent.platform != "application")
    assert not sent.taken[dead].any()
    alive = (life_ms >= 3 * DAY_MS) & (sent.written_ms >= seen.onset_ms) & (sent.written_ms < seen.end_ms)
    assert alive.sum() > 1_000
    assert sent.taken[alive].mean() >= 0.99
    assert ("exchange-online" in sent.platform[dead]) == (after_h > 24)
