"""The files of a debrief: no text becomes markup, and players get no names and no truth before the end."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.paper.evidence import Origin
from sim.report.paper.facts import facts_of
from sim.report.paper.folder import papers
from sim.report.paper.regret_rows import RegretRow, ValleyRow, Worth
from sim.report.timeline import when
from tests.injected import PAYLOAD, injected_form, injected_session
from tests.kept import kept
from tests.plays import ONSET_MS, play

ORIGIN = Origin("2026-03-02", "0.1.0", "0" * 64)
_OURS = (
    "html head meta title style body div span h1 h2 h3 p section ol ul li strong b i br nav a table thead"
    " tbody tr th td details summary figure figcaption svg desc line rect circle polyline text code"
)
OURS = frozenset(_OURS.split())


class Page(HTMLParser):
    """A parsed page: its elements, their attributes, its text, and the text of its tables' rows."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@kept
def injected() -> dict[str, str]:
    session = injected_session()
    row = RegretRow(PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, PAYLOAD, better=True, chain=f"`{PAYLOAD}` is refused")
    valley = ValleyRow(PAYLOAD, ((-30, PAYLOAD, 1.0), (0, PAYLOAD, 0.0)), PAYLOAD, PAYLOAD, PAYLOAD, 1.0)
    rows = (row, replace(row, timing=True), replace(row, trade=True), replace(row, better=False))
    worth = Worth(rows, (valley,), (row,))
    return papers(session, facts_of(session, worth), injected_form(), ORIGIN)


@pytest.mark.parametrize("name", ["debrief.html", "handout.html"])
def test_no_text_of_people_or_files_becomes_markup(name: str) -> None:
    page = Page(injected()[name])
    assert page.tags <= OURS
    assert not [key for key, _value in page.attributes if key.startswith("on") or key == "src"]
    assert {value for key, value in page.attributes if key == "href"} <= {
        f"#{anchor}" for anchor in ("charts", "decisions", "worth", "objectives", "updates", "figures",
                                    "after-action", "timeline", "assumptions")
    }  # fmt: skip
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes
    assert "stolen()" in page.text  # it has come through, as text


def test_the_facilitators_page_has_every_injected_text_whole() -> None:
    text = Page(injected()["debrief.html"]).text
    assert text.count(PAYLOAD) > 40


def test_a_page_names_no_address_outside_itself() -> None:
    for name in ("debrief.html", "handout.html"):
        source = injected()[name].replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http:" not in source
        assert "https:" not in source
        assert "url(" not in source
        assert "@import" not in source


def test_markdown_holds_no_markup_of_others() -> None:
    lines = injected()["debrief.md"].splitlines()
    for sign in "<`|*[":
        assert all(f"\\{sign}" in line for line in lines if "stolen" in line for _ in [0] if sign in PAYLOAD)
    assert not [line for line in lines if "<script" in line.replace("\\<", "")]


def test_a_spreadsheet_computes_nothing() -> None:
    files = injected()
    cells = [
        cell for name, text in files.items() if name.endswith(".csv") for row in csv.reader(io.StringIO(text))
        for cell in row
    ]  # fmt: skip
    assert any("stolen()" in cell for cell in cells)
    formulas = [cell for cell in cells if cell[:1] in {"=", "+", "@"}]
    assert formulas == []


def test_json_files_are_json_in_ascii() -> None:
    files = {name: text for name, text in injected().items() if name.endswith(".json")}
    assert sorted(files) == ["debrief.json", "evidence.json"]
    for text in files.values():
        json.loads(text)
        assert text.isascii()


@kept
def running() -> Session:
    """A drill that is not over, ten hours into an outage of a day."""
    given = (
        (ONSET_MS + 9 * MINUTE_MS, "alerts ack"),
        (ONSET_MS + 10 * MINUTE_MS, 'notify users via=sms text="we look into it"'),
        (ONSET_MS + 20 * MINUTE_MS, "decide pause no because=it lasts"),
    )
    return play("24h", given, ONSET_MS + 10 * HOUR_MS)


def test_players_of_a_drill_that_goes_on_get_no_truth() -> None:
    session = running()
    files = papers(session, facts_of(session), None, ORIGIN, audience="players")
    assert list(files) == ["handout.html"]
    text = Page(files["handout.html"]).text
    for secret in (session.scenario.title, "connection refused", "refuses since", "truth:", session.digest()):
        assert secret not in text
    assert "svg" not in Page(files["handout.html"]).tags
    assert "we look into it" in text
    local, since = when(session, session.now_ms)
    assert f"it has reached {local}. " in text
    assert since not in text, "when the outage began"
    assert when(session, ONSET_MS + 10 * MINUTE_MS)[1] not in text
    assert "reached" not in text.replace(f"it has reached {local}", ""), "the users whom an update reached"
    assert not [word for word in ("✓ met", "✗ failed") if word in text]


@kept
def finished() -> Session:
    given = ((ONSET_MS + 9 * MINUTE_MS, "alerts ack"), (ONSET_MS + 20 * MINUTE_MS, "note tell Nadia"))
    return play("2h", given, 200 * HOUR_MS)


def test_the_handout_has_no_names_and_anonymous_files_have_none_either() -> None:
    session = finished()
    names = [person.name for person in session.scenario.organisation.staff]
    parts = {part for name in names for part in name.split()}
    facts = facts_of(session)
    named = papers(session, facts, None, ORIGIN)
    assert any(name in named["debrief.html"] for name in names)
    hidden = papers(session, facts, None, ORIGIN, anonymous=True)
    for text in (named["handout.html"], *hidden.values()):
        assert not [part for part in parts if part in text]
    assert str(session.digest()) not in named["handout.html"]
    said = Page(named["handout.html"]).text.partition("What they say")[2]
    assert facts.findings
    assert all(one.split()[0] in said for one in facts.findings)
    assert len(facts.findings) == named["handout.html"].partition("What they say")[2].count("<li>")


def test_each_objective_is_on_the_page_once() -> None:
    session = finished()
    text = Page(papers(session, facts_of(session), None, ORIGIN)["debrief.html"]).text
    first_page, _, depth = text.partition("In depth")
    for objective in session.scenario.objectives:
        assert depth.count(objective.learns) == 1
        assert objective.learns not in first_page
