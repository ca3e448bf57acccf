"""Each trouble with each change, for every platform that ships: engine and plain models agree in all of them.

`make test` tries every other combination, as a chessboard, `make test-long` all.

And each combination is really reached: without its trouble, and without its change, the story is another
one, and of every platform at least one message meets the trouble on its way in.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.platforms.platform import load_platform, platform_ids
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour
from tests.examples import TIMES
from tests.oracle.path import BACKUP, GATEWAY, Change, Journeys, Plan
from tests.oracle.test_gateway import HASTY
from tests.oracle.test_path import SMALL
from tests.oracle.watched import Watched, agree
from tests.shipped import FILES

PLATFORMS = platform_ids(FILES)
UNTIL_MS = 10 * HOUR_MS
SEED = 4


@cache
def all_platforms() -> CorrespondentTable:
    """One organisation of each; drawn so that at least three messages of each fall into the trouble."""
    count = len(PLATFORMS)
    shares = (*(100 // count,) * (count - 1), 100 - 100 // count * (count - 1))
    return CorrespondentTable(
        36, tuple(load_platform(FILES, name) for name in PLATFORMS), shares, (1,) * count, 1
    )


class ByAll(Watched):
    """A world to which every platform writes."""

    who = staticmethod(all_platforms)
    ttl_ms = 2 * MINUTE_MS


def at(minutes: float, word: str, what: Any = None) -> Change:
    return Change(int(minutes * MINUTE_MS), word, what)


def gateway(minutes: float, answer: str, per_mille: int = 1000) -> list[Change]:
    return [at(minutes, "host", (name, Behaviour(answer, per_mille))) for name in GATEWAY]


def fails(answer: str, per_mille: int = 1000) -> list[Change]:
    """The gateway does so while most of the mail is written."""
    return [*gateway(3, answer, per_mille), *gateway(45, "up")]


ON_THE_WAY_IN: dict[str, list[Change]] = {
    "refused": fails("refused"),
    "time-out": fails("timeout"),
    "silent": fails("silent"),
    "4xx greeting": fails("greeting_4xx"),
    "4xx": fails("defer"),
    "5xx greeting": fails("greeting_5xx", 700),
    "5xx": fails("reject", 700),
    "slow": [at(1, "mx", (BACKUP,)), at(100, "mx", GATEWAY)],
    "flapping": [one for n in range(15) for one in gateway(3 + 3 * n, ("refused", "up")[n % 2])],
    "half of the gateway": [
        at(3, "host", (GATEWAY[0], Behaviour("refused"))), at(45, "host", (GATEWAY[0], Behaviour("up"))),
    ],
    "part of the attempts": fails("timeout", 600),
    "accepting and holding": [at(3, "holds", GATEWAY), at(45, "holds", ())],
}  # fmt: skip
AWAY = [at(30, "server", Condition("refused")), at(120, "server", UP)]
AMONG: dict[str, list[Change]] = {
    "MX change": [at(20, "mx", (BACKUP,)), at(40, "mx", (GATEWAY[1], BACKUP))],
    "MX change to what has no room": [at(10, "mx", (BACKUP, GATEWAY[0]))],
    "pause": [*AWAY, at(40, "pause"), at(150, "resume")],
    "extension": [*AWAY, at(50, "extend", 3 * HOUR_MS)],
    "retry": [*AWAY, at(47, "retry"), at(120, "retry")],
    "capacity": [
        *AWAY,
        at(35, "pace", Receiver(1, 50_000)),
        at(119, "extend", 9 * HOUR_MS),
        at(120, "retry"),
    ],
    "back pressure": [*AWAY, at(50, "extend", 9 * HOUR_MS), at(120, "retry")],
}
AT_THE_SERVER: dict[str, list[Change]] = {
    "refused": [at(3, "server", Condition("refused")), at(90, "server", UP)],
    "time-out": [at(3, "server", Condition("timeout")), at(90, "server", UP)],
    "4xx": [at(3, "server", Condition("defer")), at(90, "server", UP)],
    "5xx": [at(3, "server", Condition("reject", 300)), at(90, "server", UP)],
    "slow": [at(3, "pace", Receiver(1, 75_000)), at(90, "pace", Receiver(2, 1_000))],
    "flapping": [
        at(3 + 11 * (n // 2) + 9 * (n % 2), "server", UP if n % 2 else Condition("refused"))
        for n in range(16)
    ],
    "part of the attempts": [at(3, "server", Condition("defer", 700)), at(90, "server", UP)],
    "part of the people": [at(3, "server", Condition("timeout", 400, "recipients")), at(90, "server", UP)],
}
IN_THE_QUEUE: dict[str, list[Change]] = {
    "MX change": [at(20, "mx", (BACKUP,))],
    "pause": [at(20, "pause"), at(100, "resume")],
    "extension": [at(15, "extend", 2 * HOUR_MS)],
    "retry": [at(25, "retry"), at(26, "retry")],
    "capacity": [at(10, "pace", Receiver(1, 41_000))],
    "back pressure": [at(40, "retry")],
}


NOTHING_WAITS = {("5xx", "extension"), ("5xx", "retry"), ("slow", "extension"), ("slow", "retry")}
"""What is not rejected is delivered or stands in line: nothing waits that either could act on."""


def plan_of(trouble: list[Change], change: list[Change], name: str) -> Plan:
    """Some 190 messages within an hour; the backup is slow.

    Time is cut eight times: that cuts change nothing is held by `test_path` and `test_hop`, and three times
    as many here made each of 146 worlds 40 % dearer.
    """
    changes = sorted([*trouble, *change], key=lambda one: one.at_ms)
    plan = Plan(SEED, 190, True, HASTY, UNTIL_MS, changes, backup=(2, 20_000))
    plan.pressure = SMALL if name == "back pressure" else None
    plan.backup = (1, 90_000) if name.endswith("no room") else plan.backup
    plan.cuts_ms = list(range(0, UNTIL_MS, 5_100_017))
    plan.ahead_ms = [0, HOUR_MS, 3 * HOUR_MS]
    return plan


def chessboard(troubles: dict[str, list[Change]], changes: dict[str, list[Change]]) -> list[tuple[str, str]]:
    """Each trouble with every other change, each change with every other trouble; in `make test-long` all."""
    return [
        (trouble, change)
        for row, trouble in enumerate(troubles)
        for column, change in enumerate(changes)
        if TIMES > 1 or (row + column) % 2 == 0
    ]


@cache
def story(side: str, trouble: str, change: str) -> Journeys:
    """What happens, engine and oracle agreeing; `nothing` is neither trouble nor change."""
    troubles, changes = (ON_THE_WAY_IN, AMONG) if side == "in" else (AT_THE_SERVER, IN_THE_QUEUE)
    return agree(plan_of(troubles.get(trouble, []), changes.get(change, []), change), ByAll)


@pytest.mark.parametrize(("trouble", "change"), chessboard(ON_THE_WAY_IN, AMONG))
def test_every_failure_on_the_inbound_route_with_every_change(trouble: str, change: str) -> None:
    journeys = story("in", trouble, change).legs
    assert journeys != story("in", "nothing", change).legs, "the trouble is felt"
    assert journeys != story("in", trouble, "nothing").legs, "the change is felt"


@pytest.mark.parametrize("trouble", ON_THE_WAY_IN)
def test_every_platform_with_every_failure(trouble: str) -> None:
    journeys, untroubled = story("in", trouble, "nothing").legs, story("in", "nothing", "nothing").legs
    met = {one for one, legs in journeys.items() if legs != untroubled[one]}
    ids = np.array(sorted(met), dtype=np.int64)
    who = all_platforms()
    assert set(PLATFORMS) - {who.platform_of(number).id for number in who.of(ids).tolist()} == set()


@pytest.mark.parametrize(("trouble", "change"), chessboard(AT_THE_SERVER, IN_THE_QUEUE))
def test_every_failure_at_the_server_with_every_change(trouble: str, change: str) -> None:
    found, calm = story("server", trouble, change), story("server", "nothing", change)
    assert (found.legs, found.mailbox_ms) != (calm.legs, calm.mailbox_ms), "the trouble is felt"
    left = story("server", trouble, "nothing")
    same = (found.legs, found.mailbox_ms) == (left.legs, left.mailbox_ms)
    assert same == ((trouble, change) in NOTHING_WAITS), "the change is felt"
