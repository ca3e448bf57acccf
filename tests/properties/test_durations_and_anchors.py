from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from sim.drill.scenario.anchor import BadAnchor, parse_anchor, resolve
from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.local_time import parse_start, utc_ms_to_local

START_MS, ZONE = parse_start("2026-03-02T08:00 Europe/London")
LONGEST_MS = 400 * 24 * 3_600_000

durations = st.integers(0, LONGEST_MS)
reached = st.dictionaries(st.sampled_from(sorted(MILESTONES)), durations)


def refusal_of(parse: Callable[[str], object], text: str, refused: type[Exception]) -> str | None:
    try:
        parse(text)
    except refused as error:
        return str(error)
    return None


@given(durations)
def test_a_duration_survives_being_written(duration_ms: int) -> None:
    assert parse_duration(format_duration(duration_ms)) == duration_ms


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    refusal = refusal_of(parse_duration, text, ValueError)
    assert refusal is None or "\n" not in refusal


@given(st.sampled_from(sorted(MILESTONES)), st.sampled_from("+-"), durations, reached)
def test_a_milestones_anchor_moves_with_it(
    name: str, sign: str, offset_ms: int, milestones: dict[str, int]
) -> None:
    anchor = parse_anchor(f"{name} {sign} {format_duration(offset_ms)}")
    due_ms = resolve(anchor, milestones, START_MS, ZONE)
    expected = milestones[name] + (offset_ms if sign == "+" else -offset_ms) if name in milestones else None
    assert due_ms == expected


@given(st.lists(durations, min_size=1, max_size=5), reached)
def test_and_is_the_latest_in_any_order(offsets: list[int], milestones: dict[str, int]) -> None:
    forward = parse_anchor(" and ".join(f"T+{format_duration(one)}" for one in offsets))
    backward = parse_anchor(" and ".join(f"T+{format_duration(one)}" for one in reversed(offsets)))
    assert resolve(forward, milestones, START_MS, ZONE) == max(offsets)
    assert resolve(backward, milestones, START_MS, ZONE) == max(offsets)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 366))
def test_a_clock_time_is_due_when_the_clock_shows_it(hour: int, minute: int, day: int) -> None:
    starts_utc_ms = START_MS + day * 86_400_000
    due_ms = resolve(parse_anchor(f"{hour:02d}:{minute:02d}"), {}, starts_utc_ms, ZONE)
    assert due_ms is not None
    assert 0 <= due_ms < 2 * 86_400_000
    shown = utc_ms_to_local(starts_utc_ms + due_ms, ZONE)
    assert (shown.hour, shown.minute) == (hour, minute)


@given(st.text(max_size=40))
def test_any_text_is_an_anchor_or_one_line(text: str) -> None:
    refusal = refusal_of(parse_anchor, text, BadAnchor)
    assert refusal is None or "\n" not in refusal
