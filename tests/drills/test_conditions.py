"""Injects on conditions come at the exact moment at which the truth, read afterwards, first fulfils them."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.users.time_without_mail import without_mail
from tests.doubted import doubted
from tests.examples import examples
from tests.plays import ONSET_MS, small
from tests.scenario_files import with_injects

USERS = 60
UNTIL_MS = 16 * HOUR_MS
GIVEN = (
    (ONSET_MS + 20 * MINUTE_MS, "continuity start group=all for=4h via=sms"),
    (ONSET_MS + 50 * MINUTE_MS, "notify users via=sms state=down"),
    (ONSET_MS + 2 * HOUR_MS, "deliveries pause inbound"),
    (ONSET_MS + 5 * HOUR_MS, "deliveries resume inbound"),
    (ONSET_MS + 7 * HOUR_MS, "queue bounce inbound"),
)
CONDITIONS = {
    "queue-40": "queue > 40",
    "queue-short-again": "queue < 5 and outage.start + 3h",
    "oldest-2h": "oldest > 2h",
    "oldest-2h-young": "oldest < 2h and outage.start + 4h",
    "third-lost": "users without mail > 30 %",
    "few-lost": "users without mail < 40 and outage.start",
    "lost-again": "users without mail > 40 and outage.start + 2h",
    "calls-3": "calls > 3",
    "silence": "not users.told by alert.first + 30m",
    "told-in-time": "users.told by outage.start + 2h and not T+4h",
    "bounced": "bounced > 0",
    "never": "queue > 4000 or users.told by T+10m",
    "both": "queue > 30 and oldest >= 1h and not deliveries.resumed",
    "either": "(calls > 1000 or queue > 20) and not T",
    "nested": "not (queue < 35 or oldest < 90m)",
    "at-alert": "alert.first + 7m",
    "on-alert": "alert.first and queue > 0",
}


def scenario() -> Scenario:
    return with_injects(small("8h", USERS), **{name: {"when": text} for name, text in CONDITIONS.items()})


def play(cuts: tuple[int, ...] = ()) -> Session:
    session = Session(scenario(), 1, None)
    moments = sorted([*((at_ms, text) for at_ms, text in GIVEN), *((cut, "") for cut in cuts)])
    for at_ms, text in moments:
        session.advance(at_ms)
        if text:
            session.dispatch(text)
    session.advance(UNTIL_MS)
    return session


@cache
def played() -> Session:
    return play()


def fired(session: Session) -> dict[str, int]:
    return {event.ref: event.t_ms for event in session.events() if event.ref in CONDITIONS}


# The truth, afterwards: everything before a moment has happened, and changes of the moment itself.


def depth(moments_ms: I64) -> I64:
    queue = played().drill.world.queue
    return queue.entered.before(moments_ms) - queue.left.before(moments_ms)


def first_after(what: str, moment_ms: int = 0, number: int = 0) -> int:
    """The time of the n-th message that entered (or left) the queue from a moment on."""
    times = getattr(played().drill.world.queue, what)
    return int(times.since(int(times.before(moment_ms)) + number)[0])


def test_the_41st_message_in_a_queue_that_only_grows() -> None:
    assert depth(ONSET_MS) == 0
    assert fired(played())["queue-40"] == first_after("entered", ONSET_MS, 40) + 1


def test_the_queue_is_short_again_when_it_is_emptied_by_hand() -> None:
    assert fired(played())["queue-short-again"] == bounced_ms()


def bounced_ms() -> int:
    """When the command to bounce the queue took effect: a change, which counts in its own millisecond."""
    moment_ms = first_after("bounced")
    assert moment_ms > ONSET_MS + 7 * HOUR_MS
    return moment_ms


def test_the_first_message_that_queued_is_two_hours_old() -> None:
    moment_ms = fired(played())["oldest-2h"]
    assert moment_ms == first_after("entered", ONSET_MS) + 2 * HOUR_MS + 1


def test_users_lose_their_mailboxes_with_the_fault_and_have_mail_again_in_continuity() -> None:
    found, users = fired(played()), played().drill.world.users
    assert found["third-lost"] == ONSET_MS
    for name, holds in (("few-lost", lambda n: n < 40), ("lost-again", lambda n: n > 40)):
        moment_ms = found[name]
        before, at = without_mail(users, _moments(moment_ms - 1, moment_ms))
        assert holds(at), name
        assert not holds(before), name


def _moments(*moments_ms: int) -> I64:
    return np.array(moments_ms, dtype=np.int64)


def test_the_fourth_call_has_been_made() -> None:
    moment_ms, helpdesk = fired(played())["calls-3"], played().drill.helpdesk
    assert helpdesk.calls_between(0, moment_ms) == 4
    assert helpdesk.calls_between(0, moment_ms - 1) == 3


def test_a_milestone_that_was_not_reached_by_a_time() -> None:
    session = played()
    found, reached = fired(session), session.drill.milestones
    assert reached["users.told"] > reached["alert.first"] + 30 * MINUTE_MS
    assert found["silence"] == reached["alert.first"] + 30 * MINUTE_MS
    assert found["told-in-time"] == reached["users.told"]
    assert found["on-alert"] == reached["alert.first"], "news, which changes nothing else"
    assert found["at-alert"] == reached["alert.first"] + 7 * MINUTE_MS


def test_messages_bounced_by_a_command_count_at_once() -> None:
    assert fired(played())["bounced"] == bounced_ms()


def test_parts_joined_by_and_are_true_together() -> None:
    found = fired(played())
    hour_old_ms = first_after("entered", ONSET_MS) + HOUR_MS
    assert found["both"] == max(hour_old_ms, first_after("entered", ONSET_MS, 30) + 1)
    ninety_ms = first_after("entered", ONSET_MS) + 90 * MINUTE_MS
    assert found["nested"] == max(ninety_ms, first_after("entered", ONSET_MS, 34) + 1)


def test_what_is_never_true_never_comes_and_each_comes_once() -> None:
    session = played()
    assert set(fired(session)) == set(CONDITIONS) - {"never", "either"}
    refs = [event.ref for event in session.events() if event.ref in CONDITIONS]
    assert len(refs) == len(set(refs))


def test_no_message_is_two_hours_old_any_more_when_the_queue_is_emptied() -> None:
    moment_ms = fired(played())["oldest-2h-young"]
    again = Session(scenario(), 1, None)
    for at_ms, text in GIVEN:
        again.advance(at_ms)
        again.dispatch(text)
    again.advance(moment_ms + 1)  # with the changes of that moment
    arrival_ms = again.drill.world.cloud.live().arrival_ms
    assert len(arrival_ms) == 0 or int(arrival_ms.min()) > moment_ms - 2 * HOUR_MS
    assert depth(_moments(moment_ms - 1))[0] > 0


@examples(3)
@given(st.lists(st.integers(0, UNTIL_MS), max_size=12))
def test_any_partition_of_time_gives_the_same_history(cuts: list[int]) -> None:
    cut = play(tuple(cuts))
    assert fired(cut) == fired(played())
    assert cut.digest() == played().digest()


def test_no_forecast_of_a_condition_outlives_what_it_rests_on() -> None:
    with doubted():
        assert fired(play()) == fired(played())


def test_an_inject_that_fires_may_bring_the_next_one() -> None:
    both = with_injects(
        small("2h", 20),
        first={"when": "server.reported-back"},
        second={"when": "users without mail > 50 %", "marks": "server.reported-back"},
        third={"when": "users without mail > 50 %", "unless": ["server.reported-back"]},
    )
    session = Session(both, 1, None)
    session.advance(2 * HOUR_MS)
    came = [
        (event.ref, event.t_ms) for event in session.events() if event.ref in {"first", "second", "third"}
    ]
    assert came == [("second", ONSET_MS), ("first", ONSET_MS)]


@pytest.mark.parametrize("text", ["T+1h", "queue > 0 and T+3h"])
def test_a_condition_survives_the_journal(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kept.jsonl"
    session = Session.start(with_injects(small("2h", 20), one={"when": text}), 1, path)
    session.advance(5 * HOUR_MS)
    digest = session.digest()
    session.close()
    assert Session.replay(path).digest() == digest
