"""Bulk senders' lists against a plain walk through the mail."""

from functools import partial

import numpy as np

from sim.kernel.duration import HOUR_MS
from sim.mail.ownmail import recipients
from sim.mail.platform import load_platform
from sim.mail.senders.correspondents import correspondents
from sim.mail.suppression import Suppressed, Suppression
from sim.mail.traffic import INBOUND, OUTBOUND, REAL_MAIL, Stream, Volume
from tests.oracle.watched import FLAT

SEED, USERS = 3, 9
WHO = correspondents(SEED, [(load_platform("sendgrid"), 60), (load_platform("postfix"), 40)], 5, 1)
WHOM = partial(recipients, SEED, users=USERS)


def mail(direction: int = INBOUND) -> Stream:
    return Stream(SEED, direction, Volume(FLAT, 2_000), 0)


def test_what_is_written_after_a_refusal_counts_by_account_and_address() -> None:
    some = mail().between(0, 24 * HOUR_MS)
    refused = some.take(np.arange(200, 260))
    found = Suppression(lambda: WHO, WHOM)
    found.refused(refused.id, refused.arrival_ms + HOUR_MS)
    listed: dict[tuple[int, int], int] = {}
    for identity, at_ms in zip(refused.id, refused.arrival_ms + HOUR_MS, strict=True):
        one = np.array([identity])
        sender, user = int(WHO.of(one)[0]), int(WHOM(one)[0])
        if WHO.platform_of(sender).id == "sendgrid":
            listed.setdefault((sender, user), int(at_ms))
    lost = 0
    for identity, at_ms in zip(some.id, some.arrival_ms, strict=True):
        one = np.array([identity])
        lost += at_ms > listed.get((int(WHO.of(one)[0]), int(WHOM(one)[0])), 10**12)
    assert found.count(mail(), 24 * HOUR_MS) == Suppressed(len(listed), lost)
    assert 5 < len(listed) < 60
    assert lost > 20
    assert found.count(mail(), int(refused.arrival_ms[0])).messages == 0


def test_own_mail_real_mail_and_other_platforms_are_on_no_list() -> None:
    found = Suppression(lambda: WHO, WHOM)
    own = mail(OUTBOUND).between(0, HOUR_MS)
    found.refused(own.id, own.arrival_ms)
    found.refused(np.array([REAL_MAIL + 1]), np.array([5]))
    assert found.count(mail(), HOUR_MS) == Suppressed()
    postfix = Suppression(lambda: correspondents(SEED, [(load_platform("postfix"), 100)], 5, 1), WHOM)
    some = mail().between(0, HOUR_MS)
    postfix.refused(some.id, some.arrival_ms)
    assert postfix.count(mail(), 9 * HOUR_MS) == Suppressed()
