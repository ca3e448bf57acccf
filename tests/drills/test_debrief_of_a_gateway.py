"""The first page of a debrief of `gateway-down`, played by its reference: what it says has to be true."""

import re

from sim.report.outcome import outcome
from sim.report.paper.facts import DebriefFacts, facts_of
from sim.report.paper.html.sections import charts
from tests.drills.played import shipped
from tests.kept import kept

USERS = 60


@kept
def facts() -> DebriefFacts:
    return facts_of(shipped("gateway-down", "reference", USERS).session)


def test_the_protection_tile_tells_unwanted_mail_too() -> None:
    unwanted = outcome(shipped("gateway-down", "reference", USERS).session).protection.unwanted
    tile = next(one for one in facts().tiles if one.name == "openings in protection")
    assert unwanted > 0
    assert f"{unwanted:,} unwanted messages came through" in tile.beside
    assert "0 legitimate messages bypassed every filter" in tile.beside


def test_mail_that_was_lost_is_not_shown_as_good() -> None:
    tile = facts().tiles[0]
    assert int(tile.value.replace(",", "")) > 0
    assert tile.better is None
    assert re.search(r"[\d,]+ fewer than without action", tile.beside)


def test_the_retention_limit_is_on_no_chart_but_that_of_the_queues() -> None:
    others = [one.text for one in charts(facts()) if "Queued messages" not in one.text]
    assert len(others) > 3
    assert not any("retention limit" in one for one in others)
