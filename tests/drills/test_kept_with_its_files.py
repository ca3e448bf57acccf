"""A kept drill replays from its journal alone, whatever has become of the files that it was loaded from."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel import data_files
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder

SETTINGS = {"users": "20", "outage": "3h"}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files that the program takes for them until the test is over."""
    folder = tmp_path / "scenarios"
    shutil.copytree(shipped_folder(), folder)
    monkeypatch.setattr(data_files, "shipped_folder", lambda: folder)
    data_files.shipped_data_files.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    data_files.shipped_data_files.cache_clear()


def kept(scenario: str, path: Path) -> str:
    """The digest of a drill that is kept at `path`."""
    session = Session.start(load_scenario(scenario, SETTINGS), 1, path)
    start_ms = session.scenario.outage_start_ms
    for after_ms, text in (
        (30 * MINUTE_MS, "probe mx all"),
        (40 * MINUTE_MS, "approve mx emergency=yes"),
        (50 * MINUTE_MS, "mx set backup ttl=300"),
    ):
        session.advance(start_ms + after_ms)
        session.dispatch(text)
    session.advance(start_ms + 5 * HOUR_MS)
    session.mark(digest=True)
    session.close()
    return session.drill.digest()


def files_in(folder: Path) -> list[Path]:
    found = [path for name in data_files.FOLDERS for path in sorted((folder / name).glob("*.yaml"))]
    assert len(found) > 30
    return [*found, *(folder / "organisations").glob("*.yaml"), *(folder / "outages").glob("*.yaml")]


@pytest.mark.parametrize("scenario", ["gateway-down", "exchange-down", "m365-offline"])
def test_a_kept_drill_replays_without_any_of_its_files(
    installed: Path, tmp_path: Path, scenario: str
) -> None:
    digest = kept(scenario, tmp_path / "drill.jsonl")
    for path in files_in(installed):
        path.unlink()
    data_files.shipped_data_files.cache_clear()
    with pytest.raises(BadFile):
        load_scenario(scenario, SETTINGS)
    assert Session.replay(tmp_path / "drill.jsonl").drill.digest() == digest


def test_a_kept_drill_replays_by_the_files_that_it_was_played_by(installed: Path, tmp_path: Path) -> None:
    digest = kept("gateway-down", tmp_path / "drill.jsonl")
    for path in files_in(installed):
        path.write_text("mxdrill: 1\nid: nothing-else\n", encoding="utf-8")
    data_files.shipped_data_files.cache_clear()
    assert Session.replay(tmp_path / "drill.jsonl").drill.digest() == digest


def test_an_edited_file_makes_another_drill(installed: Path, tmp_path: Path) -> None:
    """So that the two tests above compare something."""
    digest = kept("gateway-down", tmp_path / "before.jsonl")
    rules = installed / "house/rules.yaml"
    rules.write_text(rules.read_text().replace("probe mx: 3", "probe mx: 33"), encoding="utf-8")
    data_files.shipped_data_files.cache_clear()
    assert kept("gateway-down", tmp_path / "after.jsonl") != digest
    assert Session.replay(tmp_path / "before.jsonl").drill.digest() == digest


def test_house_rules_of_ones_own_stand_beside_the_scenario(tmp_path: Path) -> None:
    rules = (shipped_folder() / "house/rules.yaml").read_text(encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(rules.replace("mx set: 5", "mx set: 45"), encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text("mxdrill: 1\nid: mine\nlike: gateway-down\nhouse_rules: ours.yaml\n", encoding="utf-8")
    scenario = load_scenario(str(mine), SETTINGS)
    assert scenario.rules.hands_on.minutes["mx set"] == 45
    session = Session.start(scenario, 1, tmp_path / "drill.jsonl")
    session.close()
    (tmp_path / "ours.yaml").unlink()
    assert Session.replay(tmp_path / "drill.jsonl").scenario.rules.hands_on.minutes["mx set"] == 45
    with pytest.raises(BadFile, match=r"mine\.yaml:4:14: `house_rules` 'ours\.yaml': there is no such file"):
        load_scenario(str(mine), SETTINGS)


def test_a_mistake_in_house_rules_of_ones_own_has_its_place(tmp_path: Path) -> None:
    rules = (shipped_folder() / "house/rules.yaml").read_text(encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(rules.replace("mx set: 5", "mx set: 999"), encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text("mxdrill: 1\nid: mine\nlike: gateway-down\nhouse_rules: ours.yaml\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"ours\.yaml:\d+:\d+: `hands_on\.minutes\.mx set`"):
        load_scenario(str(mine), SETTINGS)
