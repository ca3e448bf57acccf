"""The gateway's monitors against a clerk with a tally: when they speak, what they count, when they stop."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.kernel.conductor import Conductor
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.gateway.monitors import Alert, AlertRhythm, ContinuityWatcher, Over, ServiceWatcher
from tests.examples import examples

HORIZON_MS = 3 * HOUR_MS
Said = list[tuple[int, int, int] | tuple[int, str]]
"""(moment, count, number) of each alert, (moment, "over") of each end."""


@dataclass
class Queue:
    """Failures and numbers on retry, as the test wants them."""

    failures_ms: list[int] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)
    """(moment, change of the number on retry)"""
    width_ms: int = MINUTE_MS
    phase_ms: int = 0
    asked: int = 0
    """How often the number on retry was asked for."""

    def on_retry(self, grid_ms: I64, _bound_ms: int) -> I64:
        self.asked += 1
        return np.array([self.count(at_ms) for at_ms in grid_ms.tolist()], dtype=np.int64)

    def count(self, at_ms: int) -> int:
        return max(sum(change for when_ms, change in self.steps if when_ms < at_ms), 0)

    def failed_windows(self, first: int, after: int, _bound_ms: int) -> NDArray[np.bool_]:
        failed = {(at_ms - self.phase_ms) // self.width_ms for at_ms in self.failures_ms}
        return np.array([n in failed for n in range(first, after)], dtype=np.bool_)


@dataclass
class Nothing:
    """A table in which nothing happens."""

    def advance(self, to_ms: int) -> None:
        assert to_ms > 0


def heard(
    monitor: ServiceWatcher | ContinuityWatcher, said: Said, acknowledged_ms: list[int], cuts_ms: list[int]
) -> Said:
    """What the monitor says, acknowledged at some moments, while time is cut."""
    acknowledged: list[int] = []
    conductor = Conductor(Nothing(), (monitor,), lambda: len(acknowledged))

    def say(alert: Alert | Over) -> None:
        assert alert.moment_ms == conductor.now_ms
        if isinstance(alert, Over):
            said.append((alert.moment_ms, "over"))
        else:
            said.append((alert.moment_ms, alert.count, alert.number))

    monitor._say = say

    def acknowledge() -> None:
        if monitor.episode.alerting:
            monitor.episode.acknowledged = True
            acknowledged.append(conductor.now_ms)

    for at_ms in acknowledged_ms:
        conductor.at(at_ms, acknowledge)
    for cut_ms in [*sorted(cuts_ms), HORIZON_MS]:
        conductor.run(cut_ms)
    return said


def by_hand(samples: list[tuple[int, int, bool]], rhythm: AlertRhythm, acknowledged_ms: list[int]) -> Said:
    """The rule, sample by sample: (moment, count, above the threshold)."""
    said: Said = []
    alerting, known, number, last_ms = False, False, 0, 0
    below_ms: int | None = None
    acks = sorted(acknowledged_ms)
    for moment_ms, count, over in samples:
        while acks and acks[0] <= moment_ms:
            acks.pop(0)
            known = known or alerting
        if over and (not alerting or (not known and moment_ms - last_ms >= rhythm.repeat_ms)):
            alerting, number, last_ms = True, number + 1, moment_ms
            said.append((moment_ms, count, number))
        if over:
            below_ms = None
        elif alerting:
            below_ms = moment_ms if below_ms is None else below_ms
            if moment_ms - below_ms >= rhythm.rearm_ms:
                said.append((moment_ms, "over"))
                alerting, known, number = False, False, 0
    return said


moments = st.integers(0, HORIZON_MS - 1)
few = st.lists(moments, max_size=5)
rearms = st.sampled_from([0, 7 * MINUTE_MS, HOUR_MS])


@examples(120)
@given(
    st.lists(st.one_of(moments, st.integers(0, 30).map(lambda n: n * MINUTE_MS)), max_size=60),
    st.integers(0, MINUTE_MS - 1),
    st.integers(1, 12),
    st.sampled_from([5 * MINUTE_MS, 20 * MINUTE_MS]),
    rearms,
    few,
    few,
)
def test_the_continuity_monitor_counts_windows_up_and_down(
    failures_ms: list[int],
    phase_ms: int,
    threshold: int,
    repeat_ms: int,
    rearm_ms: int,
    acks_ms: list[int],
    cuts_ms: list[int],
) -> None:
    queue = Queue(failures_ms, phase_ms=-phase_ms)
    rhythm = AlertRhythm(repeat_ms, rearm_ms)
    monitor = ContinuityWatcher(queue, MINUTE_MS, -phase_ms, threshold, rhythm, lambda _alert: None)
    failed = {(at_ms + phase_ms) // MINUTE_MS for at_ms in failures_ms}
    samples, counter, window = [], 0, 0
    while (end_ms := (window + 1) * MINUTE_MS - phase_ms) < HORIZON_MS:
        counter = min(max(counter + (1 if window in failed else -1), 0), 2 * threshold)
        samples.append((end_ms, counter, counter >= threshold))
        window += 1
    assert heard(monitor, [], acks_ms, cuts_ms) == by_hand(samples, rhythm, acks_ms)


@examples(120)
@given(
    st.lists(st.tuples(moments, st.integers(-30, 60)), max_size=15),
    st.integers(0, 5 * MINUTE_MS - 1),
    st.integers(0, 60),
    st.sampled_from([10 * MINUTE_MS, 12 * MINUTE_MS]),
    rearms,
    few,
    few,
)
def test_the_service_monitor_samples_what_is_on_retry(
    steps: list[tuple[int, int]],
    phase_ms: int,
    threshold: int,
    repeat_ms: int,
    rearm_ms: int,
    acks_ms: list[int],
    cuts_ms: list[int],
) -> None:
    queue, sample_ms = Queue(steps=steps), 5 * MINUTE_MS
    rhythm = AlertRhythm(repeat_ms, rearm_ms)
    monitor = ServiceWatcher(queue, sample_ms, phase_ms, threshold, rhythm, lambda _alert: None)
    samples = [
        (at_ms, queue.count(at_ms), queue.count(at_ms) > threshold)
        for at_ms in range(phase_ms or sample_ms, HORIZON_MS, sample_ms)
    ]
    assert heard(monitor, [], acks_ms, cuts_ms) == by_hand(samples, rhythm, acks_ms)


def test_an_alert_counts_what_was_foreseen_and_does_not_ask_again() -> None:
    queue, minute = Queue(steps=[(1, 7)]), MINUTE_MS
    monitor = ServiceWatcher(queue, 5 * minute, 0, 3, AlertRhythm(10 * minute), lambda _alert: None)
    said = heard(monitor, [], [], [])
    assert said[:2] == [(5 * minute, 7, 1), (15 * minute, 7, 2)]
    assert queue.asked <= len(said) + 1


@given(st.integers(1, 20), st.integers(0, MINUTE_MS - 1), moments)
def test_no_alert_comes_before_as_many_windows_as_the_threshold(
    threshold: int, phase_ms: int, onset_ms: int
) -> None:
    """Whatever fails, the counter needs so many ends of windows; the first window may be cut short."""
    queue = Queue(list(range(onset_ms, HORIZON_MS, 1000)), phase_ms=-phase_ms)
    monitor = ContinuityWatcher(
        queue, MINUTE_MS, -phase_ms, threshold, AlertRhythm(HORIZON_MS), lambda _alert: None
    )
    said = heard(monitor, [], [], [])
    if said:
        waited_ms = said[0][0] - onset_ms
        assert (threshold - 1) * MINUTE_MS < waited_ms <= threshold * MINUTE_MS
        assert said[0][1:] == (threshold, 1)


def test_an_alert_is_repeated_until_someone_has_it_and_begins_anew_after_its_end() -> None:
    failures_ms = [*range(0, 20 * MINUTE_MS, 1000), *range(60 * MINUTE_MS, 70 * MINUTE_MS, 1000)]
    said = heard(
        ContinuityWatcher(
            Queue(failures_ms), MINUTE_MS, 0, 3, AlertRhythm(4 * MINUTE_MS), lambda _alert: None
        ),
        [],
        [12 * MINUTE_MS],
        [],
    )
    minutes = [(entry[0] // MINUTE_MS, *entry[1:]) for entry in said]
    assert minutes == [
        (3, 3, 1),
        (7, 6, 2),
        (11, 6, 3),
        (24, "over"),
        (63, 3, 1),
        (67, 6, 2),
        (71, 5, 3),
        (74, "over"),
    ]


def test_what_flaps_is_one_alert_until_it_has_been_quiet_for_long_enough() -> None:
    """Failing for ten minutes, ten minutes well, three times over; then again an hour later."""
    bursts = [start for start in (0, 20, 40, 130)]
    failures_ms = [ms for at in bursts for ms in range(at * MINUTE_MS, (at + 10) * MINUTE_MS, 1000)]

    def minutes(rearm_min: int, acks_min: list[int]) -> list[tuple[int | str, ...]]:
        rhythm = AlertRhythm(HORIZON_MS, rearm_min * MINUTE_MS)
        monitor = ContinuityWatcher(Queue(failures_ms), MINUTE_MS, 0, 3, rhythm, lambda _alert: None)
        said = heard(monitor, [], [at * MINUTE_MS for at in acks_min], [])
        return [(entry[0] // MINUTE_MS, entry[-1]) for entry in said]

    flapping = [(3, 1), (14, "over"), (23, 1), (34, "over"), (43, 1), (54, "over"), (133, 1), (144, "over")]
    assert minutes(0, []) == flapping
    assert minutes(0, [5]) == flapping, "whoever has acknowledged one has the next one to acknowledge"
    assert minutes(30, [5]) == [(3, 1), (84, "over"), (133, 1), (174, "over")]
    assert minutes(120, [5]) == [(3, 1)]
