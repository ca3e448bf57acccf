"""Real servers whose destination moves: the MX record changes from a dead host to a live one at 33 s, with
a TTL of 10 s behind a caching resolver. Queued mail comes after the remaining TTL plus its own wait.
"""

import pytest

from tests.fidelity.measured.recorded import RUNS, Compared, Recorded, compare, explained, recorded
from tests.oracle.destination import Resolver, Timeline
from tests.oracle.senders import History

MOVED = sorted(path.stem for path in RUNS.glob("e6-*.json"))
TTL_MS = 10_000


def moved(run: Recorded) -> Resolver:
    """The sender's resolver gives the new answer from right before the first message to the new host on."""
    at_ms = min(t for t, host in run.connections_ms() if host == "mx2")
    fresh = [a for a in (run.ms(i["t"]) for i in run.messages) if 0 <= at_ms - a < 300]
    change_ms = fresh[0] if fresh else at_ms - 100
    return Resolver(Timeline(((0, ("mx1",)), (max(change_ms, last_old_ms(run) + 1), ("mx2",)))))


def played(name: str) -> tuple[Recorded, History, Compared]:
    run, history = explained(name, moved, as_seen=True)
    return run, history, compare(run, history)


def last_old_ms(run: Recorded) -> int:
    return max(t for t, host in run.connections_ms() if host == "mx1")


@pytest.mark.parametrize("name", MOVED)
def test_the_old_answer_lives_at_most_its_ttl(name: str) -> None:
    """A resolver counts whole seconds; accelerated servers ask a resolver on the true clock."""
    run = recorded(name)
    speed = run.run.get("clock_speed", 1)
    first_new_ms = min(t for t, host in run.connections_ms() if host == "mx2")
    assert last_old_ms(run) - run.back_ms <= (TTL_MS + 1_000) * speed
    assert first_new_ms > max(run.back_ms, last_old_ms(run))


@pytest.mark.parametrize("name", MOVED)
def test_every_message_reaches_the_new_host_when_the_model_says(name: str) -> None:
    run, history, compared = played(name)
    assert compared.fates_agree
    assert {m.host for m in history.messages} == {"mx2"}
    assert compared.worst_ms <= run.tolerance_ms


@pytest.mark.parametrize("name", MOVED)
def test_how_long_queued_mail_takes_after_the_change(name: str) -> None:
    run, _, compared = played(name)
    ours, theirs = compared.delays_ms
    assert abs(ours - theirs) <= max(run.tolerance_ms - 300, 0.15 * theirs)


def test_a_new_host_has_no_record_in_exim_so_that_everything_leaves_in_the_next_queue_run() -> None:
    run, history, _ = played("e6-exim-fast-ttl10")
    waiting = [m for m in history.messages if m.arrival_ms < run.back_ms]
    left = {m.attempts[-1][0] for m in waiting}
    assert max(left) - min(left) <= run.period_ms
    assert [len(m.attempts) for m in waiting[1:]] == [1] * (len(waiting) - 1)


@pytest.mark.parametrize("name", MOVED)
def test_the_connections_to_the_dead_host(name: str) -> None:
    run, history, _ = played(name)
    real = sum(host == "mx1" for _, host in run.connections_ms())
    ours = sum(host == "mx1" for _, host in history.connections)
    assert abs(ours - real) <= 4
