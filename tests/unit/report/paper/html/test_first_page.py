"""The first page: its numbers say of how many, and its heading counts the moments that it shows."""

from dataclasses import replace

from sim.report.paper.facts import facts_of
from sim.report.paper.html.first_page import first_page
from tests.plays import ONSET_MS, play


def test_objectives_without_a_verdict_and_the_moments_are_counted() -> None:
    session = play("4h", (), ONSET_MS + 1)
    session.finish()
    facts = facts_of(session)
    asked = len(session.scenario.objectives)
    tile = next(one for one in facts.tiles if one.name == "objectives met")
    judged = sum(one.state != "open" for one in facts.objectives)
    assert judged < asked
    assert tile.value == f"0 of {judged} judged"
    assert f"{asked - judged} not judged" in str(first_page(facts))
    for count, told in ((2, "two moments"), (1, "one moment")):
        shown = replace(facts, moments=facts.moments[:1] * count)
        assert f"The drill in {told}" in str(first_page(shown))
