"""Measured durations go back into a plan as they were measured."""

from pathlib import Path

from sim.drill.plan.spread import parse_spread
from sim.kernel.duration import MINUTE_MS
from sim.study.rehearsal.durations import measured_ms, samples_csv
from sim.study.rehearsal.steps_played import StepPlayed


def step(id_: str, due_min: int, worked_min: int | None) -> StepPlayed:
    worked_ms = None if worked_min is None else worked_min * MINUTE_MS
    state = "not given" if worked_ms is None else "done"
    given_ms = None if worked_ms is None else due_min * MINUTE_MS
    return StepPlayed(id_, "lead", state, due_min * MINUTE_MS, given_ms, worked_ms, worked_ms, None)


DRILLS = [
    ("one", [step("confirm", 10, 22), step("tell, all", 0, None)]),
    ("two", [step("confirm", 10, 17), step("tell, all", 0, 4)]),
    ("three", [step("confirm", 10, None), step("tell, all", 5, None)]),
]


def test_the_table_is_read_back_as_samples(tmp_path: Path) -> None:
    (tmp_path / "drills.csv").write_text(samples_csv(DRILLS), encoding="utf-8")
    found = parse_spread("samples(drills.csv, confirm_s)", tmp_path)
    assert found.table == (7 * MINUTE_MS, 12 * MINUTE_MS)
    assert found.measured


def test_a_step_with_a_single_value_has_no_column() -> None:
    assert measured_ms(DRILLS) == {"confirm": [12 * MINUTE_MS, 7 * MINUTE_MS], "tell, all": [4 * MINUTE_MS]}
    assert samples_csv(DRILLS) == "drill,confirm_s\none,720\ntwo,420\nthree,\n"
