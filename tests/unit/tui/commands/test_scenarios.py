import json
import re
from functools import cache
from pathlib import Path

import pytest

from sim.drill.lint.json_schema import schemas
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.session.load import load_scenario
from sim.kernel.shipped_folder import shipped_folder
from tui.cli import main

FOLDER = shipped_folder()
made = cache(schemas)
"""The schemas, made once: it takes a third of a second."""


def test_the_schemas_that_are_kept_are_those_of_the_models() -> None:
    assert len(made()) >= 5
    for name, text in made().items():
        assert (FOLDER / "schema" / name).read_text(encoding="utf-8") == text, (
            "run: mxdrill scenarios schema --write scenarios/schema"
        )


def test_every_shipped_file_names_its_schema() -> None:
    kinds = (
        ("outages", "scenario"),
        ("organisations", "organisation"),
        ("runbooks", "runbook"),
        ("vendors", "vendor"),
        ("house", "house"),
    )
    for kind, schema in kinds:
        paths = sorted((FOLDER / kind).glob("*.yaml"))
        assert paths, f"no files of {kind}"
        for path in paths:
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first == f"# yaml-language-server: $schema=../schema/{schema}.schema.json"
            assert (path.parent / first.split("=")[1]).is_file()


def test_a_schema_tells_editors_the_words_of_the_file() -> None:
    scenario = json.loads(made()["scenario.schema.json"])
    fault = scenario["$defs"]["Fault"]
    assert set(fault["required"]) == {"id", "at", "fault", "for"}
    assert fault["additionalProperties"] is False
    assert "port is closed" in fault["properties"]["fault"]["description"]
    assert {"$ref": "#/$defs/Include"} in scenario["properties"]["organisation"]["anyOf"]
    deadline = scenario["$defs"]["Deadline"]["properties"]["milestone"]
    assert "alert.first" in deadline["enum"]


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_no_title_tells_how_long_it_lasts(name: str) -> None:
    """A title is read by trainees after the drill, which may be repeated with another length."""
    title = load_scenario(name).title
    assert not re.search(r"\b(back|until|before noon|soon|for (hours|days)|\d+ ?h|\d:\d)", title), title


def test_list_names_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "list"]) == 0
    listed = capsys.readouterr().out
    assert re.search(r"^exchange-down +Harbour Freight Forwarding, Mon 2 Mar$", listed, re.MULTILINE)
    titles = [load_scenario(name).title for name in shipped_names("outages")]
    assert [title for title in titles if title in listed] == [], "a title names the outage"
    assert main(["scenarios", "list", "--truth"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^exchange-down +Exchange Server is unavailable$", told, re.MULTILINE)
    assert [title for title in titles if title not in told] == []
    assert main(["scenarios", "list", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["exchange-down"]["title"] == "Harbour Freight Forwarding, Mon 2 Mar"
    assert set(listed["exchange-down"]["parameters"]) >= {"users", "outage"}


def test_show_is_for_people_and_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "show", "exchange-down", "--truth", "--set", "outage=72h"]) == 0
    shown = capsys.readouterr().out
    assert "mail-server refuses at T+01:12 for 3 d (connection refused)" in shown
    assert "continuity-active" in shown
    assert main(["scenarios", "show", "exchange-down", "--set", "users=50", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["organisation"]["users"] == 50


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_what_trainees_may_read_tells_nothing_of_what_breaks(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scenarios", "show", name]) == 0
    read, scenario = capsys.readouterr().out, load_scenario(name)
    assert main(["scenarios", "show", name, "--briefing"]) == 0
    assert capsys.readouterr().out == read
    assert scenario.briefing.strip() in read
    assert f"{scenario.organisation.users:,} users" in read
    secrets = [scenario.title, scenario.id, *scenario.sources, *(fault.fault for fault in scenario.timeline)]
    secrets += [one.learns for one in scenario.objectives] + [one.id for one in scenario.objectives]
    assert [one for one in secrets if one in read] == []
    assert main(["scenarios", "show", name, "--truth"]) == 0
    whole = capsys.readouterr().out
    assert [one for one in secrets if one not in whole] == []


def test_lint_says_yes_no_or_cannot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "lint", "exchange-down"]) == 0
    assert capsys.readouterr().out == ""
    text = (FOLDER / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
    finding = tmp_path / "finding.yaml"
    finding.write_text(text.replace("reference: exchange-down\n", ""), encoding="utf-8")
    assert main(["scenarios", "lint", str(finding)]) == 1
    assert "there is no `reference` runbook" in capsys.readouterr().out
    broken = tmp_path / "broken.yaml"
    broken.write_text("{", encoding="utf-8")
    assert main(["scenarios", "lint", str(finding), str(broken)]) == 2
    out, err = capsys.readouterr()
    assert "there is no `reference` runbook" in out
    assert err.startswith(f"{broken}:1:")
    assert main(["scenarios", "lint", str(tmp_path / "none.yaml")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_schemas_are_written_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "schema", "--write", str(tmp_path / "new")]) == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(made())
    capsys.readouterr()
    assert main(["scenarios", "schema"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(made())
    (tmp_path / "file").write_text("")
    assert main(["scenarios", "schema", "--write", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "name a folder to write to" in line


def test_the_guides_steps_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    edits = {
        "outage": ("outages", "organisations/harbour-1000.yaml", "organisation.yaml"),
        "organisation": ("organisations", "", ""),
        "runbook": ("runbooks", "scenario: exchange-down", "scenario: outage.yaml"),
    }
    for name, (kind, old, new) in edits.items():
        shipped = "harbour-1000" if kind == "organisations" else "exchange-down"
        text = (FOLDER / kind / f"{shipped}.yaml").read_text(encoding="utf-8").replace(old, new)
        text = text.replace("reference: exchange-down", "reference: runbook.yaml")
        (mine / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert main(["scenarios", "schema", "--write", str(tmp_path / "schema")]) == 0
    capsys.readouterr()
    files = [str(mine / f"{name}.yaml") for name in edits]
    assert main(["scenarios", "lint", *files]) == 0, capsys.readouterr()
    for file in files:
        first = Path(file).read_text(encoding="utf-8").splitlines()[0]
        assert (mine / first.split("=")[1]).is_file()


def test_a_mistake_in_an_included_file_is_told_once_under_the_name_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    organisation = (shipped_folder() / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")
    outage = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
    files = {
        "organisation.yaml": organisation.replace("domain: harbour.example", "domain: harbour.com"),
        "outage.yaml": outage.replace("organisations/harbour-1000.yaml", "organisation.yaml"),
        "runbook.yaml": "mxdrill: 1\nid: mine\nscenario: outage.yaml\nsteps: []\n",
    }
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    assert main(["scenarios", "lint", "outage.yaml", "organisation.yaml", "runbook.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith(
        "organisation.yaml:8:9: `domain` is 'harbour.com'; write a name that ends in .test"
    )


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_no_objective_tells_how_long_the_outage_is(name: str) -> None:
    """What an objective teaches is read in the drill, and `--set outage=…` may have changed the length."""
    scenario = load_scenario(name)
    hours = re.escape(str(scenario.parameters["outage"].default).removesuffix("h"))
    told = [one.learns for one in scenario.objectives if re.search(rf"\b{hours}( ?h\b| hours)", one.learns)]
    assert told == []
