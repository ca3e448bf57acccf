"""Exchange Server, Courier, OpenSMTPD and senders with timers of their own: machine and oracle tell the same
history of every world, message by message and to the millisecond, however time is cut.
"""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.duration import HOUR_MS
from sim.mail.platform import Platform, load_platform
from sim.mail.senders.build import is_stateful
from tests.oracle.played import agree
from tests.oracle.worlds import Drawn, long_day, worlds

SHORT: dict[str, dict[str, str]] = {
    "exchange-server": {"MessageExpirationTimeout": "3h", "DelayNotificationTimeout": "30m"},
    "exchange-edge": {
        "MessageExpirationTimeout": "90m",
        "expiry": "next-attempt",
        "TransientFailureRetryCount": "1",
    },
    "courier": {"queuetime": "4h", "warntime": "30m", "retryalpha": "2m", "esmtpdelay": "90s"},
    "opensmtpd": {"ttl": "4h", "warn-interval": "40m"},
    "qmail": {"queuelifetime": "4h"},
    "gmail": {"give_up": "3h", "delay_notice": "20m"},
    "mimecast": {"retry_count": "6"},
    "rfc5321": {"give_up": "5h"},
    "application": {},
}
"""Settings with which a few hours are a whole life."""
TOGETHER = [name for name in SHORT if is_stateful(load_platform(name))]
ALONE = [name for name in SHORT if name not in TOGETHER]


@cache
def platform(name: str, short: bool) -> Platform:
    return load_platform(name, SHORT[name] if short else {})


def platforms(*names: str) -> st.SearchStrategy[Platform]:
    return st.builds(platform, st.sampled_from(names), st.booleans())


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_machine_and_oracle_agree_where_messages_share_a_queue(name: str, data: st.DataObject) -> None:
    drawn = data.draw(worlds(platforms(name)))
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@given(drawn=worlds(platforms(*ALONE)))
@settings(max_examples=60, deadline=None)
def test_machine_and_oracle_agree_where_messages_are_on_their_own(drawn: Drawn) -> None:
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@pytest.mark.parametrize("name", TOGETHER)
def test_two_thousand_messages_of_a_day_with_every_trouble(name: str) -> None:
    world = long_day(platform(name, True), 2_000)
    history = agree(world, cuts_ms=[h * HOUR_MS + 1_234 for h in range(0, 20, 3)])
    fates = [message.fate for message in history.messages]
    assert len(fates) == 2_000
    assert {"delivered", "bounced"} <= set(fates)
