"""The map of the week: a plan whose person is at work on workdays only."""

import json
from pathlib import Path

import pytest

from tests.plans import written
from tui.cli import main


def test_a_plan_without_a_rota_holds_in_working_hours_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = written(
        tmp_path,
        """\
people: [{ role: lead, hours: "Mon-Fri 08:00-18:00", out of hours: none }]
steps:
  - { id: declare, owner: lead, takes: 10m, manual: Declare }
assumptions: [{ id: p, to: declare.done, within: 30m }]
""",
        until="1h",
    )
    page = tmp_path / "page.html"
    main(["check", str(plan), "--runs", "1", "--jobs", "1", "--weather", "1", "--json", "--html", str(page)])
    found = json.loads(capsys.readouterr().out)["weather"]
    assert found["runs"] == 1
    assert "<h2>Plan weather</h2>" in page.read_text(encoding="utf-8")
    assert [len(row) for row in found["hours"]] == [24] * 7
    for day, row in enumerate(found["hours"]):
        at_work = {hour for hour in range(24) if row[hour] == 1.0}
        assert at_work == (set(range(8, 18)) if day < 5 else set()), day
