"""Bulk senders' lists against a plain walk through the mail."""

from functools import partial

import numpy as np

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import INBOUND, OUTBOUND, REAL_MAIL, Stream
from sim.mail.message.weekly_curve import Volume
from sim.mail.platforms.platform import load_platform
from sim.mail.routes.suppression_lists import SuppressionLists
from sim.mail.senders.hosts.correspondents import CorrespondentTable, correspondents
from sim.mail.users.outbox import recipients
from tests.oracle.watched import FLAT
from tests.shipped import FILES

SEED, USERS = 3, 9
WHO = correspondents(
    SEED, [(load_platform(FILES, "sendgrid"), 60), (load_platform(FILES, "postfix"), 40)], 5, 1
)
WHOM = partial(recipients, SEED, users=USERS)


def mail(direction: int = INBOUND) -> Stream:
    return Stream(SEED, direction, Volume(FLAT, 2_000), 0)


def lists(who: CorrespondentTable = WHO, coming_ms: int | None = None) -> tuple[SuppressionLists, list[str]]:
    told: list[str] = []
    found = SuppressionLists(
        mail(),
        lambda: who,
        WHOM,
        lambda _bound: coming_ms,
        lambda: told.append("grown"),
        SEED,
        15 * MINUTE_MS,
    )
    return found, told


def test_from_the_next_set_time_on_nothing_is_sent_to_who_was_refused() -> None:
    some = mail().between(0, 24 * HOUR_MS)
    refused = some.take(np.arange(200, 260))
    found, told = lists()
    found.refused(refused.id, refused.arrival_ms)
    now_ms, look_ms = 0, found.first_crossing(0, 24 * HOUR_MS)
    listed: dict[tuple[int, int], int] = {}
    while look_ms is not None:
        assert look_ms % (15 * MINUTE_MS) == 0
        assert look_ms >= now_ms
        found.cross(look_ms)
        now_ms, look_ms = look_ms, found.first_crossing(look_ms, 24 * HOUR_MS)
    for identity, at_ms in zip(refused.id, refused.arrival_ms.tolist(), strict=True):
        one = np.array([identity])
        sender, user = int(WHO.of(one)[0]), int(WHOM(one)[0])
        if WHO.platform_of(sender).id == "sendgrid":
            listed.setdefault((sender, user), (at_ms // (15 * MINUTE_MS) + 1) * 15 * MINUTE_MS)
    sent = set()
    for identity, at_ms in zip(some.id, some.arrival_ms, strict=True):
        one = np.array([identity])
        if at_ms < listed.get((int(WHO.of(one)[0]), int(WHOM(one)[0])), 10**12):
            sent.add(int(identity))
    assert set(found.sent(0, 24 * HOUR_MS).id.tolist()) == sent
    assert len(some) - len(sent) > 20
    assert 5 < found.addresses == len(listed) < 60
    assert 0 < len(told) <= 5, "not once for each"


def test_a_look_at_which_nobody_is_added_tells_nobody() -> None:
    found, told = lists(coming_ms=HOUR_MS + 1)
    assert found.first_crossing(0, HOUR_MS) is None, "not before anything can have been refused"
    assert found.first_crossing(0, 2 * HOUR_MS) == HOUR_MS + 15 * MINUTE_MS
    found.cross(HOUR_MS + 15 * MINUTE_MS)
    assert not told
    assert len(found.sent(0, HOUR_MS)) == len(mail().between(0, HOUR_MS))


def test_own_mail_real_mail_and_other_platforms_are_on_no_list() -> None:
    found, _told = lists()
    own = mail(OUTBOUND).between(0, HOUR_MS)
    found.refused(own.id, own.arrival_ms)
    found.refused(np.array([REAL_MAIL + 1]), np.array([5]))
    assert found.first_crossing(0, 9 * HOUR_MS) is None
    postfix, _told = lists(correspondents(SEED, [(load_platform(FILES, "postfix"), 100)], 5, 1))
    some = mail().between(0, HOUR_MS)
    postfix.refused(some.id, some.arrival_ms)
    assert postfix.first_crossing(0, 9 * HOUR_MS) is None
