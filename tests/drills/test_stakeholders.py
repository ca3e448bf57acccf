"""Executives and partners who phone: well told they do not; untold, told wrongly or by dead mail they do."""

from functools import cache
from typing import Any

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.room.phone_calls import called_ms
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.objectives import measure
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.console import PersonView
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.document.run_document import document
from sim.report.findings.people_findings import people_findings
from sim.report.outcome import outcome

SEEDS = pytest.mark.parametrize("seed", [1, 2, 3, 4])
Given = tuple[tuple[int, str], ...]
"""Minutes after the onset, and the command."""


@cache
def scenario(name: str, outage: str = "31h", **organisation: Any) -> Scenario:
    content = load_scenario(name, {"users": "60", "outage": outage}).content()
    content["organisation"] |= organisation
    return Scenario.model_validate(content)


def played(name: str, given: Given, hours: int, seed: int = 1, outage: str = "31h") -> Session:
    """Commands given so many minutes after the onset; up to so many hours after it."""
    one = scenario(name, outage)
    session = Session(one, seed, None)
    for minutes, text in (*given, (hours * 60, "")):
        session.advance(one.outage_start_ms + minutes * MINUTE_MS)
        if text:
            assert isinstance(session.dispatch(text), Accepted)
    return session


def phoned(session: Session, who: str = "executives") -> list[int]:
    """Minutes after the onset of each call."""
    onset_ms = session.scenario.outage_start_ms
    return [(t_ms - onset_ms) // MINUTE_MS for t_ms in called_ms(session.drill.room.stakeholder_calls, who)]


HONEST = "notify executives via=phone cause=mail-server"


@SEEDS
def test_only_executives_without_timely_updates_phone(seed: int) -> None:
    told = played("exchange-down", ((30, f"{HONEST} next=2h"), (150, HONEST)), 5, seed)
    silent = played("exchange-down", (), 5, seed)
    assert phoned(told) == []
    assert len(phoned(silent)) >= 3
    assert 45 <= phoned(silent)[0] <= 75
    calls = [call for call in silent.drill.room.stakeholder_calls if call.who == "executives"]
    assert [call.name for call in calls[:2]] == ["the managing director's office", "the managing director"]
    assert [call.holds_ms // MINUTE_MS for call in calls[:4]] == [5, 10, 15, 15], "each is harder to end"


@SEEDS
def test_an_update_by_dead_email_prevents_no_calls(seed: int) -> None:
    mailed = played(
        "exchange-down", ((30, "notify executives via=email cause=mail-server next=2h"),), 5, seed
    )
    assert phoned(mailed) == phoned(played("exchange-down", (), 5, seed))


@SEEDS
def test_a_false_update_makes_them_call_again_sooner_than_a_true_one(seed: int) -> None:
    told_min, said = 35, "; ".join
    for text, says in (
        ("notify executives via=phone cause=gateway", "Others tell us something else."),
        ("notify executives via=phone state=back", "You said that email was back. It is not."),
        ("notify executives via=phone until=30m", "Email was supposed to be back by"),
    ):
        lied = played("exchange-down", ((30, text),), 4, seed)
        true = played("exchange-down", ((30, HONEST),), 4, seed)
        assert phoned(true) == []
        assert told_min < phoned(lied)[0] <= told_min + 30 + 60
        assert says in said(call.says for call in lied.drill.room.stakeholder_calls)


@SEEDS
def test_a_broken_promise_or_an_expired_update_makes_them_call_again(seed: int) -> None:
    late = phoned(played("exchange-down", ((30, f"{HONEST} next=1h"),), 5, seed))
    kept = played("exchange-down", ((30, f"{HONEST} next=1h"), (90, HONEST)), 5, seed)
    assert 35 + 60 + 10 + 15 <= late[0] <= 35 + 60 + 10 + 60
    assert phoned(kept) == []
    old = phoned(played("exchange-down", ((30, HONEST),), 7, seed))
    assert 35 + 240 + 15 <= old[0] <= 35 + 240 + 60
    asked = played("exchange-down", ((30, f"{HONEST} next=1h"), (200, HONEST)), 7, seed)
    assert [after for after in phoned(asked) if after > 205] == [], "a word ends it, late as it is"


def test_their_calls_take_the_lead_s_time() -> None:
    """A decision that is given while the managing director is on the phone waits for the end of the call."""
    text = "decide pause no because=31 hours"
    silent = played("exchange-down", (), 4)
    call = [one for one in silent.drill.room.stakeholder_calls if one.who == "executives"][2]
    again = Session(silent.scenario, 1, None)
    again.advance(call.t_ms + 1)
    lead: PersonView = next(one for one in again.snapshot().people if one.role == "incident-lead")
    assert lead.doing == "on the phone with the managing director"
    assert lead.free_at_ms is None, "nobody can say how long"
    answer = again.dispatch(text)
    assert isinstance(answer, Accepted)
    assert answer.starts_ms == call.t_ms + call.holds_ms == call.t_ms + 15 * MINUTE_MS
    told = played("exchange-down", ((30, HONEST),), 2)
    told.advance(call.t_ms + 1)
    free = told.dispatch(text)
    assert isinstance(free, Accepted)
    assert free.starts_ms == call.t_ms + 1


def test_they_phone_in_their_hours_and_on_the_next_morning_again() -> None:
    session = played("exchange-down", (), 30)
    hours = [
        (session.scenario.starts_utc_ms + call.t_ms) // HOUR_MS % 24
        for call in session.drill.room.stakeholder_calls
    ]
    assert set(hours) <= set(range(8, 19))
    assert [after for after in phoned(session) if after > 20 * 60], "on Tuesday"


def switched(*given: tuple[int, str], hours: int = 7) -> Session:
    """Everybody's program switches over by itself; commands at minutes after the onset."""
    content = load_scenario("exchange-down", {"users": "60"}).content()
    organisation = content["organisation"]
    polls = next(app for app in organisation["apps"] if app["app"] == "classic-outlook")
    organisation |= {"apps": [polls | {"share_percent": 100, "falls_back_to": None}], "groups": []}
    session = Session(Scenario.model_validate(content), 1, None)
    for minutes, text in (*given, (hours * 60, "")):
        session.advance(session.scenario.outage_start_ms + minutes * MINUTE_MS)
        if text:
            assert isinstance(session.dispatch(text), Accepted)
    return session


EVENT = (20, "continuity start for=2h via=console")


def test_executives_in_continuity_do_not_phone_until_the_event_lapses() -> None:
    lapsed = switched(EVENT)
    ended_min = (lapsed.drill.milestones["continuity.ended"] - lapsed.scenario.outage_start_ms) // MINUTE_MS
    assert ended_min + 45 <= phoned(lapsed)[0] <= ended_min + 75, "as if it had just begun for them"
    assert phoned(lapsed) != phoned(switched())
    assert phoned(switched(EVENT, (100, "continuity extend 8h"))) == []


def test_a_valid_update_prevents_calls_when_the_event_lapses() -> None:
    assert phoned(switched(EVENT, (130, HONEST), hours=6)) == []


def test_partners_report_their_own_errors_to_the_helpdesk() -> None:
    said = {}
    for name in ("exchange-down", "gateway-down", "gateway-grey", "gateway-slow", "gateway-half"):
        session = played(name, (), 5, outage="14h")
        calls = [call for call in session.drill.room.stakeholder_calls if call.who == "partners"]
        said[name] = calls[0].says.partition(";")[0] if calls else ""
        assert {call.by for call in calls} <= {"Maja Lindqvist"}
        told = played(name, ((15, "notify partners via=phone state=down"),), 5, outage="14h")
        assert phoned(told, "partners") == []
    assert said == {
        "exchange-down": "Our mail to you was accepted, but we get no answers",
        "gateway-down": "Our mail to you is queued here: your servers do not accept it",
        "gateway-grey": "Our mail to you was accepted, but we get no answers",
        "gateway-slow": "",  # for 60 users the slow filter is fast enough: nothing is late
        "gateway-half": "",
    }


def test_every_figure_of_them_is_the_same() -> None:
    session = played("gateway-down", ((40, "notify executives via=phone cause=gateway"),), 12, outage="6h")
    executives, partners = phoned(session), phoned(session, "partners")
    assert executives
    assert partners
    figures, desk = outcome(session), session.snapshot().helpdesk
    assert (figures.people.executive_calls, figures.people.partner_calls) == (len(executives), len(partners))
    assert (desk.executives, desk.partners) == (len(executives), len(partners))
    users = document(session, "none", 1.0)["users"]
    assert (users["executive_calls"], users["partner_calls"]) == (len(executives), len(partners))
    told = [text for text in people_findings(session) if "phoned" in text]
    assert len(told) == 2
    times = "once" if len(executives) == 1 else f"{len(executives)} times"
    assert any(text.startswith(f"Executives, without a current update, phoned {times}") for text in told)
    events = [event for event in session.events() if event.ref in ("executives phone", "partners phone")]
    assert [event.t_ms for event in events] == [call.t_ms for call in session.drill.room.stakeholder_calls]


def test_an_objective_may_ask_for_few_calls_and_is_lost_when_there_are_more() -> None:
    content = load_scenario("exchange-down", {"users": "60"}).content()
    content["objectives"] = [
        {
            "id": "quiet",
            "learns": "tell them first",
            "targets": [{"measure": "executive-calls", "at_most": 1}],
            "source": "test",
        }
    ]
    one = Scenario.model_validate(content)
    session = Session(one, 1, None)
    session.advance(one.outage_start_ms + 5 * HOUR_MS)
    (view,) = session.snapshot().objectives
    second_ms = called_ms(session.drill.room.stakeholder_calls, "executives")[1]
    assert (view.state, view.at_ms) == ("failed", second_ms)
    assert measure(session.drill) == {"executive-calls": len(phoned(session))}
