"""The sending hop begins early enough for what its senders remember."""

from functools import partial

import numpy as np
import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import Messages
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from tests.shipped import FILES

TROUBLE_MS = 10 * HOUR_MS


@pytest.mark.parametrize(("last_h", "waited_s"), [(8, 6_000), (6, 6_400)])
def test_a_delivery_hours_before_the_trouble_counts_for_opensmtpd(last_h: int, waited_s: int) -> None:
    """By hand: a message is delivered at 8 h (or 6 h); the host refuses from 10 h to 11 h 30 min. A
    message of 10 h is deferred; its next square after the return is that of 6,400 s. New mail at 11 h 40
    min releases it before, unless the delivery is 4 h old at 10 h.
    """
    who = CorrespondentTable(1, (load_platform(FILES, "opensmtpd"),), (100,), (1,), 1)
    arrival_ms = np.array([last_h * HOUR_MS, TROUBLE_MS, TROUBLE_MS + 100 * MINUTE_MS], dtype=np.int64)

    def sent(a_ms: int, b_ms: int) -> Messages:
        some = (a_ms <= arrival_ms) & (arrival_ms < b_ms)
        return Messages(np.flatnonzero(some).astype(np.int64), arrival_ms[some])

    host = ReceivingHost("mx1", 1)
    hop = SendingHop(who, [host], ("mx1",), sent, TROUBLE_MS)
    hop.changes(partial(host.becomes, TROUBLE_MS, Behaviour("refused")))
    hop.advance(TROUBLE_MS + 90 * MINUTE_MS)
    hop.changes(partial(host.becomes, hop.now_ms, Behaviour()))
    gone = hop.advance(TROUBLE_MS + 3 * HOUR_MS)
    waited_ms = {int(i): int(t) - TROUBLE_MS for i, t in zip(gone.id, gone.time_ms, strict=True)}
    assert waited_ms[2] == 100 * MINUTE_MS
    assert waited_ms[1] == waited_s * 1_000
