"""Outages after real incidents: what was published of them holds, and the references meet the objectives."""

from pathlib import Path

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.local_time import utc_ms_to_local
from tests.drills.played import Played, scenario, shipped
from tests.scenario_files import exchange_down_with

INCIDENTS = ("ex1224375", "mimecast-2013", "mimecast-2013-one-smart-host", "mimecast-2019")


def utc(name: str, moment_ms: int) -> str:
    found = scenario(name)
    return f"{utc_ms_to_local(found.starts_utc_ms + moment_ms, 'UTC'):%Y-%m-%d %H:%M}"


def delay_min(one: Played, direction: int, percent: int) -> int:
    return (one.session.drill.world.ledger.delay_ms(direction, percent) or 0) // MINUTE_MS


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_reference_meets_every_objective_and_doing_nothing_does_not(name: str) -> None:
    well, nothing = shipped(name), shipped(name, "none")
    assert set(well.objectives.values()) == {"met"}, well.objectives
    assert "failed" in nothing.objectives.values()
    assert not well.said("refused")


def test_ex1224375_has_its_published_times_and_outlasts_the_queue_of_a_gateway() -> None:
    found = scenario("ex1224375")
    onset_ms, end_ms = found.outage_start_ms, found.outage_end_ms
    assert (utc("ex1224375", onset_ms), utc("ex1224375", end_ms)) == ("2026-01-26 06:00", "2026-01-30 18:25")
    assert end_ms - onset_ms == 108 * HOUR_MS + 25 * MINUTE_MS
    nothing, well = shipped("ex1224375", "none"), shipped("ex1224375")
    assert nothing.session.drill.world.custody()["inbound"]["bounced"] > 0, "thirty attempts, or 96 h"
    assert "bounced" not in well.session.drill.world.custody()["inbound"]
    restored = [event for event in nothing.session.events() if event.kind == "post"][-1]
    assert utc("ex1224375", restored.t_ms) == "2026-01-30 19:26"


@pytest.mark.parametrize(("name", "settings"), [*((name, ("outage",)) for name in INCIDENTS[:2]),
    ("mimecast-2013-one-smart-host", ("outage", "smart_host")), ("mimecast-2019", ("outage",))])  # fmt: skip
def test_a_shorter_outage_is_shorter(name: str, settings: tuple[str, ...]) -> None:
    """EX1224375 once had the fault of its parent file as well, which went on for 108 h whatever was set."""
    ends_ms = [
        load_scenario(name, {"users": "60", **dict.fromkeys(settings, length)}).outage_end_ms
        for length in ("5h", "3h")
    ]
    assert ends_ms[0] - ends_ms[1] == 2 * HOUR_MS
    begun = [(one.t_ms, one.text) for one in shipped(name, "none").session.events() if one.kind == "fault"]
    assert len(set(begun)) == len(begun), "no fault begins hidden behind another one"


@pytest.mark.parametrize("name", INCIDENTS)
def test_a_vendor_s_post_has_number_time_and_text_and_is_wrong_about_the_onset(name: str) -> None:
    nothing = shipped(name, "none")
    onset_ms = scenario(name).outage_start_ms
    posts = [event for event in nothing.session.events() if event.kind == "post"]
    given = {one.id: one for one in scenario(name).injects if one.kind == "post"}
    assert len(posts) == len(given) >= 3
    for post in posts:
        one = given[post.ref]
        assert post.text.startswith(f"{one.number}: {one.text} Start: ")
    first = nothing.session.drill.local(onset_ms)
    assert f"{first:%a %H:%M}" not in posts[0].text, "the vendor saw it later"


def test_with_one_smart_host_outbound_mail_waits_for_the_repair_with_both_for_three_hours() -> None:
    both, one = shipped("mimecast-2013", "none"), shipped("mimecast-2013-one-smart-host", "none")
    assert 2 * 60 < delay_min(both, 1, 95) < 4 * 60
    assert delay_min(one, 1, 95) > 20 * 60
    assert delay_min(both, 0, 95) == delay_min(one, 0, 95), (
        "inbound, senders find the other host by themselves"
    )


def test_in_october_2019_it_came_back_the_next_day_and_its_console_could_not_be_reached() -> None:
    nothing = shipped("mimecast-2019", "none")
    faults = scenario("mimecast-2019").timeline
    assert [utc("mimecast-2019", one.at_ms)[:10] for one in faults] == ["2019-10-23", "2019-10-24"]
    assert all(one.console_state == "unreachable" for one in faults)
    assert delay_min(nothing, 0, 95) >= 60
    assert delay_min(nothing, 0, 50) == 0, "in between it works"


@pytest.mark.parametrize(
    ("inject", "says"),
    [
        ("kind: post, number: EX1, text: t", "a post has a `number` and says when the incident `began`"),
        ("kind: post, began: T+1h, text: t", "a post has a `number` and says when the incident `began`"),
        ("kind: email, number: EX1, text: t", "`number` and `began` belong to a post"),
    ],
)
def test_a_post_says_what_it_must(tmp_path: Path, inject: str, says: str) -> None:
    more = f"injects:\n  - {{ id: p, at: T+3h, from: vendor, to: helpdesk, {inject} }}\n"
    with pytest.raises(BadFile, match=says):
        exchange_down_with(tmp_path, more=more)
    assert load_scenario("exchange-down").injects
