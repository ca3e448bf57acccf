"""A trainee does not see the name of an outage that the seed has drawn."""

from pathlib import Path

import pytest

from sim.drill.session.load import shipped_scenarios
from tui.cli import main
from tui.playing.drawn_outage import outage_of, seeds_of
from tui.playing.open_drill import NewDrill, begin


def test_each_seed_draws_an_outage_and_each_outage_has_a_seed() -> None:
    assert sorted(seeds_of()) == shipped_scenarios()
    assert list(seeds_of()) != shipped_scenarios(), "the order tells nothing"
    assert min(seeds_of().values()) == 1
    for name, seed in seeds_of().items():
        assert outage_of("any", seed) == outage_of("any", seed + 7 * len(seeds_of())) == name
    assert outage_of("gateway-down", 4) == "gateway-down"


def test_neither_screen_nor_saved_drill_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    seed = seeds_of()["gateway-down"]
    opened = begin(NewDrill("any", seed, None, settings=("users=20",)))
    try:
        assert opened.drill.scenario.id == "gateway-down"
        shown = (Path(opened.kept).name, opened.drill.snapshot().title, opened.briefing)
        assert shown[0].startswith("drill-")
        assert not any("gateway-down" in one or opened.drill.scenario.title in one for one in shown)
    finally:
        opened.close()


def test_facilitators_find_the_seed_of_an_outage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "list", "--truth"]) == 0
    told = capsys.readouterr().out.split("Seeds of")[1].splitlines()[1:]
    assert [(line.split()[0], int(line.split()[1])) for line in told] == list(seeds_of().items())
    assert main(["scenarios", "list"]) == 0
    assert "Seeds of" not in capsys.readouterr().out
