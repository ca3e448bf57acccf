"""The page of a check: every part that it promises, and nothing that is not escaped."""

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.study.check import at_look
from sim.study.documents.charts import s_curve
from sim.study.documents.files import junit, markdown, rows
from sim.study.documents.page import page
from sim.study.documents.svg_shapes import DESKTOP, PHONE, Sheet, time_marks
from sim.study.one_run import Study
from sim.study.weather import Weather
from sim.study.why import critical_steps
from tests.plans import loaded, runs

HOSTILE = """\
title: "=cmd|' /C calc'!A1 <script>x</script> [a](javascript:b) ![c](http://d.example/e) `f` |"
people: [{ role: lead }]
steps: [{ id: declare, owner: lead, takes: 1m..2m, manual: "=1+1 <img src=x> |" }]
assumptions: [{ id: p, says: "@SUM(1) </td><script> [a](b) |", to: declare.done, within: 30m, with: 50% }]
"""


def test_words_of_a_plan_never_act_in_a_file_of_its_check(tmp_path: Path) -> None:
    plan = loaded(tmp_path, HOSTILE)
    found = at_look(Study(plan, 1), runs(plan, 10), (10,), 1, 0.05)
    told = markdown(found)
    assert not re.search(r"(?<!\\)[<\[`|]", told.splitlines()[0])
    assert "\\<script\\>" in told
    assert all(line.replace("\\|", "").count("|") == 8 for line in told.splitlines() if line.startswith("|"))
    cells = [cell for row in csv.reader(io.StringIO(rows(found))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    ElementTree.fromstring(junit(found))
    assert "<script>x" not in page(found, None)
    assert "<img" not in page(found, None)


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
    weeks = [ElementTree.fromstring(chart) for chart in charts if "<title>plan weather</title>" in chart]
    assert [len(week.findall("rect")) for week in weeks] == [7 * 23] * 2


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
    (steps,) = (one for one in charts_on("desktop", text) if one.findtext("title") == "steps over time")
    words = [told(one) for one in steps.iter("text")]
    assert words[:2] == ["done", "critical"]
    at = words.index("short")
    assert words[at - 2 : at + 1] == ["100\xa0%", "0\xa0%", "short"]
    assert "Critical: on the chain of causes of at least one promise" in text
    assert "Share of the variance that each duration explains" in text
    no_label_leaves_its_chart(text)


def test_a_person_who_had_not_started_when_the_run_ended_is_not_in_the_chart(tmp_path: Path) -> None:
    """On a Saturday at three, two days before they come: the chart ends with the runs."""
    plan = loaded(
        tmp_path,
        """\
varies: { starts: [Sat 03:00] }
people: [{ role: lead }, { role: day, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
steps:
  - { id: now, owner: lead, takes: 1h..2h, manual: one }
  - { id: later, owner: day, takes: 1m, manual: two }
assumptions: [{ id: p, to: later.done, within: 2h }]
""",
        until="3h",
    )
    found = at_look(Study(plan, 1), runs(plan, 30), (30,), 1, 0.05)
    (steps,) = (
        one for one in charts_on("desktop", page(found)) if one.findtext("title") == "steps over time"
    )
    words = [told(one) for one in steps.iter("text")]
    assert "1 h" in words
    assert not [word for word in words if word.endswith(" d") or word in ("12 h", "24 h")]
    assert len(steps.findall("rect")) == 2, "one step, pale and dark"


def charts_on(screen: str, text: str) -> list[ElementTree.Element]:
    parts = text.split(f'<div class="{screen}"><svg')[1:]
    return [ElementTree.fromstring(f"<svg{part.partition('</svg>')[0]}</svg>") for part in parts]


def told(one: ElementTree.Element) -> str:
    """The text that is shown, without the name that appears while the pointer is on it."""
    hidden = one.find("title")
    return (one.text if hidden is None else hidden.tail) or ""


def no_label_leaves_its_chart(text: str) -> None:
    """Nor does one label of a chart lie on another one in the same line."""
    for screen, sheet in (("desktop", DESKTOP), ("phone", PHONE)):
        charts = charts_on(screen, text)
        assert len(charts) == text.count("<svg") / 2
        for chart in charts:
            assert chart.get("width") == str(sheet.width)
            spans: dict[str, list[tuple[float, float, str]]] = {}
            for one in chart.iter("text"):
                width, x = 6.5 * len(told(one)), float(one.get("x", "0"))
                left = {"start": x, "middle": x - width / 2, "end": x - width}[one.get("text-anchor", "")]
                assert left >= -1, told(one)
                assert left + width <= sheet.width + 1, told(one)
                assert float(one.get("y", "0")) <= float(chart.get("height", "0")), told(one)
                spans.setdefault(one.get("y", ""), []).append((left, left + width, told(one)))
            for line in spans.values():
                ordered = sorted(line)
                for (_, end, one_text), (start, _, other) in pairwise(ordered):
                    assert end <= start + 1, (one_text, other)


def test_long_names_are_cut_in_their_middle_and_fit_on_a_phone(tmp_path: Path) -> None:
    first = "declare-the-incident-with-everyone-on-the-telephone-bridge-x"
    second = "reset-the-password-of-the-registrar-by-the-mail-that-is-dead"
    plan = loaded(
        tmp_path,
        f"""\
people: [{{ role: lead, answers: 1m..40m }}, {{ role: other }}]
places: [{{ id: registrar, second_factor: email }}]
varies: {{ outage: 1h..3h }}
steps:
  - {{ id: {first}, owner: lead, takes: 10m..50m, manual: Declare }}
  - {{ id: {second}, owner: other, takes: 1h..2h, needs: [registrar], manual: two, fails: 40% }}
assumptions:
  - {{ id: declared, to: {first}.done, within: 30m }}
  - {{ id: {second}, to: {second}.done, within: 3h }}
""",
        until="6h",
    )
    found = at_look(Study(plan, 1), runs(plan, 30), (30,), 1, 0.05)
    text = page(found, Weather(2, ((1.0,) * 24,) * 7))
    no_label_leaves_its_chart(text)
    names = [one for chart in charts_on("phone", text) for one in chart.iter("text") if "…" in told(one)]
    whole = {one.findtext("title") for one in names}
    assert {first, second, f"{second} fails", f"reaching the owner of {first}"} <= whole
    assert all(told(one)[-9:] == (one.findtext("title") or "")[-9:] for one in names)


@pytest.mark.parametrize("sheet", [DESKTOP, PHONE])
@pytest.mark.parametrize("top_ms", [MINUTE_MS, HOUR_MS, 9 * HOUR_MS, 2 * DAY_MS, 9 * DAY_MS, 400 * DAY_MS])
def test_an_axis_has_as_many_marks_as_fit(sheet: Sheet, top_ms: int) -> None:
    marks = time_marks(top_ms, sheet.marks)
    assert len(marks) <= sheet.marks + 1
    assert marks[0] == (0.0, "0 s")
    assert top_ms / 3 < marks[-1][0] <= top_ms


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
    marks = [one for one in ElementTree.fromstring(s_curve(found.promises[0], DESKTOP)).iter("text")]
    (last,) = [one for one in marks if one.text == "2 h 30 min"]
    assert last.get("text-anchor") == "end"


def test_a_few_very_late_runs_do_not_hide_the_target(tmp_path: Path) -> None:
    """An owner who starts on the next working day must not press all other times against the left edge."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
steps:
  - { id: a, owner: lead, takes: 20m..40m, manual: one, fails: 15%, on failure: { after: 20h, again: 5 } }
assumptions: [{ id: p, to: a.done, within: 30m }]
""",
        until="10d",
    )
    made = runs(plan, 30)
    found = at_look(Study(plan, 1), made, (30,), 1, 0.05)
    late = sum((run.moment("a.done") or 0) - run.onset_ms > 3 * HOUR_MS for run in made)
    assert 0 < late < 15
    drawing = ElementTree.fromstring(s_curve(found.promises[0], DESKTOP))
    told = {str(one.text): float(one.get("x", "0")) for one in drawing.iter("text")}
    assert f"later in {late} of 30 runs" in told
    assert told["planned 30 min"] > 50 + (DESKTOP.width - 70) / 7


def test_a_pipeline_and_a_merge_request_show_why_a_promise_fails(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
places: [{ id: registrar, second_factor: email }]
steps:
  - { id: first, owner: lead, takes: 1m, manual: Begin, fails: 50% }
  - { id: last, after: [first], owner: lead, takes: 1m, manual: Wait, needs: [registrar] }
assumptions: [{ id: q, from: first.done, to: last.done, within: 30m }]
""",
    )
    made = runs(plan, 30)
    found = at_look(Study(plan, 1), made, (30,), 1, 0.05)
    begun = sum(run.moment("first.done") is not None for run in made)
    (failure,) = ElementTree.fromstring(junit(found)).iter("failure")
    assert failure.text is not None
    lines = failure.text.splitlines()
    assert f"not counted: {30 - begun} runs did not reach first.done" in lines
    why = "last is not done: its second factor comes by email"
    assert f"never in {begun} runs: {why}" in lines
    assert lines[-1].startswith("to open run ")
    assert markdown(found).splitlines()[-1].endswith(f"| {why} |")
