"""Other values of unpublished numbers, to see if a verdict depends on them.

Assumed times of the organisation (until people on call start, approvers answer, or SMS arrive) are set to the
value that one in ten exceeds, as are assumed durations of steps and answers of the plan's people. For numbers
of the outside world, it is not known in advance which value is worse, so each other value is tried alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sim.drill.commands.grammar import parse
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.spread import Spread
from sim.drill.scenario.assumptions import assumptions
from sim.drill.session.load_plan import owner_of
from sim.study.check import Check, Play
from sim.study.one_run import AT_P90, Study
from sim.study.paired import Paired, paired
from sim.study.promises import PromiseResult, answer
from sim.study.why import assumed_steps

MOST_COMPARED = 200
SCREENED, TRIED = 10, 50
"""Numbers of runs: another value is dropped if it has not changed any promise after `SCREENED` runs; the
others are run `TRIED` times.
"""

Pairs = list[tuple[str, Paired]]
Answers = list[list[PromiseResult]]
"""For each promise, its answer in each run."""


@dataclass(frozen=True, slots=True)
class OtherValue:
    """Another value of an unpublished number, with its effect on each promise."""

    name: str
    """Name of the value: `schedules: sparse`."""
    pairs: Pairs
    """Better and worse runs for each promise; empty if no promise changed in the first runs."""


def pessimistic(check: Check, play: Play) -> Pairs:
    """Each promise, with all assumed times of steps, people and the organisation at their P90, on the same
    seeds.
    """
    plan = check.study.loaded.plan
    draws = frozenset([*(f"{id_}.takes" for id_ in assumed_steps(plan)), *_assumed_answers(plan)])
    study = replace(check.study, pessimistic=draws, world=AT_P90)
    return _compared(check, _answers(check, study, play, 0, MOST_COMPARED))


def assumed_people(plan: Plan) -> tuple[str, ...]:
    """Roles of the plan whose time to answer varies and does not come from samples."""
    return tuple(dict.fromkeys(role for role, _purpose in _varying(plan)))


def _varying(plan: Plan) -> Iterator[tuple[str, str]]:
    """(role, purpose of the draw) of each time to answer that varies and does not come from samples."""
    for one in plan.people:
        at_night = one.answers if one.out_of_hours is None else one.out_of_hours
        for purpose, spread in (("answers", one.answers), ("answers at night", at_night)):
            if isinstance(spread, Spread) and spread.drawn and not spread.measured:
                yield one.role, purpose


def _assumed_answers(plan: Plan) -> Iterator[str]:
    """Names of the draws of these times: of the owner of each step, and of the approver whom it asks."""
    varying = set(_varying(plan))
    for step in plan.steps:
        command = parse(step.do) if step.do else None
        asked = command.answered_by if command else ""
        for whose, role in (("", owner_of(command, step.owner)), ("approver ", asked)):
            for purpose in ("answers", "answers at night"):
                if (role, purpose) in varying:
                    yield f"{step.id}.{whose}{purpose}"


def other_values(check: Check, play: Play) -> list[OtherValue]:
    """Each other value of the world's unpublished numbers, alone, on the same seeds."""
    found = []
    for one in assumptions(check.study.loaded.scenario):
        study = replace(check.study, world=one.name)
        first = _answers(check, study, play, 0, SCREENED)
        moved = any(
            answers != list(promise.answers[: len(answers)])
            for promise, answers in zip(check.promises, first, strict=True)
        )
        if moved:
            rest = _answers(check, study, play, SCREENED, TRIED)
            first = [[*some, *more] for some, more in zip(first, rest, strict=True)]
        found.append(OtherValue(one.name, _compared(check, first) if moved else []))
    return found


def other_runs(check_runs: int, study: Study) -> int:
    """Approximate number of runs that `other_values` needs at most."""
    return min(check_runs, TRIED) * len(list(assumptions(study.loaded.scenario)))


def _answers(check: Check, study: Study, play: Play, after: int, most: int) -> Answers:
    """The answers in `study`, in the check's runs after the first `after`, up to `most` of them."""
    numbers = [run.number for run in check.runs][after:most]
    runs = list(play(study, numbers))
    return [[answer(one.promise, run) for run in runs] for one in check.promises]


def _compared(check: Check, after: Sequence[list[PromiseResult]]) -> Pairs:
    return [
        (one.promise.id, paired(one.answers[: len(answers)], answers))
        for one, answers in zip(check.promises, after, strict=True)
    ]
