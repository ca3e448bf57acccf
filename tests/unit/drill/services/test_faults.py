"""Faults in which a component answers 5xx: mail is returned at once, by whoever has it then."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.drill.commands.gateway.queue_report import of_batch
from sim.drill.commands.outcome import Accepted
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS

FOR_MS = 2 * HOUR_MS


def played(name: str, fault: dict[str, Any]) -> Session:
    changed = load_scenario(name, {"users": "40"}).content()
    changed["timeline"] = [{**changed["timeline"][0], "for": "2h", "reply": None, **fault}]
    changed["parameters"] = {}
    session = Session.start(Scenario.model_validate(changed), 1)
    while not session.ended:
        session.advance(session.now_ms + HOUR_MS)
    return session


def test_a_mail_server_that_rejects_has_the_gateway_return_what_it_accepted() -> None:
    session = played("exchange-down", {"fault": "mail-server rejects"})
    world, fault = session.drill.world, session.scenario.timeline[0]
    during = world.arrived.between(fault.at_ms, fault.until_ms)
    assert during > 20
    book = world.custody()["inbound"]
    assert book["rejected"] == during
    assert book["suppressed"] > 10, "who was refused is on lists afterwards"
    assert book["delivered"] == world.generated()[0] - during - book["suppressed"]
    assert world.flags()["recoverable"] == during, "the gateway had them"
    assert session.drill.faults.last_reply() == "550 5.1.1 no such user here"
    first_ms = session.drill.milestones["bounce.first"]
    assert fault.at_ms <= first_ms < fault.at_ms + HOUR_MS, "what is refused for good is returned at once"


def test_a_gateway_that_rejects_keeps_nothing_of_what_comes_back() -> None:
    session = played("gateway-down", {"fault": "gateway rejects", "direction": "inbound"})
    world, fault = session.drill.world, session.scenario.timeline[0]
    assert world.arrived.between(fault.at_ms, fault.until_ms) == 0
    book = world.custody()["inbound"]
    assert book["rejected"] > 20
    assert set(book) == {"delivered", "rejected", "suppressed"}
    assert world.flags()["recoverable"] == 0
    assert world.custody()["outbound"] == {"delivered": world.generated()[1]}


def test_a_gateway_that_rejects_what_users_send_has_it_returned_to_them() -> None:
    session = played("gateway-down", {"fault": "gateway rejects", "direction": "outbound"})
    world = session.drill.world
    assert world.custody()["outbound"]["rejected"] > 5
    assert world.custody()["inbound"] == {"delivered": world.generated()[0]}


def test_the_gravest_of_two_faults_decides_and_who_gets_no_connection_hears_no_5xx() -> None:
    changed = load_scenario("exchange-down", {"users": "40"}).content()
    refuses = {**changed["timeline"][0], "for": "2h"}
    rejects = {**refuses, "id": "rejects", "fault": "mail-server rejects", "reply": None}
    changed["timeline"], changed["parameters"] = [refuses, rejects], {}
    session = Session.start(Scenario.model_validate(changed), 1)
    session.advance(Fault.model_validate(refuses).until_ms)
    assert session.drill.world.custody()["inbound"].get("rejected", 0) == 0
    assert session.drill.world.custody()["inbound"]["gateway_queue"] > 20


def test_a_share_is_of_the_gateways_faults_only() -> None:
    fault = {"id": "one", "at": "T+1h", "fault": "mail-server rejects", "for": "1h", "share_percent": 50}
    with pytest.raises(ValidationError, match="`share_percent` belongs to"):
        Fault.model_validate(fault)
    assert Fault.model_validate({**fault, "fault": "gateway rejects"}).share_percent == 50


def test_an_attempt_forced_at_a_server_that_rejects_puts_nothing_back() -> None:
    changed = load_scenario("exchange-down", {"users": "40"}).content()
    refuses = {**changed["timeline"][0], "for": "2h"}
    rejects = {**refuses, "id": "rejects", "fault": "mail-server rejects", "reply": None, "for": "4h"}
    changed["timeline"], changed["parameters"] = [refuses, rejects], {}
    session = Session.start(Scenario.model_validate(changed), 1)
    session.advance(Fault.model_validate(refuses).until_ms)
    answer = session.dispatch("queue retry inbound")
    assert isinstance(answer, Accepted)
    session.advance(answer.effective_ms + MINUTE_MS)
    (batch,) = session.drill.batches.all
    assert (batch.taken, batch.returned) == (0, len(batch.ids))
    assert batch.returned > 5
    assert of_batch(session.drill, batch).endswith(f"0 accepted, {batch.returned} returned to their senders")
    again = session.dispatch("queue retry inbound")
    assert isinstance(again, Accepted)
    session.advance(again.effective_ms + 1)
    done = [event.text for event in session.events() if event.kind == "done"]
    assert done[-1] == "the inbound queue is empty; there is nothing to retry"
    assert len(session.drill.batches.all) == 1
