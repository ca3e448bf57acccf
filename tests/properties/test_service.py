"""The receiver against a naive simulation, and against what queueing theory says."""

import heapq
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.draws import I64, mix, within
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.service import service_starts


def first_come_first_served(offered_ms: list[int], free_ms: list[int], per_message_ms: int) -> list[int]:
    """One message after the other takes the connection that is free first."""
    free, starts = list(free_ms), []
    heapq.heapify(free)
    for moment_ms in offered_ms:
        starts.append(max(moment_ms, heapq.heappop(free)))
        heapq.heappush(free, starts[-1] + per_message_ms)
    return starts


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 300), max_size=60).map(sorted),
    st.integers(1, 6),
    st.integers(1, 50),
    st.data(),
)
def test_starts_are_those_of_a_naive_simulation(
    offered_ms: list[int], connections: int, per_message_ms: int, data: st.DataObject
) -> None:
    """Connections may be busy for longer than one message takes: it was begun while the server was slower."""
    latest = st.one_of(st.integers(-100, (offered_ms or [0])[0] + per_message_ms), st.integers(-100, 500))
    free_ms = data.draw(st.lists(latest, min_size=connections, max_size=connections))
    starts = service_starts(
        np.array(offered_ms, dtype=np.int64), np.array(free_ms, dtype=np.int64), per_message_ms
    )
    assert starts.tolist() == first_come_first_served(offered_ms, free_ms, per_message_ms)


def poisson_arrivals(seed: int, per_hour: int, hours: int) -> I64:
    """Arrivals spread evenly at random over a given time, as many as are expected: Poisson, conditioned."""
    count = per_hour * hours
    return np.sort(within(mix(seed, "theory", np.arange(count, dtype=np.int64)), hours * HOUR_MS))


@pytest.mark.parametrize("load_percent", [30, 60, 80])
def test_waits_on_one_connection_are_those_of_m_d_1(load_percent: int) -> None:
    """Pollaczek and Khinchine: mean wait = rho D / 2 (1 - rho).

    Means of 40 runs of 200 h each with fixed seeds; the formula lies within their 99.9 % confidence
    interval (normal, two-sided).
    """
    service_ms, hours = 10_000, 200
    rho = load_percent / 100
    per_hour = load_percent * HOUR_MS // service_ms // 100
    means = []
    for seed in range(40):
        arrivals = poisson_arrivals(seed, per_hour, hours)
        starts = service_starts(arrivals, np.zeros(1, dtype=np.int64), service_ms)
        means.append(float((starts - arrivals).mean()))
    expected = rho * service_ms / (2 * (1 - rho))
    mean, error = np.mean(means), np.std(means, ddof=1) / np.sqrt(len(means))
    reach = NormalDist().inv_cdf(0.9995) * error
    assert reach < 0.05 * expected, "the interval is narrow enough to tell"
    assert abs(mean - expected) < reach


@pytest.mark.parametrize(
    ("connections", "service_ms", "backlog", "per_hour"),
    [
        (1, 1000, 600, 1800),
        (20, 1000, 20_000, 36_000),
        (20, 700, 3000, 0),
        (3, 2000, 500, 2700),
    ],
)
def test_a_backlog_drains_in_backlog_over_capacity_less_arrivals(
    connections: int, service_ms: int, backlog: int, per_hour: int
) -> None:
    """Evenly spaced arrivals while it drains; exact within one message's time."""
    gap_ms = HOUR_MS // per_hour if per_hour else 0
    later = (
        np.arange(gap_ms, 12 * HOUR_MS, gap_ms, dtype=np.int64) if per_hour else np.empty(0, dtype=np.int64)
    )
    offered = np.concatenate([np.zeros(backlog, dtype=np.int64), later])
    starts = service_starts(offered, np.zeros(connections, dtype=np.int64), service_ms)
    waits = np.flatnonzero(starts > offered)
    drained_ms = int(starts[waits[-1]]) if len(waits) else 0
    capacity = connections / service_ms
    arriving = 1 / gap_ms if per_hour else 0.0
    assert abs(drained_ms - backlog / (capacity - arriving)) <= service_ms + gap_ms
    assert drained_ms > MINUTE_MS
