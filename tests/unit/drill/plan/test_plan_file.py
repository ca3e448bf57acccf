"""Plans whose steps wait for many others: each step is looked at once, however long the chain."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.drill.plan.plan_file import Plan

LONG = 1_500
"""Longer than Python's own stack."""


def plan(*steps: dict[str, Any]) -> Plan:
    manual = {"owner": "lead", "takes": "1m", "manual": "it"}
    rows = [manual | step for step in steps]
    promise = {"id": "p", "to": f"{steps[0]['id']}.done", "within": "1h"}
    return Plan.model_validate(
        {"mxdrill": 2, "id": "t", "scenario": "t", "steps": rows, "assumptions": [promise]}
    )


def after(number: int) -> dict[str, Any]:
    """Steps wait by `after` and by `at` in turn."""
    key, value = ("after", [f"s{number - 1}"]) if number % 2 else ("at", f"s{number - 1}.done")
    return {"id": f"s{number}", key: value}


def test_a_long_chain_in_reverse_order_is_a_plan() -> None:
    found = plan(*(after(number) for number in range(LONG, 0, -1)), {"id": "s0"})
    assert [step.id for step in found.with_earlier(f"s{LONG}")] == [f"s{n}" for n in range(LONG, -1, -1)]
    assert found.causes_first() == [f"s{n}" for n in range(LONG + 1)]


def test_a_long_circle_is_named_from_its_first_step_in_the_file() -> None:
    rows = [after(number) for number in range(LONG, 0, -1)]
    with pytest.raises(ValidationError) as caught:
        plan({"id": "alone"}, *rows, {"id": "s0", "after": [f"s{LONG}"]})
    assert f"s{LONG} waits for itself: s{LONG} › s{LONG - 1} › s{LONG - 2} › " in str(caught.value)
    assert f" › s0 › s{LONG}; remove one of these" in str(caught.value)


def test_a_step_that_waits_for_itself_is_a_circle() -> None:
    with pytest.raises(ValidationError, match="a waits for itself: a › a; remove"):
        plan({"id": "a", "after": ["a"]})


def test_steps_on_many_ways_are_each_found_once() -> None:
    """Forty pairs, each of which waits for both steps of the pair before: 2^40 ways back to the first."""
    rows: list[dict[str, Any]] = [{"id": "first"}]
    before = ["first"]
    for number in range(40):
        ids = [f"left-{number}", f"right-{number}"]
        rows += [{"id": id_, "after": before} for id_ in ids]
        before = ids
    found = [step.id for step in plan(*rows).with_earlier("left-39")]
    assert len(found) == len(set(found)) == 80
    assert (found[0], found[-1]) == ("left-39", "first")


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\x1b", "\u202e", "\u200f", "\ud800"])
def test_a_sentence_has_only_characters_that_every_file_may_have(character: str) -> None:
    """An XML file must not contain the first two, and a check writes sentences to JUnit files."""
    with pytest.raises(ValidationError, match=r"contains a control or invisible character \(U"):
        plan({"id": "a", "manual": f"Declare{character} it"})
