import pytest

from sim.drill.scenario.anchor import BadAnchor, parse_anchor, resolve
from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.kernel.local_time import parse_start

MONDAY_MS, ZONE = parse_start("2026-03-02T08:00 Europe/London")


def due(text: str, starts_utc_ms: int = MONDAY_MS, zone: str = ZONE, **milestones: int) -> int | None:
    reached = {name.replace("__", "."): at_ms for name, at_ms in milestones.items()}
    return resolve(parse_anchor(text), reached, starts_utc_ms, zone)


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("T+1h22m", 82 * MINUTE_MS),
        ("T", 0),
        ("T + 0", 0),
        ("09:30", 90 * MINUTE_MS),
        ("9:30", 90 * MINUTE_MS),
        ("08:00", 0),
        ("07:59", DAY_MS - MINUTE_MS),
        ("Mon 08:00", 0),
        ("Mon 07:00", 7 * DAY_MS - HOUR_MS),
        ("tue 09:30", DAY_MS + 90 * MINUTE_MS),
        ("2026-03-03T09:30", DAY_MS + 90 * MINUTE_MS),
        ("T+1h and 09:30 and T+80m", 90 * MINUTE_MS),
    ],
)
def test_times_are_counted_from_the_start(text: str, expected_ms: int) -> None:
    assert due(text) == expected_ms


def test_a_milestone_is_waited_for() -> None:
    assert due("alert.first + 1m") is None
    assert due("alert.first + 1m", alert__first=700_000) == 760_000
    assert due("outage.start - 5m", outage__start=72 * MINUTE_MS) == 67 * MINUTE_MS


def test_and_waits_for_all_and_takes_the_latest() -> None:
    text = "server.reported-back + 20m and deliveries.paused"
    assert due(text, server__reported_back=1) is None  # another name: not that milestone
    reached = {"server.reported-back": HOUR_MS}
    anchor = parse_anchor(text)
    assert resolve(anchor, reached, MONDAY_MS, ZONE) is None
    reached["deliveries.paused"] = 3 * HOUR_MS
    assert resolve(anchor, reached, MONDAY_MS, ZONE) == 3 * HOUR_MS
    assert anchor.milestones == ("server.reported-back", "deliveries.paused")


def test_local_times_follow_summer_time() -> None:
    saturday_ms, zone = parse_start("2026-03-28T12:00 Europe/London")
    assert due("Sun 12:00", saturday_ms, zone) == 23 * HOUR_MS
    # 01:30 is left out on the Sunday: the next one that exists is meant.
    assert due("01:30", saturday_ms, zone) == 23 * HOUR_MS + 13 * HOUR_MS + 30 * MINUTE_MS
    with pytest.raises(BadAnchor, match="does not exist in Europe/London"):
        due("2026-03-29T01:30", saturday_ms, zone)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a time; write T"),
        ("alert.frist + 1m", r"no milestone 'alert.frist'; did you mean alert.first\?"),
        ("continuity.activ", r"did you mean continuity.active\?"),
        ("T-5m", "before the drill's start"),
        ("T+5", "not a duration"),
        ("T+", "is not a time; write T"),
        ("24:00", "not a time of day"),
        ("09:60", "not a time of day"),
        ("2026-13-01T00:00", "not a date and time"),
        ("2026-03-03", "write a local date and time"),
        ("2026-03-03T09:30Z", "without an offset"),
        ("T+1h and", "is not a time; write T"),
        ("alert.first plus 1m", "is not a time; write T"),
    ],
)
def test_what_is_no_anchor_says_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(BadAnchor, match=reason) as raised:
        parse_anchor(text)
    assert "\n" not in str(raised.value)


def test_a_wrong_milestone_is_told_all_that_exist() -> None:
    with pytest.raises(BadAnchor) as raised:
        parse_anchor("nonsense")
    assert all(name in str(raised.value) for name in MILESTONES)
