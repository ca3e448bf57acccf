"""Worlds for oracle and machines: any, as Hypothesis draws them, and one with a day of every trouble."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from sim.kernel.draws import below, mix
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.platforms.platform import Platform
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.senders import World

SEED = 7
ANSWERS = ["up", "refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject"]
FOUND = [
    *(("mx1", "mx2"), ("mx1",), ("mx2", "mx1")),
    *("servfail", "nxdomain", "no_data", "null_mx", "dangling_mx"),
]


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
def worlds(draw: st.DrawFn, platforms: st.SearchStrategy[Platform]) -> Drawn:
    used = draw(platforms)
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
    scan_ms = draw(st.integers(0, used.roles.duration("scan"))) if used.scans else 0
    cuts_ms = draw(st.lists(st.integers(0, until_ms - 1), max_size=4))
    ahead_ms = draw(st.sampled_from([1, 5 * SECOND_MS, HOUR_MS]))
    return Drawn(World(used, mail_ms, hosts, resolver, until_ms, scan_ms), cuts_ms, ahead_ms)


def long_day(used: Platform, count: int) -> World:
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
        used,
        arrivals(SEED, count, 16 * HOUR_MS, 1),
        [
            Host("mx1", Timeline(tuple(mx1)), servers=6, service_ms=1_700),
            Host("mx2", Timeline(tuple(mx2)), servers=2, service_ms=9_000),
        ],
        Resolver(Timeline(tuple(found)), gives_up_ms=10_000),
        DAY_MS,
        scan_ms=137_000 if used.scans else 0,
    )
