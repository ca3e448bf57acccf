"""Two hundred messages queued at a real server when the destination is back, which needs 0.2 s for each, and
fewer at other settings: the shape of the drain (how many at a time, in what steps and order), not its rate.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from statistics import mean

import pytest

from tests.fidelity.measured.recorded import RUNS, Recorded, always, compare, explained
from tests.oracle.senders import History

COURIER_DRAINS = [path.stem for path in RUNS.glob("e4-courier-*-n200-*")]
COURIER_BURSTS = [path.stem for path in RUNS.glob("e4-courier-*burst100-*")]
SERVICE_MS = {
    "e4-postfix-fast-n200-delay200ms": 250,
    "e4-exim-fast-n200-delay200ms": 250,
    "e4-sendmail-fast-n200-delay200ms": 290,
    "e4-exim-max2-n80-delay500ms": 545,
    "e4-sendmail-q5-n80-delay500ms": 590,
    "e4-courier-a8-n60-delay500ms": 545,
    "e4-opensmtpd-real-n45-delay700ms": 745,
    **dict.fromkeys(COURIER_DRAINS, 201),
    **dict.fromkeys(COURIER_BURSTS, 1),
}
"""From RCPT to RCPT over one connection in the runs: the receiver's time and the server's own work."""
OTHER_SETTINGS = {
    "e4-exim-max2-n80-delay500ms": 2,
    "e4-sendmail-q5-n80-delay500ms": 4,
    "e4-courier-a8-n60-delay500ms": 4,
    "e4-opensmtpd-real-n45-delay700ms": 3,
}
"""How many deliveries there were at a time, at most."""


@cache
def played(software: str) -> tuple[Recorded, History]:
    name = f"e4-{software}-fast-n200-delay200ms"
    return explained(name, always("mx1"), service_ms=SERVICE_MS[name])


@pytest.mark.parametrize("name", OTHER_SETTINGS)
def test_how_many_at_a_time_in_each_second_at_other_settings(name: str) -> None:
    """From the first delivery after the return; queue_run_max of 2 with Exim, 5 s between sendmail's runs."""
    run, history = explained(name, always("mx1"), service_ms=SERVICE_MS[name])
    assert compare(run, history).fates_agree
    back = [[span for span in spans if span[0] >= 0] for spans in in_service(run, history, run.back_ms)]
    assert [peak(spans) for spans in back] == [OTHER_SETTINGS[name]] * 2
    real, ours = back
    seconds = range(500, real[-1][1], 1_000)
    assert sum(at_a_time(real, t) != at_a_time(ours, t) for t in seconds) <= len(seconds) // 5


def in_service(
    run: Recorded, history: History, since_ms: int = 0
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(start, end) of every delivery, real and modelled, from the first one on that started then or later."""
    started = {of: run.ms(t) for t, _, of, kind in run.run["attempts"] if kind == "rcpt"}
    real = sorted((started[of], run.ms(t)) for t, _, of in run.run["deliveries"])
    ours = sorted((m.attempts[-1][0], m.ended_ms or 0) for m in history.messages)
    first, ours_first = (next(start for start, _ in spans if start >= since_ms) for spans in (real, ours))
    return [(a - first, b - first) for a, b in real], [(a - ours_first, b - ours_first) for a, b in ours]


def at_a_time(spans: list[tuple[int, int]], time_ms: int) -> int:
    return sum(start <= time_ms < end for start, end in spans)


def peak(spans: list[tuple[int, int]]) -> int:
    return max(at_a_time(spans, start) for start, _ in spans)


@pytest.mark.parametrize(("software", "most"), [("postfix", 20), ("exim", 5), ("sendmail", 8)])
def test_how_many_are_delivered_at_a_time(software: str, most: int) -> None:
    run, history = played(software)
    real, ours = in_service(run, history)
    assert compare(run, history).fates_agree
    assert len(real) == len(ours) == 200
    assert abs(peak(real) - most) <= 1
    assert abs(peak(ours) - most) <= 1


def test_postfix_begins_with_5_and_widens_with_every_success_to_20() -> None:
    real, ours = in_service(*played("postfix"))
    for spans in (real, ours):
        assert at_a_time(spans, 100) == 5
        assert 8 <= max(at_a_time(spans, t) for t in range(270, 480, 10)) <= 10
        assert max(at_a_time(spans, t) for t in range(480, 1300, 10)) == 20


@pytest.mark.parametrize("software", ["exim", "sendmail"])
def test_one_more_connection_with_each_queue_run(software: str) -> None:
    """Exim up to five; its first run met a second one that was still at work."""
    run, history = played(software)
    real = [t for t, _ in run.connections_ms() if t >= run.back_ms]
    ours = [t for t, _ in history.connections if t >= run.back_ms]
    assert len(real) == len(ours)
    gaps = [b - a for a, b in pairwise(ours)]
    assert gaps == [run.period_ms] * (len(ours) - 1)
    steps = real[1:] if software == "exim" else real
    assert all(abs(b - a - run.period_ms) <= 500 for a, b in pairwise(steps))


@pytest.mark.parametrize("at_ms", range(1_000, 14_000, 1_000))
def test_sendmail_s_staircase(at_ms: int) -> None:
    real, ours = in_service(*played("sendmail"))
    assert abs(at_a_time(real, at_ms) - at_a_time(ours, at_ms)) <= 1


def places(run: Recorded, key: Callable[[str], float]) -> list[int]:
    """The place of each message, in order of arrival, when sorted by `key`."""
    names = [i["id"] for i in run.messages]
    order = {name: place for place, name in enumerate(sorted(names, key=key))}
    return [order[name] for name in names]


def test_exim_s_newest_block_first() -> None:
    """Rank correlation of the two orders of delivery; within a block of 50 the oldest comes first."""
    run, history = played("exim")
    started = {of: t for t, _, of, _ in run.run["attempts"]}
    modelled = {i["id"]: m.attempts[-1][0] for i, m in zip(run.messages, history.messages, strict=True)}
    real, ours = places(run, started.__getitem__), places(run, modelled.__getitem__)
    middle = mean(real)
    together = sum((a - middle) * (b - middle) for a, b in zip(real, ours, strict=True))
    assert together / sum((a - middle) ** 2 for a in real) > 0.8
    half = 100
    assert mean(real[half:]) < mean(real[:half])
    assert mean(ours[half:]) < mean(ours[:half])


@pytest.mark.parametrize("name", ["e3-sendmail-fast-D15", "e3-sendmail-fast-D40"])
def test_sendmail_s_newest_first(name: str) -> None:
    """Ten messages over one connection, in the reverse order of their arrival; two that were tried equally
    often may change places (sendmail sorts by a priority that falls with every try).
    """
    run, history = explained(name, always("mx1"), service_ms=90, as_seen=True)
    real = [of for t, _, of, _ in sorted(run.run["attempts"])]
    order = sorted(history.messages, key=lambda m: m.attempts[-1][0])
    ours = [run.messages[m.id - 1]["id"] for m in order]
    assert max(abs(ours.index(of) - real.index(of)) for of in real) <= 1
    assert len(set(ours)) == 11


@pytest.mark.parametrize("software", ["postfix", "exim", "sendmail"])
def test_nothing_is_delivered_twice(software: str) -> None:
    run, history = played(software)
    assert len({of for _, _, of in run.run["deliveries"]}) == len(run.run["deliveries"]) == 200
    assert {m.fate for m in history.messages} == {"delivered"}
