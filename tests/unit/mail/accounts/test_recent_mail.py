"""Recent mail from outside: what nobody misses any more is not kept."""

import numpy as np

from sim.kernel.duration import DAY_MS, HOUR_MS
from sim.mail.accounts.recent_mail import RecentMail
from sim.mail.users.patience import LONGEST_PATIENCE_MS, missed_permille


def test_a_backlog_that_drains_adds_only_the_mail_that_can_still_be_missed() -> None:
    """After four days without a server, each hourly check went through two million messages."""
    recent, every_ms = RecentMail(), np.arange(0, 4 * DAY_MS, 60_000)
    for hour in range(96):
        to_ms = (hour + 1) * HOUR_MS
        recent.write(every_ms[hour * 60 : (hour + 1) * 60], to_ms)
    recent.come(every_ms)
    recent.send(every_ms)
    young_ms = every_ms[every_ms >= 4 * DAY_MS - LONGEST_PATIENCE_MS]
    assert recent.come_ms.tolist() == recent.sent_ms.tolist() == young_ms.tolist()


def test_the_missed_share_is_that_of_all_mail() -> None:
    recent, every_ms = RecentMail(), np.arange(0, DAY_MS, 60_000)
    recent.write(every_ms, DAY_MS)
    come_ms = every_ms[::3]
    recent.come(come_ms)
    for now_ms in (DAY_MS, DAY_MS + HOUR_MS):
        for patience_ms in ((0, 2 * HOUR_MS), (HOUR_MS, 2 * HOUR_MS, LONGEST_PATIENCE_MS)):
            kept = missed_permille(recent.written_ms, recent.come_ms, now_ms, patience_ms)
            assert kept == missed_permille(every_ms, come_ms, now_ms, patience_ms) > 0
