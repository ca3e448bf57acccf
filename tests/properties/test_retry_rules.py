"""What must hold for every sender, whatever its settings."""

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.duration import DAY_MS, HOUR_MS, format_duration
from sim.mail.platforms.platform import load_platform, offsets_ms, platform_ids
from sim.mail.platforms.retry.exim_rule import format_rules, parse_rules
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.platforms.retry.notice import NoticeRule
from sim.mail.platforms.retry.rule import enter
from sim.mail.platforms.retry.scans import Scans
from sim.mail.platforms.setting_notation import format_gaps, parse_gaps
from sim.mail.probes.retry import ARRIVAL_MS, probe_retry
from tests.examples import examples
from tests.shipped import FILES

SENDERS = [name for name in platform_ids(FILES) if name != "application"]
BY_MESSAGE = [
    name for name in SENDERS if load_platform(FILES, name).kind in ("offsets", "polynomial", "groups")
]
TEMPORARY = (AttemptFailure.REFUSED, AttemptFailure.TIMEOUT, AttemptFailure.DEFER)

senders = st.sampled_from(SENDERS)
failures = st.sampled_from(TEMPORARY)
phases = st.integers(1, 30 * 60_000)


@examples(200)
@given(senders, failures, phases)
def test_a_message_that_is_never_accepted_bounces_once_and_in_order(
    name: str, failure: AttemptFailure, phase_ms: int
) -> None:
    platform = load_platform(FILES, name, scan_phase_ms=ARRIVAL_MS + phase_ms)
    life = probe_retry(platform, failure)
    assert life.attempts_ms[0] == 0
    assert all(a < b for a, b in zip(life.attempts_ms, life.attempts_ms[1:], strict=False))
    assert life.delivered_ms is None
    assert life.bounce_ms is not None
    assert life.bounce_ms >= life.attempts_ms[-1]
    assert life.bounce_ms >= platform.expires_ms
    assert all(life.attempts_ms[0] <= notice < life.bounce_ms for notice in life.notices_ms)


@examples(200)
@given(senders, failures, phases, st.integers(0, 40 * DAY_MS))
def test_the_return_of_the_destination_changes_nothing_before_it(
    name: str, failure: AttemptFailure, phase_ms: int, back_ms: int
) -> None:
    platform = load_platform(FILES, name, scan_phase_ms=ARRIVAL_MS + phase_ms)
    never, later = probe_retry(platform, failure), probe_retry(platform, failure, back_ms)
    assert later.attempts_ms == never.attempts_ms[: len(later.attempts_ms)]
    if later.delivered_ms is None:
        assert later == never
    else:
        assert later.delivered_ms >= back_ms
        assert later.bounce_ms is None
        assert all(attempt < back_ms for attempt in later.attempts_ms[:-1])


@examples(100)
@given(senders, phases, st.integers(1, 10**12))
def test_a_rule_does_not_know_what_time_it_is(name: str, phase_ms: int, hours: int) -> None:
    """Shifted by whole hours, arrival, scans and all, the same things follow."""
    shift_ms = hours % 10**6 * HOUR_MS
    early, late = (
        load_platform(FILES, name, scan_phase_ms=phase_ms),
        load_platform(FILES, name, scan_phase_ms=phase_ms + shift_ms),
    )
    ours, theirs = enter(0), enter(shift_ms)
    for _ in range(40):
        if ours.due_ms is None or theirs.due_ms is None:
            break
        assert theirs.due_ms - ours.due_ms == shift_ms
        ours = early.rule.after_failure(ours, ours.due_ms, AttemptFailure.REFUSED)
        theirs = late.rule.after_failure(theirs, theirs.due_ms, AttemptFailure.REFUSED)
    assert (ours.bounce_ms is None) == (theirs.bounce_ms is None)


@examples(100)
@given(st.sampled_from(BY_MESSAGE), st.integers(0, 20 * DAY_MS))
def test_the_closed_form_is_the_rule_step_by_step(name: str, up_to_ms: int) -> None:
    platform = load_platform(FILES, name)
    waiting = enter(0)
    stepped: list[int] = []
    while waiting.due_ms is not None and waiting.due_ms <= up_to_ms:
        stepped.append(waiting.due_ms)
        waiting = platform.rule.after_failure(waiting, waiting.due_ms, AttemptFailure.REFUSED)
    closed = offsets_ms(platform, up_to_ms)
    assert tuple(stepped) == closed[: len(stepped)]
    if waiting.bounce_ms is None:
        assert len(stepped) == len(closed)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 10**6))
def test_the_next_scan_is_the_first_one_of_the_grid(time_ms: int, phase_ms: int, interval_ms: int) -> None:
    scan_ms = Scans(interval_ms, phase_ms).at_or_after(time_ms)
    assert time_ms <= scan_ms < time_ms + interval_ms
    assert (scan_ms - phase_ms) % interval_ms == 0


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40))
def test_gaps_survive_their_text(gaps: list[int]) -> None:
    assert parse_gaps(format_gaps(tuple(gaps))) == tuple(gaps)


@given(
    st.lists(
        st.tuples(st.sampled_from("FG"), st.integers(1, 10**6), st.integers(1, 10**5)), min_size=1, max_size=5
    )
)
def test_exim_rules_survive_their_text(parts: list[tuple[str, int, int]]) -> None:
    cutoff, texts = 0, []
    for kind, more, interval in parts:
        cutoff += more
        times = f"{format_duration(cutoff * 1000)},{format_duration(interval * 1000)}"
        texts.append(f"{kind},{times}" + (",1.25" if kind == "G" else ""))
    rules = parse_rules("; ".join(texts))
    assert parse_rules(format_rules(rules)) == rules
    assert [rule.kind for rule in rules] == [kind for kind, _, _ in parts]


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=4, unique=True),
    st.booleans(),
    st.integers(0, 10**7),
)
def test_counting_notices_and_naming_their_ages_agree(after: list[int], repeats: bool, age_ms: int) -> None:
    rule = NoticeRule("at-failure", tuple(sorted(after)), repeats)
    passed = rule.passed(age_ms)
    if passed:
        threshold = rule.threshold_ms(passed)
        assert threshold is not None
        assert threshold <= age_ms
    following = rule.threshold_ms(passed + 1)
    assert following is None or following > age_ms
