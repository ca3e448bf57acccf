"""Exchange Server, Courier, OpenSMTPD and senders with timers of their own: machine and oracle tell the same
history of every world, message by message and to the millisecond, however time is cut.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.draws import below, mix
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.platform import Platform, load_platform
from sim.mail.senders.build import is_stateful
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.played import agree
from tests.oracle.senders import World

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
SEED = 7
ANSWERS = ["up", "refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject"]
FOUND = [
    *(("mx1", "mx2"), ("mx1",), ("mx2", "mx1")),
    *("servfail", "nxdomain", "no_data", "null_mx", "dangling_mx"),
]


@cache
def platform(name: str, short: bool) -> Platform:
    return load_platform(name, SHORT[name] if short else {})


# ---------------------------------------------------------------- any world


@dataclass
class Drawn:
    """A world, and where it is cut."""

    world: World
    cuts_ms: list[int]
    ahead_ms: int


def arrivals(seed: int, count: int, span_ms: int, grid_ms: int) -> list[int]:
    """So many moments in [0, span), on a grid: with a coarse one many messages come at once."""
    drawn = below(mix(seed, "arrivals", np.arange(count, dtype=np.int64)), span_ms)
    return sorted((drawn // grid_ms * grid_ms).tolist())


def behaviours() -> st.SearchStrategy[str | Partly]:
    part = st.builds(Partly, st.sampled_from(ANSWERS[1:]), st.integers(0, 1000), st.just(SEED))
    return st.one_of(st.just("up"), st.sampled_from(ANSWERS), part)


@st.composite
def timelines(draw: st.DrawFn, what: st.SearchStrategy[object], span_ms: int, grid_ms: int) -> Timeline:
    spells, now_ms = [(0, draw(what))], 0
    for _ in range(draw(st.integers(0, 6))):
        now_ms += (draw(st.integers(1, span_ms)) // grid_ms + 1) * grid_ms
        spells.append((now_ms, draw(what)))
    return Timeline(tuple(spells))


@st.composite
def worlds(draw: st.DrawFn, names: list[str]) -> Drawn:
    span_ms = draw(st.sampled_from([10 * SECOND_MS, 10 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS]))
    grid_ms = draw(st.sampled_from([1, 1, SECOND_MS, MINUTE_MS]))
    mail_ms = draw(
        st.one_of(
            st.lists(st.integers(0, span_ms), min_size=1, max_size=6).map(sorted),
            st.builds(
                arrivals, st.integers(0, 999), st.integers(10, 200), st.just(span_ms), st.just(grid_ms)
            ),
        )
    )
    hosts = [
        Host(
            name,
            draw(timelines(behaviours(), span_ms, grid_ms)),
            draw(st.sampled_from([None, None, 1, 2, 5])),
            draw(st.sampled_from([0, 0, 50, 3_000, 4_000])),
        )
        for name in ("mx1", "mx2")
    ]
    found = draw(timelines(st.one_of(st.sampled_from(FOUND[:3]), st.sampled_from(FOUND)), span_ms, grid_ms))
    resolver = Resolver(found, draw(st.sampled_from([0, 5_000, 30_000])))
    until_ms = span_ms + draw(st.sampled_from([HOUR_MS, 6 * HOUR_MS]))
    used = platform(draw(st.sampled_from(names)), draw(st.booleans()))
    cuts_ms = draw(st.lists(st.integers(0, until_ms - 1), max_size=4))
    ahead_ms = draw(st.sampled_from([1, 5 * SECOND_MS, HOUR_MS]))
    return Drawn(World(used, mail_ms, hosts, resolver, until_ms), cuts_ms, ahead_ms)


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_machine_and_oracle_agree_where_messages_share_a_queue(name: str, data: st.DataObject) -> None:
    drawn = data.draw(worlds([name]))
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


@given(drawn=worlds(ALONE))
@settings(max_examples=60, deadline=None)
def test_machine_and_oracle_agree_where_messages_are_on_their_own(drawn: Drawn) -> None:
    agree(drawn.world, drawn.cuts_ms, drawn.ahead_ms)


# ---------------------------------------------------------------- one long day


def long_day(name: str, count: int) -> World:
    """One day with every trouble: refused, time-outs, flapping, deferrals by name, a part that fails, slow
    and limited hosts, a resolver that is down, and another MX in front.
    """
    flapping = [(10 * HOUR_MS + n * 97 * SECOND_MS, "refused" if n % 2 else "up") for n in range(40)]
    mx1 = [
        *((0, "up"), (HOUR_MS, "refused"), (3 * HOUR_MS, "timeout"), (5 * HOUR_MS, "silent")),
        *((6 * HOUR_MS, "defer"), (7 * HOUR_MS, Partly("defer", 600, SEED)), (8 * HOUR_MS, "up")),
        *((9 * HOUR_MS, Partly("refused", 500, SEED)), *flapping),
        *((12 * HOUR_MS, "refused"), (15 * HOUR_MS, "up")),
    ]
    mx2 = [(0, "refused"), (4 * HOUR_MS, "up"), (5 * HOUR_MS, "greeting_4xx"), (13 * HOUR_MS, "up")]
    found = [
        *((0, ("mx1",)), (2 * HOUR_MS, ("mx1", "mx2")), (5 * HOUR_MS + 1, ("mx1",))),
        *(
            (12 * HOUR_MS, "servfail"),
            (12 * HOUR_MS + 30 * MINUTE_MS, ("mx2", "mx1")),
            (14 * HOUR_MS, ("mx1",)),
        ),
    ]
    return World(
        platform(name, True),
        arrivals(SEED, count, 16 * HOUR_MS, 1),
        [
            Host("mx1", Timeline(tuple(mx1)), servers=6, service_ms=1_700),
            Host("mx2", Timeline(tuple(mx2)), servers=2, service_ms=9_000),
        ],
        Resolver(Timeline(tuple(found)), gives_up_ms=10_000),
        DAY_MS,
    )


@pytest.mark.parametrize("name", TOGETHER)
def test_two_thousand_messages_of_a_day_with_every_trouble(name: str) -> None:
    world = long_day(name, 2_000)
    history = agree(world, cuts_ms=[h * HOUR_MS + 1_234 for h in range(0, 20, 3)])
    fates = [message.fate for message in history.messages]
    assert len(fates) == 2_000
    assert {"delivered", "bounced"} <= set(fates)
