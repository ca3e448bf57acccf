"""Every shipped outage can be played well at both ends of the lengths that it allows.

The longest of a variant is played only in `make test-long`: the variant has the people and the reference of
an outage whose longest is played here, and other tests play its own default length.

What lies between is played at the default length by the tests of each outage; a play of the middle found
nothing in all the time in which it was made here.
"""

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.parameters import size_of
from sim.drill.scoring.objectives import verdicts_of
from sim.kernel.duration import format_duration
from tests.drills.played import reference, run, scenario
from tests.examples import TIMES

USERS = 60
VARIANTS = {
    "gateway-down-4xx", "gateway-down-drops", "gateway-down-long-ttl", "gateway-down-m365-rule",
    "gateway-grey", "gateway-half", "m365-intermittent", "mimecast-2013-one-smart-host",
}  # fmt: skip
OUTAGES = shipped_names("outages")
ENDS = [(name, end) for name in OUTAGES for end in ("min", "max")]
assert set(OUTAGES) >= VARIANTS


@pytest.mark.parametrize(
    ("name", "end"), [one for one in ENDS if TIMES > 1 or one[1] == "min" or one[0] not in VARIANTS]
)
def test_whoever_plays_it_well_is_not_marked_down_for_its_length(name: str, end: str) -> None:
    """What never became due stays open; nothing is late, missed or failed."""
    outage = format_duration(size_of(getattr(scenario(name).parameters["outage"], end)))
    drill = run(scenario(name, USERS, outage), reference(name)).session.drill
    judged = verdicts_of(drill)
    assert [one for one in judged if one.state not in ("met", "open")] == []
    assert sum(one.state == "met" for one in judged) > len(judged) // 3
