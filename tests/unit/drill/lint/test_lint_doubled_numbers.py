"""A number that a file says in two places is one number, or lint says which of the two is used."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS
from sim.kernel.shipped_folder import shipped_folder

FOLDER = shipped_folder()
STOPS = "{ id: exchange-stops, at: T+1h12m, fault: mail-server refuses, for: 10h, reply: connection refused }"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The three files that the how-to has its readers copy."""
    texts = {
        "outage": (FOLDER / "outages" / "exchange-down.yaml").read_text(encoding="utf-8"),
        "organisation": (FOLDER / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8"),
        "runbook": (FOLDER / "runbooks" / "exchange-down.yaml").read_text(encoding="utf-8"),
    }
    texts["outage"] = texts["outage"].replace("organisations/harbour-1000.yaml", "organisation.yaml")
    texts["outage"] = texts["outage"].replace("reference: exchange-down", "reference: runbook.yaml")
    texts["runbook"] = texts["runbook"].replace("scenario: exchange-down", "scenario: outage.yaml")
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def variant(mine: Path, rest: str) -> Path:
    file = mine / "short.yaml"
    file.write_text(f"mxdrill: 1\nlike: outage.yaml\nid: short\ntitle: Short\n{rest}", encoding="utf-8")
    return file


def changed(mine: Path, name: str, old: str, new: str) -> None:
    file = mine / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_users_that_the_parameter_replaces_are_found(mine: Path) -> None:
    assert lint_file(str(mine / "outage.yaml"), parse) == []
    changed(mine, "organisation", "\nusers: 1000\n", "\nusers: 400\n")
    (finding,) = lint_file(str(mine / "outage.yaml"), parse)
    assert "20:21: the default of `users` is 1000, but `organisation.users` is 400, which is never" in finding
    changed(mine, "outage", "users: { default: 1000", "users: { default: 400")
    assert lint_file(str(mine / "outage.yaml"), parse) == []
    assert load_scenario(str(mine / "outage.yaml")).organisation.users == 400


def test_a_number_with_a_point_is_not_read_as_another_one(mine: Path) -> None:
    changed(mine, "organisation", "\nusers: 1000\n", "\nusers: 1.000\n")
    with pytest.raises(BadFile, match=r":9:8: `users` has a decimal point; write a whole number"):
        lint_file(str(mine / "organisation.yaml"), parse)


def test_a_variant_says_a_parameter_s_number_once(mine: Path) -> None:
    file = variant(mine, f"timeline:\n  - {STOPS}\n")
    assert lint_file(str(file), parse) == []
    scenario = load_scenario(str(file))
    assert scenario.parameters["outage"].default == "10h"
    assert set(scenario.parameters) == set(load_scenario(str(mine / "outage.yaml")).parameters)
    assert scenario.outage_end_ms - scenario.outage_start_ms == 10 * HOUR_MS
    longer = load_scenario(str(file), {"outage": "20h"})
    assert longer.outage_end_ms - longer.outage_start_ms == 20 * HOUR_MS


def test_a_variant_that_gives_parameters_says_the_same_in_both_places(mine: Path) -> None:
    outage = "outage: { default: 31h, min: 10m, max: 14d, changes: timeline.exchange-stops.for }"
    file = variant(mine, f"timeline:\n  - {STOPS}\nparameters:\n  {outage}\n")
    with pytest.raises(
        BadFile, match=r"default of `outage` is 31h, but `timeline.exchange-stops.for` is 10h"
    ):
        load_scenario(str(file))


def test_a_variant_s_number_must_lie_in_the_range(mine: Path) -> None:
    file = variant(mine, f"timeline:\n  - {STOPS.replace('10h', '20d')}\n")
    with pytest.raises(BadFile, match=r"`default` is out of range; write 10m to 14d"):
        load_scenario(str(file))


def test_another_scenario_s_runbook_is_no_reference_unless_it_is_inherited(mine: Path) -> None:
    file = variant(mine, "reference: runbook.yaml\n")
    (finding,) = lint_file(str(file), parse)
    assert "that runbook is for 'outage.yaml'; name one for 'short'" in finding
