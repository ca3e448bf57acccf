"""The page of a check: every part that it promises, and nothing that is not escaped."""

from pathlib import Path
from xml.etree import ElementTree

from sim.study.check import at_look
from sim.study.documents.charts import WIDTH, s_curve
from sim.study.documents.page import page
from sim.study.one_run import Study
from sim.study.weather import Weather
from sim.study.why import critical_steps
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


def test_steps_show_how_often_they_are_critical_and_no_label_leaves_its_chart(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }, { role: other }]
steps:
  - { id: short, owner: lead, takes: 1m..10m, manual: one }
  - { id: long, owner: other, takes: 20m..2h, manual: two }
  - { id: end, after: [short, long], owner: lead, takes: 1m, manual: three }
assumptions: [{ id: p, to: end.done, within: 2h }]
""",
        until="4h",
    )
    found = at_look(Study(plan, 1), runs(plan, 30), (30,), 1, 0.05)
    assert critical_steps(found) == {"short": 0.0, "long": 1.0, "end": 1.0}
    text = page(found)
    charts = [
        ElementTree.fromstring(f"<svg{part.partition('</svg>')[0]}</svg>") for part in text.split("<svg")[1:]
    ]
    (steps,) = [chart for chart in charts if chart.findtext("title") == "steps over time"]
    words = [one.text for one in steps.iter("text")]
    assert words[:2] == ["done", "critical"]
    at = words.index("short")
    assert words[at : at + 3] == ["short", "100 %", "0 %"]
    assert "Critical: on the chain of causes of at least one promise" in text
    assert "Share of the variance that each duration explains" in text
    for chart in charts:
        for one in chart.iter("text"):
            width, x = 7 * len(one.text or ""), float(one.get("x", "0"))
            right = {"start": x + width, "middle": x + width / 2, "end": x}[one.get("text-anchor", "")]
            assert right <= WIDTH, one.text


def test_a_time_at_the_right_edge_ends_there(tmp_path: Path) -> None:
    """The last mark of the axis, with a curve that ends just after it."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps: [{ id: declare, owner: lead, takes: 150m30s, manual: Declare }]
assumptions: [{ id: p, to: declare.done, within: 90m }]
""",
        until="4h",
    )
    found = at_look(Study(plan, 1), runs(plan, 2), (2,), 1, 0.05)
    marks = [one for one in ElementTree.fromstring(s_curve(found.promises[0])).iter("text")]
    (last,) = [one for one in marks if one.text == "2 h 30 min"]
    assert last.get("text-anchor") == "end"
