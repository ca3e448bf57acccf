"""Every shipped outage can be played well at both ends of the lengths that it allows.

What lies between is played at the default length by the tests of each outage; a play of the middle found
nothing in all the time in which it was made here.
"""

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.scenario import size_of
from sim.drill.scoring.objectives import verdicts_of
from sim.kernel.duration import format_duration
from tests.drills.played import reference, run, scenario

USERS = 60


@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize("name", shipped_names("outages"))
def test_whoever_plays_it_well_is_not_marked_down_for_its_length(name: str, end: str) -> None:
    """What never became due stays open; nothing is late, missed or failed."""
    outage = format_duration(size_of(getattr(scenario(name).parameters["outage"], end)))
    drill = run(scenario(name, USERS, outage), reference(name)).session.drill
    judged = verdicts_of(drill)
    assert [one for one in judged if one.state not in ("met", "open")] == []
    assert sum(one.state == "met" for one in judged) > len(judged) // 3
