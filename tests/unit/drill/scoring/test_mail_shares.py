"""What an outage did to mail, beside what was written in it, counted here message by message."""

from typing import Any

import numpy as np
import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.fault import Fault, directions_hit
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scoring.mail_shares import duplicates, late_or_returned, put_aside, written_again
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.kept import kept
from tests.plays import ONSET_MS, small

DAY = ("inbound", "outbound", "internal")


@kept
def waited() -> Session:
    """Nobody does anything while the gateway is gone for fourteen hours."""
    session = Session.start(load_scenario("gateway-down", {"users": "60"}), 1)
    play(session, None)
    return session


def written(session: Session, *directions: str) -> int:
    """Messages from the onset to the return, one by one."""
    drill = session.drill
    start_ms, end_ms = drill.milestones["outage.start"], drill.milestones["outage.end"]
    streams = [drill.world._spec.stream(DAY.index(name)) for name in directions]
    return sum(len(stream.between(start_ms, end_ms).id) for stream in streams)


def begun(part: int, whole: int) -> int:
    return (1000 * part + whole - 1) // whole


def test_what_senders_gave_up_or_were_refused_is_not_served() -> None:
    session = waited()
    book, late = session.drill.world.custody()["inbound"], session.drill.world.flags()["late"]
    assert book["bounced"] > 50, "given up"
    figure = late_or_returned(session.drill)
    assert figure == begun(late + book["bounced"], written(session, "inbound"))
    assert figure > begun(late, written(session, "inbound"))
    session.drill.world.ledger.rejected[0] += 100
    try:
        assert late_or_returned(session.drill) == begun(
            late + book["bounced"] + 100, written(session, "inbound")
        )
    finally:
        session.drill.world.ledger.rejected[0] -= 100


def test_what_is_not_sent_in_the_days_after_the_outage_is_no_part_of_it() -> None:
    """Lists of bulk senders go on for days; the share is of the outage's mail, and stays one."""
    session = Session.start(load_scenario("gateway-down", {"users": "60"}), 1)
    play(session, load_runbook("gateway-down-mx-before-unlock", parse))
    drill, book = session.drill, session.drill.world.custody()["inbound"]
    start_ms, end_ms = drill.milestones["outage.start"], drill.milestones["outage.end"]
    mail = drill.world._spec.stream(0).between(start_ms, end_ms)
    unsent = len(mail) - len(drill.world.suppression.leaves(mail))
    assert 0 < unsent < book["suppressed"]
    lost = drill.world.flags()["late"] + book["bounced"] + book["rejected"] + unsent
    assert late_or_returned(drill) == begun(lost, written(session, "inbound"))


def test_quiet_days_after_the_return_change_nothing() -> None:
    """All mail of the drill is several times as much as that of the outage."""
    session = waited()
    assert session.drill.world.generated()[0] > 3 * written(session, "inbound")
    ended = session.fork(session.drill.milestones["outage.end"] + 72 * HOUR_MS)
    assert late_or_returned(ended.drill) == late_or_returned(session.drill)
    session.drill.world.ledger.junked[0] += 40
    try:
        assert put_aside(session.drill) == begun(40, written(session, "inbound"))
    finally:
        session.drill.world.ledger.junked[0] -= 40


def test_copies_stand_beside_the_mail_of_the_directions_that_were_hit() -> None:
    session = waited()
    copies = session.drill.world.flags()["duplicates"]
    assert copies > 30
    assert duplicates(session.drill) == begun(copies, written(session, "inbound", "outbound"))


def test_a_server_that_is_gone_takes_the_mail_of_every_direction() -> None:
    session = Session.start(small("2h", 60), 1)
    session.advance(ONSET_MS - HOUR_MS)
    assert duplicates(session.drill) is None, "nothing has begun"
    session.advance(ONSET_MS + 4 * HOUR_MS)
    whole = written(session, *DAY)
    session.drill.world.copies._counts["outbox"] = whole // 10
    assert duplicates(session.drill) == begun(whole // 10, whole)


@pytest.mark.parametrize(
    ("fault", "hit"),
    [
        ({"fault": "gateway refuses"}, DAY[:2]),
        ({"fault": "gateway answers 4xx", "direction": "outbound"}, ("outbound",)),
        ({"fault": "gateway is slow", "per_message": "2s"}, DAY[:2]),
        ({"fault": "gateway is slow", "per_message": "2s", "direction": "inbound"}, ("inbound",)),
        ({"fault": "receivers answer 4xx"}, ("outbound",)),
        ({"fault": "mail-server refuses"}, DAY),
        ({"fault": "mail-server refuses", "access": "kept"}, ("inbound",)),
        ({"fault": "mail-server answers 4xx"}, ("inbound",)),
        ({"fault": "mail-server is slow", "per_message": "2s"}, DAY),
        ({"fault": "access lost"}, DAY),
    ],
)
def test_each_fault_hits_its_directions(fault: dict[str, Any], hit: tuple[str, ...]) -> None:
    whole = Fault.model_validate({"id": "f", "at": "T+1h", "for": "2h", **fault})
    assert directions_hit(whole) == hit


def test_a_share_of_few_messages_is_not_judged() -> None:
    """A message more or less in a quiet hour would decide."""
    session = Session.start(small("2h"), 1)
    session.advance(ONSET_MS + 4 * HOUR_MS)
    assert 100 < written(session, *DAY) < 1000
    assert duplicates(session.drill) is None
    assert late_or_returned(session.drill) is None


def own_mail(could: list[int], again: list[int]) -> int | None:
    """The figure of a drill in which users could write again so many minutes after the onset, and did."""
    session = Session.start(small("2h"), 1)
    assert written_again(session.drill) is None, "nothing has begun"
    session.advance(ONSET_MS + HOUR_MS)
    moments = ONSET_MS + MINUTE_MS * np.array(could + again, dtype=np.int64)
    did = np.arange(len(moments)) >= len(could)
    session.drill.world.copies._could("outbox", moments, did)
    return written_again(session.drill)


def test_what_is_written_again_before_a_word_is_due_is_nobodys_fault() -> None:
    """The word is due 45 min after the first alert, some nine after the onset: it takes as long in a short
    outage as in a long one.
    """
    assert own_mail([90] * 30, [91] * 10) == 250
    assert own_mail([90] * 40, [20] * 10) == 0
    assert own_mail([20] * 40, [90] * 40) == 1000
    assert own_mail([90] * 30 + [20] * 30, [91] * 9) is None, "39 are too few"
