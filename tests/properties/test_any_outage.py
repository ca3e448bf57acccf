"""Outages of the gateway and of a tenant under any commands: however time is cut, one history, nothing lost.

People do anything at any moment, in any order: what nobody would do is played too.
"""

from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.drill.commands.grammar import parse
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.real_mail import Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.doubted import doubted
from tests.examples import examples
from tests.plays import LETTER, check_custody, give, told

OUTAGE = "3h"
UNTIL_MS = 7 * HOUR_MS
"""Some hours after everything is repaired."""
OUTAGES = ("gateway-down", "gateway-grey", "m365-offline", "m365-partial")
WAYS = ("gateway", "backup", "server", "gateway+backup", "backup+gateway")
COMMANDS = (
    "alerts ack",
    "status check gateway",
    "track to=user0003",
    "track from=a since=3h",
    "status check server",
    "status check probe",
    "probe mx all",
    "probe mx server from=inside",
    "arrivals show",
    "continuity start",
    "continuity start for=40m via=sms",
    "continuity extend 20m",
    "continuity end",
    "continuity test",
    "permissions set on app=mobile",
    "signin break-glass",
    "signin cloud",
    "deliveries pause inbound",
    "deliveries resume inbound",
    "queue retry inbound",
    "queue reject inbound",
    "queue bounce inbound",
    "queue retry inbound oldest=20",
    "queue reject inbound to=user0003",
    "queue reject inbound from=outside",
    "queue bounce outbound from=user0003",
    "track from=user0003",
    "deliveries limit inbound connections=1",
    "deliveries pause outbound",
    "deliveries resume outbound",
    "queue retry outbound",
    "queue bounce outbound oldest=3",
    "deliveries limit inbound connections=all",
    "queue extend inbound 8d",
    *(f"connector set outbound {way}" for way in ("gateway", "secondary", "direct")),
    "connector test to=gmail",
    "readiness show",
    "backup set recipients=on",
    "backup test",
    "lock open backup",
    "lock open everybody",
    "lock close",
    "lock test",
    "firewall open everybody",
    "firewall close",
    "filter-rule skip",
    "filter-rule restore",
    *(f"mx set {way} ttl=300" for way in WAYS),
    "ttl set mx 300",
    "dns ask all",
    "dns flush google",
    *(f"mta-sts policy {way}" for way in WAYS[:2]),
    "mta-sts id",
    "notify users via=email state=down",
    "notify users via=sms cause=gateway next=1h",
    "notify executives via=phone until=2h",
    "notify partners via=phone state=back",
    "notify partners via=phone advise=clear-lists",
    "phone gateway-vendor about=estimate",
    "approve mx emergency=yes",
    "approve exposure emergency=yes",
    "approve outbound",
    "openings prove lock",
    "diagnose component=gateway failure=refuses",
    "decide mx yes because=no estimate",
)
READY = (
    "approve mx emergency=yes",
    "approve exposure whom=everybody emergency=yes",
    "lock open everybody",
    "mta-sts id",
)
"""What must have been done before mail may be led round the gateway: else chance would seldom get there."""
Given = list[tuple[int, str | Letter]]
anything = st.one_of(*[st.sampled_from(COMMANDS)] * 3, st.just(LETTER))
quick = settings(
    examples(4),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


@cache
def outage(name: str, users: int) -> Scenario:
    return load_scenario(name, {"users": str(users), "outage": OUTAGE})


def moments(from_ms: int = 0) -> st.SearchStrategy[int]:
    """Any millisecond, and often a round one or one beside it: there changes fall together."""
    minutes = st.integers(from_ms // MINUTE_MS + 1, UNTIL_MS // MINUTE_MS - 1).map(lambda n: n * MINUTE_MS)
    beside = st.tuples(minutes, st.sampled_from([0, 0, 1, -1])).map(sum)
    return st.one_of(beside, beside, st.integers(from_ms, UNTIL_MS - 1))


@st.composite
def doings(draw: st.DrawFn) -> Given:
    """What people do, in order; in half of all plays the openings are made first."""
    ready_ms = draw(st.sampled_from([None, 10 * MINUTE_MS, 90 * MINUTE_MS]))
    ready: Given = [(ready_ms, text) for text in READY] if ready_ms is not None else []
    then = draw(st.lists(st.tuples(moments(), anything), min_size=4, max_size=14))
    return sorted([*ready, *then], key=lambda pair: pair[0])


def played(scenario: Scenario, doing: Given, seed: int, looks_ms: list[int]) -> Session:
    """`doing` in `scenario`, with time cut at `looks_ms` as well, looking at everything each time."""
    session = Session.start(scenario, seed)
    waiting = list(doing)
    for stop_ms in sorted({*looks_ms, *(at_ms for at_ms, _what in doing), UNTIL_MS}):
        session.advance(stop_ms)
        if stop_ms in looks_ms:
            told(session)
            check_custody(session)
        while waiting and waiting[0][0] <= stop_ms:
            give(session, waiting.pop(0)[1])
    check_custody(session)
    return session


def test_every_command_of_the_list_is_one() -> None:
    for text in (*COMMANDS, *READY):
        assert text.startswith(" ".join(parse(text).words)), text


@pytest.mark.parametrize("name", OUTAGES)
@quick
@given(
    st.integers(12, 40),
    doings(),
    st.lists(moments(), min_size=3, max_size=12, unique=True),
    st.integers(0, 50),
)
def test_any_partition_of_time_gives_the_same_history(
    name: str, users: int, doing: Given, looks_ms: list[int], seed: int
) -> None:
    scenario = outage(name, users)
    with doubted():
        whole = played(scenario, doing, seed, [])
    assert told(played(scenario, doing, seed, looks_ms)) == told(whole)
