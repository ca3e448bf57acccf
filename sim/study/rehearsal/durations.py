"""Durations measured in drills, as a table for `samples` in a plan. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence

from sim.kernel.duration import SECOND_MS
from sim.study.rehearsal.steps_played import StepPlayed

FEWEST = 2
"""Minimum number of values that `samples` needs."""

Drills = Sequence[tuple[str, Sequence[StepPlayed]]]
"""Drills by name, with the steps of each."""


def measured_ms(drills: Drills) -> dict[str, list[int]]:
    """For each measured step: the times in ms from being due to the end of the hands-on time."""
    found: dict[str, list[int]] = {}
    for _name, steps in drills:
        for step in steps:
            if step.took_ms is not None:
                found.setdefault(step.id, []).append(step.took_ms)
    return found


def samples_csv(drills: Drills) -> str:
    """A row for each drill, and a column `STEP_s` in seconds for each step with enough values."""
    ids = [id_ for id_, values in measured_ms(drills).items() if len(values) >= FEWEST]
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["drill", *(f"{id_}_s" for id_ in ids)])
    for name, steps in drills:
        took: Mapping[str, int | None] = {step.id: step.took_ms for step in steps}
        out.writerow([name, *(_seconds(took.get(id_)) for id_ in ids)])
    return text.getvalue()


def _seconds(value_ms: int | None) -> str:
    return "" if value_ms is None else f"{value_ms / SECOND_MS:g}"
