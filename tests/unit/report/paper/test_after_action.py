"""The after-action form: written from a drill, filled in by a person, read back."""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS
from sim.report.paper.after_action import form_path, form_text, proposed, read_form
from sim.report.paper.facts import DebriefFacts, facts_of
from tests.injected import injected_session
from tests.kept import kept
from tests.plays import play


@kept
def facts() -> DebriefFacts:
    return facts_of(play("2h", (), 100 * HOUR_MS))


def test_the_form_as_written_is_read_back_with_a_rating_for_each_objective(tmp_path: Path) -> None:
    path = form_path(tmp_path / "one.jsonl")
    path.write_text(form_text(facts()), encoding="utf-8")
    form = read_form(path)
    assert form is not None
    assert path.name == "one.aar.yaml"
    assert [one.id for one in form.objectives] == [one.id for one in facts().objectives]
    assert [one.rating for one in form.objectives] == [proposed(one, False)[0] for one in facts().objectives]
    assert len(form.improvements) == sum(
        one.state in {"late", "missed", "failed"} for one in facts().objectives
    )


def test_a_form_of_hostile_texts_is_yaml_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "form.aar.yaml"
    path.write_text(form_text(facts_of(injected_session())), encoding="utf-8")
    form = read_form(path)
    assert form is not None
    assert "<script>stolen()</script>" in form.overview.exercise


def test_dates_may_stand_without_quotes_and_a_wrong_rating_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "form.aar.yaml"
    path.write_text("mxdrill: 1\nnext_test: 2026-12-01\n", encoding="utf-8")
    form = read_form(path)
    assert form is not None
    assert form.next_test == "2026-12-01"
    path.write_text("mxdrill: 1\nobjectives:\n  - id: users-told\n    rating: X\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"form\.aar\.yaml:4:"):
        read_form(path)
    assert read_form(tmp_path / "none.aar.yaml") is None


@pytest.mark.parametrize(
    ("state", "exposed", "rating"),
    [
        ("met", False, "P"),
        ("met", True, "S"),
        ("late", False, "S"),
        ("missed", False, "M"),
        ("failed", False, "U"),
        ("open", True, ""),
    ],
)
def test_a_rating_is_proposed_from_the_verdict(state: str, exposed: bool, rating: str) -> None:
    one = replace(facts().objectives[0], state=state, side="availability", judges="outcome")
    assert proposed(one, exposed)[0] == rating
