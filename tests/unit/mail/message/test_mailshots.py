"""Mailshots: so many messages more, in their minutes of local time, and nothing else changes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.traffic_file import WeeklyMailshot as FileMailshot
from sim.drill.scenario.build_world import TooLarge, check_size, world_spec
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_organisation, load_scenario
from sim.kernel.document import BadFile
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder
from sim.mail.message.mailshots import WeeklyMailshot
from sim.mail.message.traffic import INBOUND, INTERNAL, OUTBOUND, Stream
from sim.mail.message.weekly_curve import BIN_MS, Volume, Week

CURVE = (*(20,) * 8, *(80,) * 8, *(25,) * 8)
WEEK = Week("Europe/London", CURVE, (110, 100, 100, 100, 100, 8, 5))
SILENT = Week("Europe/London", CURVE, (0,) * 7)
MONDAY_UTC_MS = 1_772_409_600_000  # 2026-03-02 00:00, winter
TUESDAY, SUNDAY = 1, 6
TEN = WeeklyMailshot(TUESDAY, 10 * 60 + 5, 20 * MINUTE_MS, 2_000 * 1_000_000)
TEN_MS = DAY_MS + 10 * HOUR_MS + 5 * MINUTE_MS
HORIZON_MS = 2 * DAY_MS
moments = st.integers(0, HORIZON_MS)


def stream(
    *mailshots: WeeklyMailshot, week: Week = WEEK, starts_utc_ms: int = MONDAY_UTC_MS, seed: int = 3
) -> Stream:
    return Stream(seed, INBOUND, Volume(week, 3_000, mailshots), starts_utc_ms)


def test_its_bins_have_its_messages_more_and_all_others_are_as_without_it() -> None:
    usual, mail = stream().between(0, HORIZON_MS), stream(TEN).between(0, HORIZON_MS)
    first, after = TEN_MS // BIN_MS * BIN_MS, (TEN_MS + TEN.over_ms + BIN_MS - 1) // BIN_MS * BIN_MS
    outside = (mail.arrival_ms < first) | (mail.arrival_ms >= after)
    as_usual = (usual.arrival_ms < first) | (usual.arrival_ms >= after)
    assert mail.id[outside].tolist() == usual.id[as_usual].tolist()
    assert mail.arrival_ms[outside].tolist() == usual.arrival_ms[as_usual].tolist()
    more = len(mail) - len(usual)
    assert abs(more - 2_000) < 5 * 2_000**0.5


def test_its_minutes_are_full_and_those_before_and_after_in_the_same_bins_are_not() -> None:
    """At 10:05 to 10:25, in bins from 10:00 to 10:30, beside some 15 messages a minute of the curve."""
    mail = stream(TEN)
    minutes = [mail.count(TEN_MS + m * MINUTE_MS, TEN_MS + (m + 1) * MINUTE_MS) for m in range(-5, 25)]
    usual = 3_000 * 80 // 1000 / 60
    assert all(abs(count - usual) < 5 * usual**0.5 + 1 for count in (*minutes[:5], *minutes[25:]))
    assert all(abs(count - usual - 100) < 5 * (usual + 100) ** 0.5 for count in minutes[5:25])


def test_bins_have_the_mean_that_the_file_says_over_many_seeds() -> None:
    """10 minutes of 20 lie in the first bin, 10 in the second; the curve adds nothing."""
    counts = np.array(
        [
            [
                stream(TEN, week=SILENT, seed=seed).count(
                    DAY_MS + 10 * HOUR_MS + n * BIN_MS, DAY_MS + 10 * HOUR_MS + (n + 1) * BIN_MS
                )
                for n in range(-1, 3)
            ]
            for seed in range(200)
        ]
    )
    assert counts[:, 0].sum() == counts[:, 3].sum() == 0
    means = counts.mean(axis=0)
    assert np.all(np.abs(means[1:3] - 1_000) < 5 * (1_000 / 200) ** 0.5)


@given(st.lists(st.tuples(moments, moments, st.booleans()), max_size=10))
def test_who_asks_what_first_changes_nothing(asked: list[tuple[int, int, bool]]) -> None:
    late = WeeklyMailshot(0, 23 * 60 + 50, 3 * HOUR_MS, 500 * 1_000_000)
    whole, mail = stream(TEN, late).between(0, HORIZON_MS), stream(TEN, late)
    assert np.all(np.diff(whole.arrival_ms) >= 0)
    for a_ms, b_ms, forgets in asked:
        some = mail.between(a_ms, b_ms)
        inside = (whole.arrival_ms >= a_ms) & (whole.arrival_ms < b_ms)
        assert some.id.tolist() == whole.id[inside].tolist()
        assert some.arrival_ms.tolist() == whole.arrival_ms[inside].tolist()
        assert mail.count(a_ms, b_ms) == len(some)
        if forgets:
            mail.forget(a_ms)


@pytest.mark.parametrize(
    ("monday", "mailshot", "starts_h"),
    [
        ("2026-03-02", WeeklyMailshot(TUESDAY, 600, BIN_MS, 10**9), 34),
        ("2026-06-01", WeeklyMailshot(TUESDAY, 600, BIN_MS, 10**9), 33),  # summer: UTC + 1
        (
            "2026-03-23",
            WeeklyMailshot(SUNDAY, 90, BIN_MS, 10**9),
            6 * 24 + 1.5,
        ),  # 01:30 does not exist: 02:30 BST
        (
            "2026-10-19",
            WeeklyMailshot(SUNDAY, 90, BIN_MS, 10**9),
            6 * 24 + 0.5,
        ),  # 01:30 comes twice: the first
        (
            "2026-03-02",
            WeeklyMailshot(SUNDAY, 23 * 60 + 30, DAY_MS, 10**9),
            -0.5,
        ),  # from Sunday into Monday
    ],
)
def test_local_time_decides_when_it_starts(monday: str, mailshot: WeeklyMailshot, starts_h: float) -> None:
    """`starts_h`: hours of UTC since Monday 00:00 UTC."""
    starts_utc_ms = int(np.datetime64(monday, "ms").astype(np.int64))
    mail = stream(mailshot, week=SILENT, starts_utc_ms=starts_utc_ms).between(0, 7 * DAY_MS).arrival_ms
    start_ms = int(starts_h * HOUR_MS)
    in_first = mail[mail < start_ms + mailshot.over_ms]
    assert len(in_first) > 900
    assert in_first.min() >= max(start_ms, 0)
    assert in_first.min() < max(start_ms, 0) + 10 * MINUTE_MS
    again_ms = start_ms + 7 * DAY_MS
    assert np.all(mail[mail >= start_ms + mailshot.over_ms] >= again_ms)


def test_the_shipped_organisation_sends_its_newsletters() -> None:
    scenario = load_scenario("exchange-down", {"users": "1000"})
    house = scenario.organisation
    spec = world_spec(scenario, 1)
    plain = world_spec(_with(scenario, house, ()), 1)
    eight_ms = 8 * HOUR_MS  # the drill starts on Monday at eight
    for direction, from_ms, messages in (
        (INTERNAL, 34 * HOUR_MS - eight_ms, 1_000),
        (OUTBOUND, 86 * HOUR_MS - eight_ms, 500),
    ):
        half_hour = from_ms, from_ms + 30 * MINUTE_MS
        more = spec.stream(direction).count(*half_hour) - plain.stream(direction).count(*half_hour)
        assert abs(more - messages) < 5 * messages**0.5
    assert spec.stream(INBOUND).count(0, 5 * DAY_MS) == plain.stream(INBOUND).count(0, 5 * DAY_MS)


def _with(scenario: Scenario, house: Organisation, mailshots: tuple[FileMailshot, ...]) -> Scenario:
    traffic = house.traffic.model_copy(update={"mailshots": mailshots})
    return scenario.model_copy(update={"organisation": house.model_copy(update={"traffic": traffic})})


def test_without_mailshots_content_and_hash_are_what_they_were() -> None:
    scenario = load_scenario("exchange-down")
    plain = _with(scenario, scenario.organisation, ())
    assert "mailshots" not in plain.content()["organisation"]["traffic"]
    assert len(scenario.content()["organisation"]["traffic"]["mailshots"]) == 2
    again = type(scenario).model_validate(scenario.content())
    assert again.organisation == scenario.organisation
    assert again.source_hash == scenario.source_hash != plain.source_hash


def test_more_than_can_be_counted_is_refused() -> None:
    scenario = load_scenario("exchange-down", {"outage": "10m"})
    house = scenario.organisation
    big = house.traffic.mailshots[0].model_copy(update={"per_user_percent": 1000})
    check_size(_with(scenario, house.model_copy(update={"users": 100_000}), (big,)))
    with pytest.raises(
        TooLarge,
        match=r"^100,001 users: mailshots of 1,000,010 messages; the limit is 1,000,000 in one direction",
    ):
        check_size(_with(scenario, house.model_copy(update={"users": 100_001}), (big,)))


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("day: Tue", "day: Tuesday", "`traffic.mailshots.0.day` is 'Tuesday'; input should be 'Mon', 'Tue'"),
        ("at: 10:00", "at: 24:00", "'24:00' is not a time of day; write it as 10:00"),
        ("at: 10:00", "at: 10", "`traffic.mailshots.0.at` is 10; input should be a valid string"),
        ("over: 20m", "over: 0", "0s is out of range; write 1m to 1d"),
        ("over: 20m", "over: 25h", "25h is out of range; write 1m to 1d"),
        ("direction: internal", "direction: sideways", "input should be 'inbound', 'outbound' or 'internal'"),
        ("per_user_percent: 100", "per_user_percent: 0", "`traffic.mailshots.0.per_user_percent` is 0"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, right: str, wrong: str, line: str) -> None:
    text = (shipped_folder() / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")
    assert text.count(right) == 1
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        load_organisation(path)
    assert len(caught.value.lines) == 1
    assert line in caught.value.lines[0]
