"""A copy of a drill and a replay of it agree to the digest, at any moment and with any change."""

import random
from functools import cache
from pathlib import Path

import pytest

import scenarios
from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.branch import Difference, changed, given
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.forks.copies import AVAILABLE, DrillCopies
from sim.forks.origin import ReplayedDrill, origin_of
from sim.kernel.duration import HOUR_MS
from tests.examples import TIMES

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")

SHIPPED = tuple(sorted(one.stem for one in (Path(scenarios.__file__).parent / "outages").glob("*.yaml")))
NAMES = ("gateway-down",) if TIMES == 1 else SHIPPED
CASES = 4 if TIMES == 1 else 14
COMMANDS = ("queue", "deliveries pause inbound", "lock open for the gateway", "mx set backup", "note tried")


@cache
def drill(name: str) -> Session:
    session = Session(load_scenario(name, {"users": "40"}), 7, None)
    play(session, reference_runbook(session.scenario, parse), 30 * HOUR_MS)
    return session


@pytest.mark.parametrize("name", NAMES)
def test_any_change_at_any_moment_has_the_digest_of_a_replay(name: str) -> None:
    session, draw = drill(name), random.Random(f"{name} {TIMES}")
    copies, replayed = DrillCopies(origin_of(session)), ReplayedDrill(origin_of(session))
    kept = copies.follow(session.inputs, session.now_ms)
    assert kept.copies > 1
    for _ in range(CASES):
        number = draw.randrange(1, len(given(session)) + 1)
        at_ms = draw.randrange(session.now_ms)
        change = draw.choice(
            (
                Difference(without=number),
                Difference(at_ms, instead=draw.choice(COMMANDS)),
                Difference(without=number, instead=draw.choice(COMMANDS)),
                Difference(at_ms),
            )
        )
        to_ms = min(session.now_ms, at_ms + draw.randrange(8 * HOUR_MS))
        inputs = [one for one in changed(session.inputs, change) if one[0] <= to_ms]
        told = (name, change, to_ms)
        assert copies.play(inputs, to_ms, Session.digest) == replayed.play(inputs, to_ms, Session.digest), (
            told
        )
    assert copies.play(session.inputs, session.now_ms, Session.digest) == session.digest(), (
        "the copies are as they were, whatever was asked of them"
    )
    copies.close()
