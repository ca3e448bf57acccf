"""The commands that the console lists are those that the organisation can have."""

import pytest

from sim.drill.session.load import load_scenario
from tui.playing.drill_language import DrillLanguage


@pytest.mark.parametrize(("name", "has_a_disk"), [("exchange-down", True), ("m365-offline", False)])
def test_commands_that_an_organisation_cannot_have_are_not_listed(name: str, has_a_disk: bool) -> None:
    scenario = load_scenario(name)
    language = DrillLanguage(scenario.rules, scenario.organisation)
    listed = {" ".join(kind.words) for kind in language.COMMANDS}
    assert ({"disk show", "disk free", "disk move"} <= listed) is has_a_disk
    assert ("enhanced-filtering" in listed) is scenario.organisation.guard.filters
    assert bool(language.complete("dis")) is has_a_disk
    assert language.complete("queue ret") == ["queue retry"]
    whole = DrillLanguage(scenario.rules)
    assert {"disk show", "enhanced-filtering"} <= {" ".join(kind.words) for kind in whole.COMMANDS}
