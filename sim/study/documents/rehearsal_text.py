"""A plan compared with completed drills: a table for each drill, and the measured durations."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from textwrap import shorten
from typing import Any

from sim.drill.plan.plan_file import Plan
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words
from sim.kernel.plain_line import cells_of, padded
from sim.kernel.quantities import counted
from sim.study.rehearsal.durations import measured_ms
from sim.study.rehearsal.steps_played import StepPlayed, steps_played

HEAD = ("step", "owner", "due", "given", "done", "late by", "")
LONGEST_SHOWN = 60
ON_TIME_MS = MINUTE_MS
"""Time after a step is due within which the step counts as given on time."""


def drill_text(plan: Plan, name: str, session: Session) -> Iterator[str]:
    """The lines for one drill."""
    state = "" if session.ended else ", not over"
    yield f"{plan.id} against {name} ({session.scenario.id}, seed {session.seed}{state})"
    steps = steps_played(plan, session)
    clock = session.drill.clock
    rows = [HEAD, *(_row(step, {ms: clock(ms) for ms in _moments(step)}) for step in steps)]
    widths = [max(cells_of(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    for row in rows:
        cells = [padded(cell, width) for cell, width in zip(row[:-1], widths, strict=True)]
        yield "  ".join([*cells, row[-1]]).rstrip()
    yield summary(steps)


def summary(steps: Sequence[StepPlayed]) -> str:
    """The counts in words: `12 steps: 7 done, 3 of them late; 2 not given; 1 never due`."""
    states = [step.state for step in steps]
    done = [step for step in steps if step.state == "done"]
    late = sum((step.late_ms or 0) > ON_TIME_MS for step in done)
    told = [f"{len(done)} done" + (f", {late} of them late" if late else "")]
    told += [f"{states.count(one)} {one}" for one in dict.fromkeys(states) if one != "done"]
    return f"{counted(len(steps), 'step')}: {'; '.join(told)}"


def durations_text(plan: Plan, drills: Sequence[tuple[str, Sequence[StepPlayed]]]) -> Iterator[str]:
    """A line for each measured step: the time from being due to the end of hands-on time, next to the
    planned time.
    """
    planned = {step.id: step.takes.text for step in plan.steps if step.takes is not None}
    for id_, values in measured_ms(drills).items():
        low, middle, high = (in_words(round(f(values)), MINUTE_MS) for f in (min, median, max))
        times = middle if low == high else f"{low} to {high}, median {middle}"
        wanted = f"; in the plan: {planned[id_]}" if id_ in planned else ""
        yield f"  {id_}: {times} ({counted(len(values), 'drill')}){wanted}"


def rehearsal_document(
    plan: Plan, drills: Sequence[tuple[str, Session, Sequence[StepPlayed]]]
) -> dict[str, Any]:
    """The JSON document; times are in seconds since the drill's start, `null`: not reached."""
    measured = measured_ms([(name, steps) for name, _session, steps in drills])
    return {
        "plan": plan.id,
        "drills": [
            {
                "drill": name,
                "scenario": session.scenario.id,
                "seed": session.seed,
                "over": session.ended,
                "steps": [_step(step) for step in steps],
            }
            for name, session, steps in drills
        ],
        "durations_s": {id_: [_seconds(ms) for ms in values] for id_, values in measured.items()},
    }


def _step(step: StepPlayed) -> dict[str, Any]:
    return {
        "id": step.id,
        "owner": step.owner,
        "state": step.state,
        "due_s": _seconds(step.due_ms),
        "given_s": _seconds(step.given_ms),
        "worked_s": _seconds(step.worked_ms),
        "done_s": _seconds(step.done_ms),
        "late_s": _seconds(step.late_ms),
        "took_s": _seconds(step.took_ms),
        "planned_s": _seconds(step.planned_ms),
        "reason": step.reason,
        "as": step.as_text or None,
    }


def _seconds(value_ms: int | None) -> float | None:
    return None if value_ms is None else round(value_ms / SECOND_MS, 3)


def _moments(step: StepPlayed) -> list[int]:
    return [ms for ms in (step.due_ms, step.given_ms, step.done_ms) if ms is not None]


def _row(step: StepPlayed, clocks: Mapping[int, str]) -> tuple[str, ...]:
    def at(ms: int | None) -> str:
        return "-" if ms is None else clocks[ms]

    return (
        step.id,
        step.owner,
        at(step.due_ms),
        at(step.given_ms),
        at(step.done_ms),
        _late(step),
        _why(step),
    )


def _late(step: StepPlayed) -> str:
    late_ms = step.late_ms
    if late_ms is None:
        return "-"
    if abs(late_ms) <= ON_TIME_MS:
        return "on time"
    return in_words(late_ms, MINUTE_MS) if late_ms > 0 else f"{in_words(-late_ms, MINUTE_MS)} early"


def _why(step: StepPlayed) -> str:
    told: str = "" if step.state == "done" else step.state
    if step.state == "not recorded":
        told = f"not recorded, counted as planned; to record it: note {step.id}: …"
    if step.reason:
        told = f"{told}: {step.reason}" if told else f"first attempt failed: {step.reason}"
    if not step.as_text:
        return told
    return f"{told}{'; ' if told else ''}as `{shorten(step.as_text, LONGEST_SHOWN, placeholder=' …')}`"
