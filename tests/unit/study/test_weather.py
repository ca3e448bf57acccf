"""The map of the week: a plan whose person is at work on workdays only."""

from pathlib import Path

from sim.study.one_run import Study
from sim.study.weather import weather
from sim.study.workers import Serial
from tests.plans import loaded


def test_a_plan_without_a_rota_holds_in_working_hours_only(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
steps:
  - { id: declare, owner: lead, takes: 10m, manual: Declare }
assumptions: [{ id: p, to: declare.done, within: 30m }]
""",
        until="1h",
    )
    found = weather(Study(plan, 1), Serial(), 1)
    assert [len(row) for row in found.shares] == [24] * 7
    for day, row in enumerate(found.shares):
        at_work = {hour for hour in range(24) if row[hour] == 1.0}
        assert at_work == (set(range(8, 18)) if day < 5 else set()), day
