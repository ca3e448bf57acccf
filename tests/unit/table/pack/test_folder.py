"""The pack: players' papers hold no truth, nothing in a file becomes markup, EXERCISE is on every page."""

import io
import zipfile
from functools import cache
from html.parser import HTMLParser

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.anchor import Since, parse_anchor
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import HOUR_MS
from sim.study.workers import Serial
from sim.table.msel.files import read_tables
from sim.table.msel.sheet import read_sheet
from sim.table.msel.timings import NO_TIMINGS, Timings, timings
from sim.table.pack.consequences import NOTHING, branches, consequences, postponed, without
from sim.table.pack.evaluator_guide import evaluator_guide
from sim.table.pack.folder import ZIP, pack_files
from sim.table.pack.handbook import HALF_DAY, SHORT
from sim.table.pack.pack_facts import PackFacts, facts_of
from sim.table.pack.sheet_of_paper import ON_ONE_PAGE
from tests.injected import PAYLOAD, injected_scenario
from tests.plays import small


@cache
def scenario() -> Scenario:
    return small("3h", 20)


@cache
def timed() -> Timings:
    return timings(scenario(), Serial(), 3)


@cache
def facts() -> PackFacts:
    return facts_of(scenario(), timed(), consequences(scenario(), 1), "NO DUFF")


@cache
def files() -> dict[str, bytes]:
    return pack_files(facts())


def pages(of: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode() for name, content in of.items() if name.endswith(".html")}


class Elements(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_players_papers_hold_nothing_of_the_truth() -> None:
    one = scenario()
    secrets = [one.title, one.id, "connection refused", "refuses", *(inject.text for inject in one.injects)]
    secrets += [fault.fault for fault in one.timeline]
    secrets += [objective.learns for objective in one.objectives] + list(MILESTONES)
    shown = {
        name: Elements(text).text for name, text in pages(files()).items() if name.startswith("players/")
    }
    assert len(shown) == 4
    for name, text in shown.items():
        assert not [secret for secret in secrets if secret in text], name
    facilitators = "".join(text for name, text in pages(files()).items() if name.startswith("facilitator/"))
    assert one.title in facilitators


@pytest.mark.parametrize("name", [name for name in ("handbook", "evaluator-guide", "msel", "card-deck")])
def test_facilitators_papers_show_injects_times_and_limits(name: str) -> None:
    text = Elements(pages(files())[f"facilitator/{name}.html"]).text
    assert "facilitator" in text.lower()
    assert scenario().title in text


def test_exercise_is_on_every_printed_page_and_nothing_runs_or_loads() -> None:
    for name, text in pages(files()).items():
        elements = Elements(text)
        kinds = {tag for tag, _attributes in elements.found}
        assert not kinds & {"script", "img", "iframe", "link", "object", "form", "a", "base"}, name
        for _tag, attributes in elements.found:
            assert not [key for key in attributes if key.startswith("on") or key in {"href", "src"}], name
        assert "default-src 'none'" in text, name
        assert "url(" not in text, name
        head, foot = text.index("<thead>"), text.index("<tfoot>")
        assert "EXERCISE" in text[head : text.index("</thead>")], name
        assert "EXERCISE" in text[foot : text.index("</tfoot>")], name
    assert sum("NO DUFF" in text for text in pages(files()).values()) >= 5


def test_a_short_table_and_a_heading_are_not_divided_by_a_page() -> None:
    manual = pages(files())["players/situation-manual.html"]
    people = len(scenario().organisation.staff)
    assert people < ON_ONE_PAGE
    assert manual.count('class="grid short"') == manual.count('class="grid')
    assert 'class="grid"' in pages(files())["facilitator/handbook.html"]  # the runbook goes on overleaf
    for text in pages(files()).values():
        style = text.partition("@media print{\ntable.sheet")[2]
        assert "table.short{break-inside:avoid}" in style
        assert "h3{margin:1.1rem 0 .4rem;break-after:avoid}" in style


def test_texts_of_a_file_never_become_markup() -> None:
    evil = facts_of(injected_scenario("3h"), NO_TIMINGS, (), PAYLOAD)
    usual = {name: len(Elements(text).found) for name, text in pages(files()).items()}
    for name, text in pages(pack_files(evil)).items():
        elements = Elements(text)
        assert "stolen()" in elements.text or name.endswith("feedback-form.html"), name
        assert not {tag for tag, _ in elements.found} & {"script", "img"}, name
        assert not [key for _, attributes in elements.found for key in attributes if key.startswith("on")], (
            name
        )
        assert usual[name], name


def test_the_zip_and_the_lists_hold_what_the_folder_holds(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = dict(files())
    with zipfile.ZipFile(io.BytesIO(found.pop(ZIP))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == found
    assert pack_files(facts()) == files(), "the same pack twice"
    folder = tmp_path_factory.mktemp("lists")
    rows = []
    for ending in ("csv", "xlsx"):
        path = folder / f"msel.{ending}"
        path.write_bytes(found[f"facilitator/msel.{ending}"])
        rows.append(read_sheet(read_tables(path)).rows)
    assert rows[0] == rows[1] == list(facts().rows)


def test_agendas_last_as_long_as_they_say() -> None:
    assert sum(minutes for _item, minutes, _phase in SHORT) == 90
    assert sum(minutes for _item, minutes, _phase in HALF_DAY) == 240
    for agenda in (SHORT, HALF_DAY):
        assert [phase for _item, _minutes, phase in agenda if phase is not None] == [0, 1, 2]
    first, second, third = facts().phases
    assert first.from_ms == 0
    assert first.to_ms == second.from_ms < second.to_ms == third.from_ms == scenario().outage_end_ms
    assert third.to_ms >= max(timed().median().values())


def test_consequences_are_branches_of_the_reference() -> None:
    found = {one.milestone: one for one in facts().consequences}
    plays = 2 + sum(1 + (one.late is not None) for name, one in found.items() if name not in ("", NOTHING))
    assert plays == branches(scenario())
    assert not found[""].differs
    assert found[NOTHING].figures.user_hours > found[""].figures.user_hours
    assert found["continuity.active"].figures.user_hours > found[""].figures.user_hours
    assert found["users.told"].says == MILESTONES["users.told"].facts.marks


def test_an_action_that_comes_late_is_a_branch_between_the_reference_and_never() -> None:
    one = next(one for one in facts().consequences if one.milestone == "continuity.active")
    assert one.late is not None
    assert one.reference.user_hours < one.late.user_hours <= one.figures.user_hours
    card = Elements(pages(files())["facilitator/card-deck.html"]).text
    assert "4 h late" in card
    reference = reference_runbook(scenario(), parse)
    assert reference is not None
    later = postponed(reference, "users.told", HOUR_MS)
    assert later is not None
    moved = [(a.at.text, b.at.text) for a, b in zip(reference.steps, later.steps, strict=True) if a != b]
    assert moved
    for before, after in moved:
        was, now = parse_anchor(before).moments[0], parse_anchor(after).moments[0]
        assert isinstance(was, Since)
        assert isinstance(now, Since)
        assert now.offset_ms == was.offset_ms + HOUR_MS
    assert postponed(reference, "mx.changed", HOUR_MS) is None


def test_a_branch_lacks_the_commands_of_one_milestone_only() -> None:
    reference = reference_runbook(scenario(), parse)
    assert reference is not None
    left = without(reference, "users.told")
    assert left is not None
    assert {one.do.startswith("notify users") for one in reference.steps} == {True, False}
    assert [one for one in reference.steps if not one.do.startswith("notify users")] == list(left.steps)
    assert without(reference, "mx.changed") is None


def test_a_guide_has_each_objective_with_its_limit_on_the_clock() -> None:
    text = Elements(evaluator_guide(facts())).text
    for objective in scenario().objectives:
        assert objective.id.replace("-", " ").capitalize() in text
    onset = facts().clock(scenario().outage_start_ms)
    assert onset == "Mon 09:12"
    assert "Tue" in text or "Thu 09:12 (outage.start + 3d)" in text
    assert "Thu 09:12 (outage.start + 3d)" in text, "pause.decided, 72 h after the onset"
