"""What an outage of the gateway may cost, in operations: mail waits at its senders, not in one queue.

Each limit is about one and a half times what was counted when it was written.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS
from sim.mail.routes.inbound import GATEWAY
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.message_state import QueuedMessage
from sim.mail.senders.machines.sender import Sender
from sim.mail.senders.timers.pending import CourseEndings
from sim.mail.senders.timers.timer_rows import Course
from sim.mail.senders.timers.timers import Timers


@dataclass
class Cost:
    """Operations of one run."""

    messages: int = 0
    """Inbound and outbound: what the sending hops have to do with."""
    steps: int = 0
    """Entries of the agendas that were worked off."""
    made: int = 0
    """Records of single messages: one for each that has to wait by itself, and each copy of one."""
    changed: int = 0
    """How often one was changed, or was about to be."""
    dropped: int = 0
    """How often a hop's forecast was given up, or could have been."""
    looked: int = 0
    """How often a hop's forecast was taken further."""
    reworked: int = 0
    """How often the ends of all mail with timers of its own were worked out again."""
    taken: int = 0
    """Selections of rows of messages with timers of their own."""
    followed: int = 0
    """Selections of such rows to follow them further."""

    def each(self, count: int) -> float:
        """So many for each message."""
        return count / self.messages


Run = Callable[..., Cost]
"""How long the gateway refuses, in a drill of eight days; whether its reference runbook is played."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A drill, and what it cost."""
    cost = Cost()

    def count(owner: Any, name: str, what: str) -> None:
        original = getattr(owner, name)

        def counting(*args: Any, **named: Any) -> Any:
            setattr(cost, what, getattr(cost, what) + 1)
            return original(*args, **named)

        monkeypatch.setattr(owner, name, counting)

    count(Agenda, "_call", "steps")
    count(QueuedMessage, "__init__", "made")
    count(Sender, "changing", "changed")
    count(SendingHop, "changes", "dropped")
    count(SendingHop, "_feed", "looked")
    count(Timers, "changed", "reworked")
    count(CourseEndings, "take", "taken")
    count(Course, "take", "followed")

    def play_it(outage: str, by_the_book: bool = False) -> Cost:
        cost.steps = cost.made = cost.changed = cost.dropped = cost.taken = cost.followed = 0
        cost.looked = cost.reworked = 0
        scenario = load_scenario("gateway-down", {"users": "300", "outage": outage})
        session = Session(scenario, 1, None)
        play(session, reference_runbook(scenario) if by_the_book else None, 8 * DAY_MS)
        inbound, outbound, _ = session.drill.world.generated()
        return replace(cost, messages=inbound + outbound)

    return play_it


def test_mail_passes_an_open_gateway_without_being_played(run: Run) -> None:
    short = run("10m")
    assert short.each(short.steps) < 0.03
    assert short.each(short.made) < 0.02


def test_mail_that_waits_costs_the_looks_of_its_sender_and_no_copies(run: Run) -> None:
    long = run("72h")
    assert long.each(long.steps) < 0.06, "no step for a limit in Retry, nor for scans that nobody survives"
    assert long.each(long.made) < 0.055, "a message that waits is not copied when others go on"
    assert long.each(long.changed) < 0.13, "what a look only puts off is counted for all of it at once"
    assert long.dropped < 15, "a forecast is given up for changes, not for questions"
    assert long.taken < 4_400, "while nothing gets through, no success is looked for"
    assert long.followed < 4_600, "only a success that finds mail in the last tier is followed"


def test_mail_that_goes_to_a_backup_which_takes_one_after_the_other_is_played_by_machines_alone(
    run: Run,
) -> None:
    played = run("14h", by_the_book=True)
    assert played.each(played.steps) < 0.22, "timers' mail stands in the backup's line without a step"
    assert played.each(played.made) < 0.07
    assert played.looked < 265, "a forecast goes some way beyond the next thing that people do"
    assert played.reworked < 18, "what people do rarely changes the hosts that mail can go to"


def test_both_hosts_of_a_gateway_change_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change of a host reworks the forecast of all mail: with 10,000 users that froze the console."""
    session = Session(load_scenario("gateway-down", {"users": "20"}), 1, None)
    made: list[int] = []
    original = SendingHop.changes
    monkeypatch.setattr(
        SendingHop, "changes", lambda hop, act: (made.append(session.now_ms), original(hop, act))[1]
    )
    for moment_ms in (session.scenario.outage_start_ms, session.scenario.outage_end_ms):
        session.advance(moment_ms)
        made.clear()
        session.drill.world.gateway_door.becomes(Behaviour("defer"))
        assert len(made) == 1
        session.drill.world.gateway_door.becomes(Behaviour("timeout"), ())
        assert len(made) == 1
        session.drill.world.gateway_door.becomes(Behaviour("defer"))
        assert len(made) == 1, "an answer that stays as it is"


def test_a_zone_that_sends_everyone_where_they_go_already_reworks_nothing() -> None:
    session = Session(load_scenario("gateway-down", {"users": "20"}), 1, None)
    session.advance(session.scenario.outage_start_ms + HOUR_MS)
    world = session.drill.world
    made = world.inbound.begin().made
    world.zone.publish(session.now_ms, GATEWAY, 300_000)
    world.zone_changed()
    assert world.inbound.begin().made == made, "a lower TTL leads nobody elsewhere"
    world.zone.flush(session.now_ms, ("google",))
    world.zone_changed()
    assert world.inbound.begin().made == made
    world.zone.publish(session.now_ms, ("backup",), 300_000)
    world.zone_changed()
    assert world.inbound.begin().made == made + 1


def test_an_update_to_users_does_not_depend_on_how_far_mail_has_been_advanced() -> None:
    digests = set()
    for read_before in (False, True):
        session = Session(load_scenario("gateway-down", {"users": "20"}), 1, None)
        session.advance(session.scenario.outage_start_ms + 3 * HOUR_MS)
        if read_before:
            assert session.drill.world.now_ms == session.now_ms
        session.drill.continuity.tell("sms", advises=True)
        session.advance(session.now_ms + 3 * HOUR_MS)
        digests.add((session.drill.digest(), session.drill.helpdesk.calls_before(session.now_ms)))
    assert len(digests) == 1
