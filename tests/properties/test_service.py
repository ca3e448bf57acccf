"""The receiver, and the line at a host, against a naive simulation, and against what queueing theory says."""

import heapq
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.draws import I64, mix, within
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.gateway.processing_queue import Processing
from sim.mail.queue.receiver import Receiver, service_starts
from sim.mail.routes.inbound import Come
from sim.mail.senders.hosts.host_line import Announced, HostLine
from tests.examples import examples


def first_come_first_served(offered_ms: list[int], free_ms: list[int], per_message_ms: int) -> list[int]:
    """One message after the other takes the connection that is free first."""
    free, starts = list(free_ms), []
    heapq.heapify(free)
    for moment_ms in offered_ms:
        starts.append(max(moment_ms, heapq.heappop(free)))
        heapq.heappush(free, starts[-1] + per_message_ms)
    return starts


@examples(150)
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


@dataclass
class Played:
    """Who joins a host's line when, and what has come of it: ends by message."""

    line: HostLine
    announced: list[tuple[int, int]]
    brought: list[tuple[int, int]]
    ends_ms: dict[int, int] = field(default_factory=dict)

    def play(self, a_ms: int, b_ms: int) -> None:
        """Everything in [a, b), as an agenda does it: machines' mail at its moment, the rest beforehand."""
        some = [one for one in self.announced if a_ms <= one[0] < b_ms]
        time_ms, ids = (np.array([one[n] for one in some], dtype=np.int64) for n in (0, 1))
        self.line.announce(Announced(time_ms, ids, time_ms, ids.astype(np.int32)))
        self.bring(a_ms, b_ms)
        self.note(b_ms)

    def bring(self, a_ms: int, b_ms: int) -> None:
        for now_ms in sorted({at_ms for at_ms, _message in self.brought if a_ms <= at_ms < b_ms}):
            here = [message for at_ms, message in self.brought if at_ms == now_ms]
            self.line.joining += [(message, -message) for message in reversed(here)]
            for end_ms, message, sender in self.line.serve(now_ms):
                assert sender == -message
                self.ends_ms[message] = end_ms

    def note(self, to_ms: int) -> None:
        taken = self.line.taken(to_ms)
        assert taken.tries.tolist() == taken.id.tolist()
        for message, end_ms in zip(taken.id.tolist(), taken.time_ms.tolist(), strict=True):
            assert end_ms < to_ms
            assert self.ends_ms.setdefault(message, end_ms) == end_ms


@examples(150)
@given(
    st.lists(st.tuples(st.integers(0, 99), st.booleans()), max_size=40),
    st.one_of(st.none(), st.integers(1, 3)),
    st.integers(0, 12),
    st.tuples(st.integers(0, 120), st.integers(0, 120), st.integers(0, 120)).map(sorted),
)
def test_a_host_s_line_serves_what_is_announced_and_what_is_brought_in_one_order(
    joins: list[tuple[int, bool]], servers: int | None, service_ms: int, cuts_ms: list[int]
) -> None:
    """Held at the first cut, looked ahead to the third, gone back and played again up to the second."""
    rows = sorted((at_ms, number + 1, brought) for number, (at_ms, brought) in enumerate(joins))
    announced, brought = ([(at, i) for at, i, machine in rows if machine == which] for which in (False, True))
    played = Played(HostLine(servers, service_ms), announced, brought)
    held_ms, back_ms, ahead_ms = cuts_ms
    played.play(0, held_ms)
    played.line.hold()
    played.play(held_ms, ahead_ms)
    played.line.go_back()
    played.line.forget(back_ms)
    played.bring(held_ms, back_ms)
    played.note(back_ms)
    played.line.hold()
    waiting = played.line.waiting()
    free = servers if servers is not None else max(len(rows), 1)
    starts = first_come_first_served([at for at, _i, _machine in rows], [0] * free, service_ms)
    ends_ms = {i: start + service_ms for (_at, i, _machine), start in zip(rows, starts, strict=True)}
    inside = [(at, i) for at, i in announced if at < back_ms <= ends_ms[i]]
    assert list(zip(waiting.time_ms.tolist(), waiting.id.tolist(), strict=True)) == inside
    played.play(back_ms, 10_000)
    assert played.ends_ms == ends_ms
    assert not len(played.line.waiting().id)


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


@pytest.mark.parametrize(
    ("places", "usual_ms", "backlog", "per_hour"),
    [(1, 20, 32_896, 4_800), (1, 500, 2_000, 3_600), (3, 2_000, 900, 2_700), (1, 50, 10_000, 0)],
)
def test_so_does_what_waits_before_a_filter_that_is_well_again(
    places: int, usual_ms: int, backlog: int, per_hour: int
) -> None:
    """It came in the first hour, and nothing passed; arrivals after the cure are evenly spaced."""
    came_ms = np.arange(backlog, dtype=np.int64) * HOUR_MS // backlog
    if per_hour:
        later_ms = np.arange(HOUR_MS, 4 * HOUR_MS, HOUR_MS // per_hour, dtype=np.int64)
        came_ms = np.concatenate([came_ms, later_ms])

    def comes(a_ms: int, b_ms: int) -> Come:
        some = np.flatnonzero((came_ms >= a_ms) & (came_ms < b_ms))
        return Come(some, came_ms[some], came_ms[some])

    queue = Processing(comes, Receiver(places, usual_ms))
    queue.becomes(12 * HOUR_MS, stopped=False)
    queue.advance(HOUR_MS - 1)
    queue.becomes(12 * HOUR_MS, stopped=True)  # and what it was at begins again
    queue.becomes(None, stopped=False)
    assert len(queue.ids) == backlog
    out = queue.passes(HOUR_MS - 1, 4 * HOUR_MS)
    late = out.arrival_ms > came_ms[out.id]
    assert late[:backlog].all()
    drained_ms = int(out.arrival_ms[late].max()) - HOUR_MS
    theory_ms = backlog / (places / usual_ms - per_hour / HOUR_MS)
    assert abs(drained_ms - theory_ms) <= 2 * usual_ms + (HOUR_MS // per_hour if per_hour else 0)
    assert drained_ms > MINUTE_MS, "not in a millisecond"
