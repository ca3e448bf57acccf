"""The sending hop begins early enough for what its senders remember."""

from functools import partial

import numpy as np
import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import Messages
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour, ReceivingHost
from sim.mail.senders.timers.pending import SortedCourses, ending
from sim.mail.senders.timers.timer_rows import fresh
from tests.shipped import FILES

TROUBLE_MS = 10 * HOUR_MS


@pytest.mark.parametrize(("last_h", "waited_s"), [(8, 6_000), (6, 6_400)])
def test_a_delivery_hours_before_the_trouble_counts_for_opensmtpd(last_h: int, waited_s: int) -> None:
    """By hand: a message is delivered at 8 h (or 6 h); the host refuses from 10 h to 11 h 30 min. A
    message of 10 h is deferred; its next square after the return is that of 6,400 s. New mail at 11 h 40
    min releases it before, unless the delivery is 4 h old at 10 h.
    """
    who = CorrespondentTable(1, (load_platform(FILES, "opensmtpd"),), (100,), (1,), 1)
    arrival_ms = np.array([last_h * HOUR_MS, TROUBLE_MS, TROUBLE_MS + 100 * MINUTE_MS], dtype=np.int64)

    def sent(a_ms: int, b_ms: int) -> Messages:
        some = (a_ms <= arrival_ms) & (arrival_ms < b_ms)
        return Messages(np.flatnonzero(some).astype(np.int64), arrival_ms[some])

    host = ReceivingHost("mx1", 1)
    hop = SendingHop(who, [host], ("mx1",), sent, TROUBLE_MS)
    hop.changes(partial(host.becomes, TROUBLE_MS, Behaviour("refused")))
    hop.advance(TROUBLE_MS + 90 * MINUTE_MS)
    hop.changes(partial(host.becomes, hop.now_ms, Behaviour()))
    gone = hop.advance(TROUBLE_MS + 3 * HOUR_MS)
    waited_ms = {int(i): int(t) - TROUBLE_MS for i, t in zip(gone.id, gone.time_ms, strict=True)}
    assert waited_ms[2] == 100 * MINUTE_MS
    assert waited_ms[1] == waited_s * 1_000


def refused_mail() -> tuple[SendingHop, ReceivingHost]:
    """A message a minute from an Exim, for five hours, to a host that refuses connections."""
    who = CorrespondentTable(1, (load_platform(FILES, "exim"),), (100,), (1,), 1)
    arrival_ms = np.arange(TROUBLE_MS, TROUBLE_MS + 5 * HOUR_MS, MINUTE_MS, dtype=np.int64)

    def sent(a_ms: int, b_ms: int) -> Messages:
        some = (a_ms <= arrival_ms) & (arrival_ms < b_ms)
        return Messages(np.flatnonzero(some).astype(np.int64), arrival_ms[some])

    host = ReceivingHost("mx1", 1)
    hop = SendingHop(who, [host], ("mx1",), sent, TROUBLE_MS)
    hop.changes(partial(host.becomes, TROUBLE_MS, Behaviour("refused")))
    return hop, host


def test_a_change_repeats_few_steps_although_the_forecast_was_always_beyond_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A console looks ahead in each frame: the state is saved from time to time nevertheless."""
    most = 60
    monkeypatch.setattr("sim.mail.senders.hop.STEPS_REPEATED", most)

    def repeated(beyond_ms: int) -> tuple[int, list[tuple[int, int]]]:
        hop, host = refused_mail()
        for now_ms in range(TROUBLE_MS, TROUBLE_MS + 4 * HOUR_MS, 2 * MINUTE_MS):
            hop.look(now_ms + beyond_ms)
            hop.advance(now_ms + 2 * MINUTE_MS)
        steps = hop._agenda.steps
        hop.changes(partial(host.becomes, hop.now_ms, Behaviour()))
        steps = hop._agenda.steps - steps
        gone = hop.advance(TROUBLE_MS + 5 * HOUR_MS)
        return steps, list(zip(gone.id.tolist(), gone.time_ms.tolist(), strict=True))

    (never, plainly), (steps, ahead) = repeated(2 * MINUTE_MS), repeated(11 * MINUTE_MS)
    assert never == 0, "nothing was foreseen beyond now"
    assert 0 < steps <= 2 * most
    assert ahead == plainly
    assert len(ahead) > 200


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_look_in_parts_repeats_no_steps(in_parts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a storm of retries at 10,000 users, repeating them took 0.25 s of one frame."""
    monkeypatch.setattr("sim.mail.senders.hop.STEPS_REPEATED", -1)
    hop, _host = refused_mail()
    hop.look(TROUBLE_MS + 2 * HOUR_MS)
    hop.look(TROUBLE_MS + 2 * HOUR_MS + MINUTE_MS)
    hop.advance(TROUBLE_MS + 2 * HOUR_MS)
    holds = hop._agenda.holds
    hop.look(TROUBLE_MS + 3 * HOUR_MS, (lambda: False) if in_parts else None)
    assert (hop._agenda.holds == holds) == in_parts


def test_what_leaves_is_counted_as_it_would_be_taken_out() -> None:
    end_ms = np.array([10, 20, 20, 30], dtype=np.int64)
    rows = fresh(np.arange(4), end_ms - 5, np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64))
    rows.end_ms[:] = end_ms
    courses = SortedCourses(), SortedCourses()
    for one in courses:
        one.add(ending(rows.copy(), rows.copy()))
    for to_ms in (10, 21, 25, 31):
        taken = courses[0].take_until(to_ms)
        assert courses[1].drop_until(to_ms) == len(taken)
        assert courses[0].all().rows.id.tolist() == courses[1].all().rows.id.tolist()
