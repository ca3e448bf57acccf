"""Chains of causes: why a moment was never reached, also at the end of a long chain of steps."""

import pytest

from sim.drill.plan.plan_file import Plan
from sim.drill.session.plan_run import PlanRun, State, StepRun
from sim.kernel.duration import DAY_MS
from sim.study.chains import why_never

LONG = 1_500
"""Longer than Python's own stack."""


def chained(keys: tuple[str, str]) -> Plan:
    """Steps s0, s1, …, each waiting for the one before it by one of `keys` in turn."""
    first = {"id": "s0", "owner": "lead", "takes": "1m", "manual": "one"}
    rows = [
        first | {"id": f"s{n}", keys[n % 2]: [f"s{n - 1}"] if keys[n % 2] == "after" else f"s{n - 1}.done"}
        for n in range(1, LONG)
    ]
    promise = {"id": "p", "to": f"s{LONG - 1}.done", "within": "1h"}
    return Plan.model_validate(
        {"mxdrill": 2, "id": "t", "scenario": "t", "steps": [first, *rows], "assumptions": [promise]}
    )


def ended(plan: Plan, first: State, reason: str) -> PlanRun:
    """A run whose first step is in the state `first`, and in which every later one still waits."""
    steps = {step.id: StepRun(step.id) for step in plan.steps}
    steps["s0"].state, steps["s0"].reason = first, reason
    return PlanRun(1, 1, {}, steps, {}, DAY_MS, 0, DAY_MS, "")


@pytest.mark.parametrize("keys", [("after", "after"), ("at", "after"), ("at", "at")])
def test_the_first_step_of_a_long_chain_is_the_reason(keys: tuple[str, str]) -> None:
    plan = chained(keys)
    run = ended(plan, "failed", "the attempt failed")
    assert why_never(plan.assumptions[0], plan, run) == "s0 failed: the attempt failed"


def test_a_step_that_was_left_out_holds_up_none_after_it() -> None:
    """It counts as done for the steps after it: the next one is the reason, whichever key it waits by."""
    for keys in (("after", "after"), ("at", "at")):
        plan = chained(keys)
        run = ended(plan, "left out", "")
        run.steps["s0"].done_ms = 0
        run.steps["s1"].state, run.steps["s1"].reason = "failed", "it was refused"
        assert why_never(plan.assumptions[0], plan, run) == "s1 failed: it was refused"


def active(stays: str, until_ms: int, **ended_ms: int) -> tuple[Plan, PlanRun]:
    """A plan that promises a state for that long, and a run in which the state began at 1 s."""
    row = {"id": "s", "owner": "lead", "takes": "1m", "manual": "one"}
    promise = {"id": "p", "to": "continuity.active", "within": "1h", "stays": stays}
    plan = Plan.model_validate(
        {"mxdrill": 2, "id": "t", "scenario": "t", "steps": [row], "assumptions": [promise]}
    )
    names = {"outage.start": 0, "continuity.active": 1_000}
    names |= {name.replace("_", "."): ms for name, ms in ended_ms.items()}
    return plan, PlanRun(1, 1, names, {"s": StepRun("s")}, {}, until_ms, 0, DAY_MS, "")


def test_a_state_that_did_not_last_is_the_reason() -> None:
    plan, run = active("8h", DAY_MS, continuity_ended=3_600_000)
    assert why_never(plan.assumptions[0], plan, run) == "continuity.active did not last 8 h"
    plan, run = active("8h", 3_600_000)
    why = why_never(plan.assumptions[0], plan, run)
    assert why == "the run ended before continuity.active had lasted 8 h"


PROOF = {"id": "proof", "at": "mx.restored", "do": "openings prove backup-mx"}
CHANGE = {"id": "change", "owner": "dns", "do": "mx set backup"}


def one_promise(to: str, *steps: dict[str, str], openings: dict[str, bool], **came_ms: int) -> str:
    """Why `to` was not reached in a run of `steps`, all of which are done if their `at` was reached."""
    promise = {"id": "p", "to": to, "within": "1h"}
    plan = Plan.model_validate(
        {"mxdrill": 2, "id": "t", "scenario": "t", "steps": list(steps), "assumptions": [promise]}
    )
    names = {name.replace("_", "."): ms for name, ms in came_ms.items()}
    of_steps = {step.id: StepRun(step.id) for step in plan.steps}
    for step in plan.steps:
        if all(name in names for name in (step.at.milestones if step.at else ())):
            of_steps[step.id].state, of_steps[step.id].done_ms = "done", 0
    run = PlanRun(1, 1, names, of_steps, {}, DAY_MS, 0, DAY_MS, "", openings=openings)
    return why_never(plan.assumptions[0], plan, run)


def test_openings_that_are_not_proven_closed_are_named() -> None:
    """Without an opening, nothing can be proven closed, and the reason is not the missing proof."""
    assert one_promise("openings.closed", CHANGE, PROOF, openings={}) == (
        "no opening was made, so openings.closed did not come"
    )
    left = {"lock": True, "backup-mx": False, "low-ttl": False}
    assert one_promise("openings.closed", CHANGE, PROOF, openings=left, mx_changed=1) == (
        "not proven closed: backup-mx, low-ttl: "
        "proof waits for mx.restored: mx.changed came, but mx.restored did not come in this run"
    )
    assert one_promise("openings.closed", CHANGE, PROOF, openings={"connector": False}) == (
        "not proven closed: connector; no step proves connector"
    )


def test_a_change_after_the_outage_or_undone_at_once_is_the_reason() -> None:
    why = one_promise("inbound.moved", CHANGE, openings={}, mx_changed=5, outage_end=9)
    assert why == "mx.changed came, but inbound.moved did not come in this run"
    why = one_promise("inbound.moved", CHANGE, openings={}, mx_changed=9, outage_end=5)
    assert why == "mx.changed came only after outage.end, but inbound.moved did not come in this run"
    why = one_promise("inbound.moved", CHANGE, openings={}, mx_changed=9, outage_end=5, mx_restored=10)
    assert why == "mx.changed came only after outage.end, but inbound.moved did not come before mx.restored"
