"""A plan made from a scenario: it loads, whatever the scenario's sentences are."""

from pathlib import Path

import pytest

from sim.drill.session.load_plan import load_plan
from sim.drill.session.new_plan import new_plan
from tests.plays import small


@pytest.mark.parametrize(
    "sentence", ["it's\nso", "\x07\u202e\u200f", "x" * 3_000, "a: {b}, 'c' #d", "\ufeff"]
)
def test_a_plan_made_from_any_sentences_loads(tmp_path: Path, sentence: str) -> None:
    """`table msel` of a scenario with a control character named a mistake in a file that no one had."""
    scenario = small()
    objectives = tuple(one.model_copy(update={"learns": sentence}) for one in scenario.objectives)
    path = tmp_path / "plan.yaml"
    path.write_text(new_plan(scenario.model_copy(update={"objectives": objectives}), None), encoding="utf-8")
    says = [one.says for one in load_plan(str(path)).plan.assumptions if one.says]
    assert says
    assert len(says[0]) <= 1_000
