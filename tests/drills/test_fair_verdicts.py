"""Verdicts that looked right and were not: each play here was once judged too well or too ill."""

from sim.drill.measures import measure
from tests.drills.played import reference, run, scenario, steps

USERS = 60
EXCHANGE = "exchange-down"


def test_an_event_of_the_last_hour_leaves_a_gap_of_thirty() -> None:
    given = steps(EXCHANGE, ("outage.start + 30h", "continuity start group=all for=4h"))
    lazy = run(scenario(EXCHANGE, USERS), given)
    well = run(scenario(EXCHANGE, USERS), reference(EXCHANGE))
    assert [measure(one.session.drill)["continuity-covered-percent"] for one in (lazy, well)] == [3, 100]
    assert (lazy.objectives["no-gap"], well.objectives["no-gap"]) == ("failed", "met")
