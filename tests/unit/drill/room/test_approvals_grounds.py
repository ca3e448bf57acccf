"""On what an approver signs: what people have seen, in which order, and what they made of it."""

import pytest

from sim.drill.room.approvals import NOT_THE_GATEWAY, NOTHING_SEEN, NOTHING_STATED, lacking
from sim.drill.room.diagnosis import Diagnosis
from sim.drill.room.evidence import (
    ALERT,
    CONNECTOR,
    CONSOLE,
    GATEWAY_FAILS,
    PARTNER,
    PROBED,
    ROUND_TRIP,
    SENT,
    SERVER_FAILS,
    Sighting,
)
from sim.mail.routes.inbound import GATEWAY

FIRST, SECOND = GATEWAY


def fails(t_ms: int, by: str, of: frozenset[str] = GATEWAY_FAILS) -> Sighting:
    return Sighting(t_ms, fails=of, by=by)


def works(t_ms: int, by: str, what: frozenset[str] = PROBED) -> Sighting:
    return Sighting(t_ms, what, by=by)


def asked(*seen: Sighting, stated: str = "gateway") -> str:
    diagnoses = [Diagnosis(0, "a", stated, "refuses")] if stated else []
    return lacking(diagnoses, seen, str)


def test_a_statement_is_no_evidence_and_the_no_says_what_would_be() -> None:
    assert asked() == NOTHING_SEEN
    assert "`probe mx all`" in NOTHING_SEEN
    assert asked(stated="") == NOTHING_STATED
    assert asked(works(5, "", frozenset({"mail-server"}))) == NOTHING_SEEN, "that says nothing of the gateway"


@pytest.mark.parametrize("by", [FIRST, CONNECTOR, ROUND_TRIP, CONSOLE, PARTNER])
def test_what_was_seen_to_fail_bears_a_statement_out(by: str) -> None:
    assert asked(fails(5, by)) == ""


def test_a_host_that_takes_nothing_needs_no_statement_and_a_probe_that_stays_away_does() -> None:
    assert asked(fails(5, FIRST), stated="") == asked(fails(5, FIRST), stated="mail-server") == ""
    assert asked(fails(5, FIRST, PROBED), stated="") == NOTHING_STATED, "it may be the mail server's fault"
    assert asked(fails(5, FIRST, PROBED), stated="mail-server") == NOT_THE_GATEWAY
    assert asked(fails(5, FIRST, PROBED)) == ""


def test_what_has_worked_since_weighs_more() -> None:
    to_work = "your own test of 9 shows that it accepts mail"
    assert asked(fails(5, FIRST), works(9, FIRST)) == to_work
    assert asked(works(5, FIRST), fails(9, FIRST)) == ""
    assert asked(fails(5, CONNECTOR), works(9, CONNECTOR, SENT)) == to_work
    assert asked(works(9, FIRST)) == to_work
    for indirect in (ROUND_TRIP, CONSOLE, PARTNER):
        assert asked(fails(5, indirect), works(9, FIRST)) == to_work
        assert asked(works(5, FIRST), fails(9, indirect)) == ""


def test_the_gateways_own_alert_says_that_the_mail_server_fails_until_it_is_over() -> None:
    alert, over = Sighting(5, GATEWAY_FAILS, SERVER_FAILS, ALERT), Sighting(12, by=ALERT)
    alerted = "its own alert of 5 reports that your mail server does not accept its deliveries"
    assert asked(alert) == alerted
    for may_be_the_servers in (fails(9, FIRST, PROBED), fails(9, ROUND_TRIP, PROBED), fails(9, CONSOLE)):
        assert asked(may_be_the_servers) == ""
        assert asked(alert, may_be_the_servers) == alerted
        assert asked(alert, may_be_the_servers, over) == ""
    assert asked(alert, fails(9, FIRST)) == asked(alert, fails(9, CONNECTOR)) == "", "seen with own eyes"


def test_one_host_that_works_does_not_take_back_the_other_nor_the_way_out() -> None:
    assert asked(fails(5, FIRST), works(9, SECOND)) == ""
    assert asked(fails(5, CONNECTOR), works(9, FIRST)) == ""
