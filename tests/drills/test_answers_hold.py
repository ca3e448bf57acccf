"""A watcher is asked again only after a change: what it foresaw before holds until then."""

import pytest

from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import shipped_scenarios
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from tests.doubted import doubted
from tests.drills.played import scenario
from tests.examples import TIMES

UNTIL_MS = 30 * HOUR_MS
FEW = ("exchange-down", "gateway-down-long-ttl", "m365-partial", "mimecast-2013")


@pytest.mark.parametrize("name", FEW if TIMES == 1 else shipped_scenarios())
def test_what_a_watcher_foresaw_holds_until_the_version_grows(name: str) -> None:
    one = scenario(name, 40)
    with doubted():
        play(Session(one, 2, None), reference_runbook(one), UNTIL_MS)
