"""`mxdrill runbook compare`: tables, one document, a file of samples, and mistakes in one line."""

import json
from pathlib import Path

import pytest

from sim.study.one_run import Study, played
from tests.plans import loaded
from tui.cli import main

PLAN = """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 5m..25m, manual: Declare the incident }
  - { id: users, after: [declare], do: notify users via=phone text="We know." }
assumptions: [{ id: p, to: users.done, within: 30m }]
"""


@pytest.fixture
def drills(tmp_path: Path) -> list[str]:
    """The plan's file, and the journals of two of its runs."""
    plan = loaded(tmp_path, PLAN)
    paths = [tmp_path / f"drill-{number}.jsonl" for number in (1, 2)]
    for number, path in enumerate(paths, 1):
        played(Study(plan, 1), number, path)
    return [str(plan.path), *map(str, paths)]


def test_a_table_for_each_drill_and_the_durations_of_all(
    drills: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runbook", "compare", *drills]) == 0
    text, notes = capsys.readouterr()
    assert notes.splitlines()[0].startswith("note: drill-1 is not over; for facilitators: ")
    assert "tried against drill-1 (exchange-down, seed 1, not over)" in text
    assert "tried against drill-2 (exchange-down, seed 2, not over)" in text
    assert text.count("2 steps: 2 done\n") == 2
    assert "(2 drills); in the plan: 5m..25m" in text


def test_one_document_and_a_file_of_samples(
    drills: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "samples.csv"
    assert main(["runbook", "compare", *drills, "--json", "--samples", str(file)]) == 0
    document = json.loads(capsys.readouterr().out)
    declare = document["drills"][0]["steps"][0]
    assert (declare["id"], declare["owner"], declare["state"]) == ("declare", "lead", "done")
    assert 300 <= declare["took_s"] <= 1500
    assert document["durations_s"]["declare"][0] == declare["took_s"]
    assert file.read_text().splitlines()[0] == "drill,declare_s,users_s"


def test_a_single_drill_has_no_samples_and_a_note_says_so(
    drills: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "samples.csv"
    assert main(["runbook", "compare", *drills[:2], "--samples", str(file)]) == 0
    assert (
        f"{file} has no durations: `samples` needs each step in 2 drills or more" in capsys.readouterr().err
    )
    assert main(["runbook", "compare", *drills, "--samples", str(file)]) == 0
    assert "has no durations" not in capsys.readouterr().err


def test_mistakes_are_told_in_one_line(
    drills: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, told in (
        (["gateway-down", drills[1]], "drill-1 is a drill of exchange-down; gateway-down is a plan for"),
        ([drills[0], "no-such"], "no-such: no such drill"),
        ([*drills, "--samples", str(tmp_path)], f"--samples {tmp_path}: is a directory"),
        (["no-such", drills[1]], "no-such"),
    ):
        assert main(["runbook", "compare", *arguments]) == 2
        lines = [one for one in capsys.readouterr().err.splitlines() if not one.startswith("note: ")]
        assert len(lines) == 1
        assert told in lines[0]
