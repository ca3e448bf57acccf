"""Every shipped outage can be played well at the ends and in the middle of the lengths that it allows."""

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.scenario import size_of
from sim.drill.scoring.objectives import verdicts_of
from sim.kernel.duration import MINUTE_MS, format_duration
from tests.drills.played import reference, run, scenario

USERS = 60


def lengths(name: str) -> list[str]:
    """The least, the most, and what lies between them by ratio: an hour more matters less after a week."""
    outage = scenario(name).parameters["outage"]
    least_ms, most_ms = size_of(outage.min), size_of(outage.max)
    middle_ms = round((least_ms * most_ms) ** 0.5 / MINUTE_MS) * MINUTE_MS
    return [format_duration(ms) for ms in (least_ms, middle_ms, most_ms)]


@pytest.mark.parametrize(
    ("name", "outage"), [(name, outage) for name in shipped_names("outages") for outage in lengths(name)]
)
def test_whoever_plays_it_well_is_not_marked_down_for_its_length(name: str, outage: str) -> None:
    """What never became due stays open; nothing is late, missed or failed."""
    drill = run(scenario(name, USERS, outage), reference(name)).session.drill
    judged = verdicts_of(drill)
    assert [one for one in judged if one.state not in ("met", "open")] == []
    assert sum(one.state == "met" for one in judged) > len(judged) // 3
