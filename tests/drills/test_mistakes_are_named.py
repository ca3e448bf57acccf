"""Regret names the mistake of each shipped runbook first; `make test` tries one, `make test-long` all."""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import load_runbook, reference_runbook
from sim.drill.session.branch import give_again
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.shipped_folder import shipped_folder
from sim.study.what_if.cost import run_cost
from sim.study.what_if.regret import Regret, choices, is_trade, regrets
from sim.study.what_if.subject import Subject
from tests.examples import TIMES
from tui.shell.parallel_regret import on_all_cores

ALL = {
    "exchange-down-all-at-once": (1000, "deliveries limit"),
    "exchange-down-announce-by-dead-mail": (200, "notify users via=sms"),
    "exchange-down-lapses-at-night": (100, "continuity extend"),
    "exchange-down-never-resumed": (100, "deliveries pause inbound"),
    "exchange-down-retry-before-disk-check": (1000, "disk move"),
    "gateway-down-all-at-once": (100, "lock close"),
    "gateway-down-announce-by-dead-mail": (200, "notify partners via=phone"),
    "gateway-down-continuity-on-the-dead-gateway": (200, "continuity start group=all for=8h via=console"),
    "gateway-down-dead-host-first": (200, "mx set backup"),
    "gateway-down-direct-without-readiness": (200, "connector set outbound"),
    "gateway-down-m365-filter-off": (100, "filter-rule skip"),
    "gateway-down-m365-mx-before-unlock": (200, "lock open backup"),
    "gateway-down-m365-rule-mx-before-unlock": (100, "lock open backup"),
    "gateway-down-mx-before-unlock": (200, "lock open backup"),
    "gateway-down-never-resumed": (100, "connector set outbound gateway"),
    "gateway-down-nobody-asked": (200, "emergency=yes"),
    "gateway-down-opening-left": (200, "lock close"),
    "m365-intermittent-ends-at-first-success": (60, "continuity end"),
    "m365-offline-chat-only": (200, "notify users via=sms"),
    "m365-offline-mx-to-the-tenant": (40, "mx"),
    "m365-offline-waits-for-the-page": (200, "continuity start"),
}
"""Users, and a part of the name of the first choice."""
MISTAKES = list(ALL) if TIMES > 1 else ["m365-offline-mx-to-the-tenant"]
SENSIBLE = ["exchange-down", "gateway-down", "m365-offline"] if TIMES > 1 else ["m365-offline"]


def studied(session: Session) -> tuple[Subject, tuple[Regret, ...]]:
    with on_all_cores(session) as (one, runs):
        return one, choices(regrets(session, one, runs))


def test_every_shipped_mistake_is_in_the_table() -> None:
    shipped = [load_runbook(path.stem, parse) for path in (shipped_folder() / "runbooks").glob("*-*.yaml")]
    assert {one.id for one in shipped if one.title.startswith("Mistake")} == set(ALL)


@pytest.mark.fuzz
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_comes_first(name: str) -> None:
    users, words = ALL[name]
    book = load_runbook(name, parse)
    session = Session(load_scenario(book.scenario, {"users": str(users)}), 1, None)
    play(session, book)
    one, found = studied(session)
    first = found[0]
    assert first.gain > 0
    assert words in first.variation.text
    assert not is_trade(first)
    direct = Session(session.scenario, session.seed, None)
    give_again(direct, one.inputs(first.variation), one.to_ms)
    assert (first.did, first.instead) == (run_cost(session), run_cost(direct)), "to the message"


@pytest.mark.fuzz
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", SENSIBLE)
def test_a_sensible_play_has_no_culprit(name: str) -> None:
    session = Session(load_scenario(name, {"users": "40"}), 1, None)
    play(session, reference_runbook(session.scenario, parse))
    assert [one.variation for one in studied(session)[1] if one.gain > 0] == []
