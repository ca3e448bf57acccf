"""Outages over a change to and from summer time, at night and at a weekend: hours are real hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sim.drill.scenario.build_world import world_spec
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS
from sim.mail.message.traffic import INBOUND
from sim.mail.message.weekly_curve import BIN_MS
from sim.report.debrief import debrief
from sim.report.document.run_document import document
from sim.report.outcome import outcome
from tests.plays import ONSET_MS, small

USERS = 20
NIGHTS = {
    "summer time begins": (
        "2026-03-28T22:00 Europe/London",
        ("Sat 23:12", "Sun 00:12", "Sun 02:12", "Sun 08:12"),
    ),
    "summer time ends": (
        "2026-10-24T22:00 Europe/London",
        ("Sat 23:12", "Sun 00:12", "Sun 01:12", "Sun 06:12"),
    ),
    "a plain night": ("2026-03-07T22:00 Europe/London", ("Sat 23:12", "Sun 00:12", "Sun 01:12", "Sun 07:12")),
}
"""By start: local time at the onset, one, two and eight hours later."""


def night(starts: str) -> Scenario:
    content = small("8h", USERS).content()
    return Scenario.model_validate({**content, "starts": starts})


@pytest.mark.parametrize("name", NIGHTS)
def test_eight_hours_are_eight_hours_whatever_clocks_show(name: str) -> None:
    starts, clocks = NIGHTS[name]
    session = Session.start(night(starts), 1)
    play(session, None, FOREVER_MS)
    drill, found = session.drill, document(session, "none", 1.0)
    assert tuple(drill.clock(ONSET_MS + n * HOUR_MS) for n in (0, 1, 2, 8)) == clocks
    assert found["users"]["user_hours_without_mail"] == 8 * USERS
    assert drill.milestones["outage.end"] - drill.milestones["outage.start"] == 8 * HOUR_MS
    assert session.ended
    assert found["until_s"] < 40 * 3600
    lines = {line.text: line for line in debrief(session, outcome(session)).timeline}
    over = lines["ended: mail-server refuses"]
    assert (over.local, over.elapsed) == (clocks[3], "08:00")


def test_an_hour_that_comes_twice_brings_its_mail_twice_and_one_that_is_left_out_none() -> None:
    def means(starts: str, hours: int) -> dict[str, list[int]]:
        """Mean messages (10^-6) of each bin by local hour, over so many hours."""
        scenario = night(starts)
        stream = world_spec(scenario, 1).stream(INBOUND)
        first = scenario.starts_utc_ms // BIN_MS
        found: dict[str, list[int]] = {}
        for number in range(first, first + 4 * hours):
            local = datetime.fromtimestamp(number * BIN_MS / 1000, UTC).astimezone(ZoneInfo(scenario.zone))
            spread = stream._volume.density(number)
            mean_micro = stream._volume.usual_micro(number) if spread is None else spread.mean_micro
            found.setdefault(f"{local:%a %H}", []).append(mean_micro)
        return found

    autumn, plain = means(NIGHTS["summer time ends"][0], 6), means(NIGHTS["a plain night"][0], 6)
    assert sum(autumn["Sun 01"]) == 2 * sum(plain["Sun 01"]) > 0
    assert autumn["Sun 02"] == plain["Sun 02"]
    spring = means(NIGHTS["summer time begins"][0], 6)
    assert "Sun 01" not in spring
    assert sum(spring["Sun 02"]) == sum(plain["Sun 02"])
