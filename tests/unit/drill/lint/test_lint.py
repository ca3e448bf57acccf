from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.organisation.shipped_files import shipped_names
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder

FOLDER = shipped_folder()
SHIPPED = (FOLDER / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
ORGANISATION = (FOLDER / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")
RUNBOOK = (FOLDER / "runbooks" / "exchange-down.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    [
        str(FOLDER / kind / f"{name}.yaml")
        for kind in ("outages", "organisations", "runbooks")
        for name in shipped_names(kind)
    ],
)
def test_what_ships_has_no_findings(path: str) -> None:
    assert lint_file(path, parse) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("    to: helpdesk\n", "    to: §help-desk\n", "unknown recipient 'help-desk'; known: ", ""),
        (
            "    §marks: server.reported-back\n",
            "",
            "the recovery of the server is never reported; add a call",
            "injects:",
        ),
        ("reference: exchange-down", "reference: §exchange-up", "the reference runbook cannot be used: ", ""),
        ("reference: exchange-down\n", "", "there is no `reference` runbook; name one", "exchange-down\n"),
        ("  outage: {", "  length: {", "there is no parameter `outage`; every scenario has", "parameters:"),
        (
            "within: { alert.first: 20m }",
            "within: { alert.first: 5m }",
            "fails 5m after alert.first, when it can still be met",
            "failed: [{ milestone: alert.ack",
        ),
    ],
)
def test_a_finding_has_its_position(old: str, new: str, where: str, what: str, tmp_path: Path) -> None:
    marked = SHIPPED.replace(old.replace("§", ""), new, 1)
    assert marked.replace("§", "") != SHIPPED
    file = tmp_path / "mine.yaml"
    file.write_text(marked.replace("§", ""), encoding="utf-8")
    (finding,) = lint_file(str(file), parse)
    assert where in finding
    before = marked[: marked.index(what or "§")]
    position = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    assert finding.startswith(f"{file}:{position}: ")


def test_a_role_that_nobody_has_is_found(tmp_path: Path) -> None:
    file = tmp_path / "organisation.yaml"
    file.write_text(ORGANISATION.replace("role: helpdesk", "role: server-team"), encoding="utf-8")
    (finding,) = lint_file(str(file))
    assert "the role helpdesk is unassigned" in finding
    staff = ORGANISATION[: ORGANISATION.index("staff:")].count("\n") + 1
    assert finding.startswith(f"{file}:{staff}:1: ")


NEXT_DAY, BEFORE = "at: outage.start + 23h and continuity.active", "at: 2026-03-01T11:00"


def test_a_runbook_is_checked_against_its_scenario(tmp_path: Path) -> None:
    assert RUNBOOK.count(NEXT_DAY) == 1
    file = tmp_path / "runbook.yaml"
    file.write_text(RUNBOOK, encoding="utf-8")
    assert lint_file(str(file), parse) == []
    for early in (BEFORE, f"{BEFORE} and continuity.active"):  # whatever else it waits for
        file.write_text(RUNBOOK.replace(NEXT_DAY, early), encoding="utf-8")
        (finding,) = lint_file(str(file), parse)
        assert "2026-03-01T11:00 is before the drill's start" in finding
    file.write_text(RUNBOOK.replace("scenario: exchange-down", "scenario: exchange-up"), encoding="utf-8")
    (finding,) = lint_file(str(file), parse)
    assert "the scenario cannot be used: 'exchange-up': no such scenario" in finding


def test_a_step_that_only_the_debrief_could_give_is_found(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    step = "do: alerts ack, unless: [diagnosis.correct]"
    file.write_text(RUNBOOK.replace("do: alerts ack", step, 1), encoding="utf-8")
    (finding,) = lint_file(str(file), parse)
    assert "only the debrief shows diagnosis.correct" in finding


def test_a_command_that_is_none_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    file.write_text(RUNBOOK.replace("do: alerts ack", "do: alerts akc"), encoding="utf-8")
    with pytest.raises(BadFile, match=r"`steps.0.do`: "):
        lint_file(str(file), parse)
