"""The page of a check: every part that it promises, and nothing that is not escaped."""

from pathlib import Path
from xml.etree import ElementTree

from sim.study.check import at_look
from sim.study.documents.page import page
from sim.study.one_run import Study
from sim.study.weather import Weather
from tests.plans import loaded, runs


def test_charts_are_well_formed_and_words_of_the_plan_are_escaped(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
title: Plan <b>one</b> & two
people: [{ role: lead }]
places: [{ id: registrar, second_factor: email }]
steps:
  - { id: declare, owner: lead, takes: 10m..50m, manual: Declare }
  - { id: never, owner: lead, takes: 1m, manual: Wait, needs: [registrar] }
assumptions:
  - { id: p, says: Declared <at once>, to: declare.done, within: 30m, with: 50% }
  - { id: q, to: never.done, within: 30m }
""",
    )
    found = at_look(Study(plan, 1), runs(plan, 30), (30,), 1, 0.05)
    weather = Weather(2, tuple(tuple([None, *[0.5] * 23]) for _day in range(7)))
    text = page(found, weather)
    assert "Plan &lt;b&gt;one&lt;/b&gt; &amp; two" in text
    assert "Declared &lt;at once&gt;" in text
    assert "<b>" not in text
    assert "never in 30 of 30 runs" in text
    assert "never needs registrar: its second factor comes by email (met in 30 runs)" in text
    charts = [f"<svg{part.partition('</svg>')[0]}</svg>" for part in text.split("<svg")[1:]]
    titles = [ElementTree.fromstring(chart).findtext("title") for chart in charts]
    assert {"S-curve of p", "share of the variance", "share of the time", "steps over time"} <= set(titles)
    week = ElementTree.fromstring(charts[titles.index("plan weather")])
    assert len(week.findall("rect")) == 7 * 23
