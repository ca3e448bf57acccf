"""The first page: its numbers say of how many, and its heading counts the moments that it shows."""

from dataclasses import replace

from sim.report.paper.facts import facts_of
from sim.report.paper.html.first_page import first_page
from sim.report.paper.html.sections import charts
from sim.report.paper.markdown import markdown
from sim.report.paper.moments import NO_MOMENTS
from tests.plays import ONSET_MS, play
from tui.screens.debrief_summary import summary_rows


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


def test_a_drill_without_moments_says_so_below_their_heading() -> None:
    session = play("4h", (), ONSET_MS - 60_000)
    session.finish()
    facts = facts_of(session)
    assert not facts.moments
    page = str(first_page(facts))
    assert f"<h3>The moments</h3><p>{NO_MOMENTS}</p>" in page
    assert "<ol" not in page
    assert f"## The moments\n\n{NO_MOMENTS}\n" in markdown(facts)
    rows = ["".join(text for text, _role in row) for row in summary_rows(facts, 60, judged=True)]
    at = rows.index("The moments")
    assert rows[at + 1] == NO_MOMENTS or rows[at + 2] == NO_MOMENTS
    assert "The numbers at the top of each chart" not in str(charts(facts))
