"""Adding a figure or a milestone is adding one record: everything else follows from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIGURE = """\
FIGURES = (
    Figure(
        name="lasted-min",
        counts="minutes that the drill has lasted",
        label="minutes that it lasted: {} min",
        only_grows=True,
        measure=lambda drill: drill.now_ms // 60_000,
        beyond=lambda drill, number: (number + 1) * 60_000,
        seen=lambda drill: drill.now_ms // 60_000,
        needs=Milestone.TEA_SERVED,
    ),
"""
MILESTONE = """\
    TEA_SERVED = "tea.served", MilestoneFacts(
        "tea is served", in_words="the tea", sign="outbound", tried=("note tea",), brought_by=("note tea",)
    )
"""
SCENARIO = """\
mxdrill: 1
like: exchange-down
id: with-tea
objectives:
  - id: tea
    learns: tea comes first
    source: house
    met: [{ milestone: tea.served, within: { outage.start: 30m } }]
    failed: [{ milestone: users.told, within: { tea.served: 45m } }]
  - id: short
    learns: brevity
    source: house
    targets: [{ measure: lasted-min, at_most: 10 }]
injects:
  - { id: tea, kind: call, at: outage.start + 40m, from: him, to: all, text: Tea!, marks: tea.served }
"""
RUNBOOK = """\
mxdrill: 1
id: pours
scenario: with-tea.yaml
steps:
  - { id: drink, at: tea.served + 1m, do: note sip }
  - { id: shelve, at: mx.restored, do: note never }
"""
ASK = """
import json, sys
from pathlib import Path
from reference_lists import write_a_scenario
from sim.drill.commands.grammar import parse
from sim.drill.lint.json_schema import schemas
from sim.drill.lint.objectives import needs
from sim.drill.lint.runbook_steps import steps
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.document import BadFile
from sim.report.document.run_document import document

folder, root = map(Path, sys.argv[1:])
scenario = load_scenario(str(folder / "with-tea.yaml"), {"outage": "1h"})
session = Session(scenario, 1, None)
session.advance(scenario.outage_start_ms + 41 * 60_000)
seen = {one.id: (one.limit, one.state) for one in session.snapshot().objectives if one.id in ("tea", "short")}
try:
    load_scenario(str(folder / "wrong.yaml"))
except BadFile as error:
    wrong = error.lines
print(json.dumps({
    "seen": seen,
    "objectives": [one for one in document(session, "none", 1.0)["objectives"] if one["id"] in seen],
    "lint": [text for _loc, text in needs(scenario, parse)],
    "steps": [text for _loc, text in steps(load_runbook(str(folder / "pours.yaml")), scenario, parse)],
    "schema": schemas()["scenario.schema.json"],
    "guide": write_a_scenario(root / "docs" / "howto" / "write-a-scenario.md"),
    "wrong": wrong,
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Answers of a copy of the simulator with one record more in each registry, and no other change."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("sim", "scenarios"):
        shutil.copytree(ROOT / package, folder / package)  # with its bytecode, which fits what is not changed
    calls = folder / "sim/drill/scoring/figures/calls.py"
    text = calls.read_text(encoding="utf-8").replace("FIGURES = (\n", FIGURE, 1)
    text = text.replace(
        "import Drill\n", "import Drill\nfrom sim.drill.scenario.milestones import Milestone\n", 1
    )
    calls.write_text(text, encoding="utf-8")
    milestones = folder / "sim/drill/scenario/milestones.py"
    text = milestones.read_text(encoding="utf-8").replace(
        "\n\n\nMILESTONES", f"\n{MILESTONE}\n\nMILESTONES", 1
    )
    milestones.write_text(text, encoding="utf-8")
    files = {
        "with-tea.yaml": SCENARIO,
        "wrong.yaml": SCENARIO.replace("lasted-min", "lasted-mins"),
        "pours.yaml": RUNBOOK,
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(folder), str(ROOT)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "dev")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    answers: dict[str, Any] = json.loads(asked.stdout)
    return answers


def test_files_and_schemas_know_it(found: dict[str, Any]) -> None:
    (wrong,) = found["wrong"]
    assert wrong.endswith("there is no figure 'lasted-mins'; did you mean lasted-min?")
    for name in ('"lasted-min"', '"tea.served"'):
        assert name in found["schema"]


def test_trainees_read_its_words_and_see_what_instruments_show(found: dict[str, Any]) -> None:
    assert found["seen"] == {
        "tea": ["within 30 min of the onset", "late"],
        "short": ["minutes that it lasted: at most 10 min", "failed"],
    }


def test_the_json_document_has_its_verdict_and_the_moment(found: dict[str, Any]) -> None:
    tea, short = found["objectives"]
    assert tea["cause"] == "10 min late: due by Mon 09:42, reached at Mon 09:52"
    assert short["cause"].startswith("minutes that it lasted: ")
    assert short["at_s"] == 11 * 60


def test_lint_knows_what_it_needs_and_what_brings_it(found: dict[str, Any]) -> None:
    no_sign = (
        "the gateway does not stop outbound mail in this scenario, so this milestone is never reached; "
        "choose another"
    )
    assert found["lint"] == [f"tea asks for tea.served: {no_sign}", f"short asks for tea.served: {no_sign}"]
    (never,) = found["steps"]
    assert never.startswith("shelve waits for mx.restored")


def test_the_guide_lists_it(found: dict[str, Any]) -> None:
    assert "| `lasted-min` | minutes that the drill has lasted |" in found["guide"]
    assert "| `tea.served` | tea is served |" in found["guide"]
