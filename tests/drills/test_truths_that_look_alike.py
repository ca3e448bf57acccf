"""Twin truths: worlds that no instrument tells apart look the same, and differ once one does."""

from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.console import Snapshot
from sim.kernel.duration import HOUR_MS, MINUTE_MS

INVENTED = {"source": "test", "confidence": "assumed"}


@cache
def content(name: str) -> dict[str, Any]:
    return load_scenario(name, {"users": "200"}).content()


def twin(name: str, organisation: dict[str, Any] | None = None, **fault: Any) -> Session:
    """A drill of `name` whose first fault and whose organisation are otherwise; None: without that key."""
    raw = deepcopy(content(name))
    first = raw["timeline"][0] | fault
    raw["timeline"][0] = {key: value for key, value in first.items() if value is not None}
    raw["organisation"] |= organisation or {}
    return Session(Scenario.model_validate(raw), 1, None)


def seen(session: Session, after_ms: int) -> tuple[Snapshot, list[Event], list[int]]:
    """Everything on the screen so long after the onset: figures, what was said, the plotted queue."""
    session.advance(session.scenario.outage_start_ms + after_ms)
    said = [event for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE]
    said = [Event(0, event.t_ms, event.kind, event.source, event.text, event.ref) for event in said]
    return session.snapshot(), said, session.series("queue", 0, session.now_ms, 50)


# A gateway whose console cannot be reached


def gateway(failure: str, console: str = "unreachable", phones: str = "executives") -> Session:
    """Partners do not phone, who would say what their servers met."""
    people = content("gateway-down")["organisation"]["stakeholders"]
    some = {"stakeholders": [one for one in people if one["who"] in phones]}
    return twin("gateway-down", some, fault=failure, direction="inbound", console=console, reply=None)


@pytest.mark.parametrize("failure", ["times out", "answers 4xx", "accepts and holds", "rejects"])
def test_how_a_gateway_fails_shows_to_nobody_who_does_not_look(failure: str) -> None:
    refuses, other = gateway("gateway refuses"), gateway(f"gateway {failure}")
    for minute in (1, 5, 20, 55, 170):
        assert seen(refuses, minute * MINUTE_MS) == seen(other, minute * MINUTE_MS), minute
    for session in (refuses, other):
        assert isinstance(session.dispatch("probe mx all"), Accepted)
    assert seen(refuses, 4 * HOUR_MS) != seen(other, 4 * HOUR_MS), "whoever tests port 25 knows"


def test_partners_who_phone_say_what_their_servers_met() -> None:
    said = {}
    for failure in ("refuses", "answers 4xx", "accepts and holds", "rejects"):
        events = seen(gateway(f"gateway {failure}", phones="executives partners"), 70 * MINUTE_MS)[1]
        (said[failure],) = (event.text.partition(";")[0] for event in events if event.ref == "partners phone")
    waits = "Our mail to you is queued here: your servers do not accept it"
    assert said == {
        "refuses": waits,
        "answers 4xx": waits,
        "accepts and holds": "Our mail to you was accepted, but we get no answers",
        "rejects": "Our mail to you bounces at once: your servers reject it",
    }


def test_a_console_that_works_tells_holding_from_refusing() -> None:
    one, other = gateway("gateway refuses", "works"), gateway("gateway accepts and holds", "works")
    assert seen(one, 20 * MINUTE_MS)[0].hops != seen(other, 20 * MINUTE_MS)[0].hops


# Who is hit


def offline(share: int | None, **calls: Any) -> Session:
    """So many of the users are without mail, no executive phones, no administrator is signed in anywhere."""
    raw = content("m365-access-only")["organisation"]
    away = [one | {"hours": "Mon-Fri 12:00-18:00"} for one in raw["staff"]]
    silent: dict[str, Any] = {"stakeholders": [], "calls": raw["calls"] | calls, "staff": away}
    return twin("m365-access-only", silent, share_percent=share, sign_in="lost")


def test_half_of_the_users_look_like_all_of_them_before_anybody_has_called() -> None:
    some, everybody = offline(50), offline(None)
    first_ms = next(ms for ms in range(0, HOUR_MS, 1000) if called(everybody, ms))
    assert first_ms > MINUTE_MS
    half = offline(50)
    assert seen(half, first_ms - 1000) == seen(offline(None), first_ms - 1000)
    assert seen(some, 2 * HOUR_MS)[0].helpdesk != seen(everybody, 2 * HOUR_MS)[0].helpdesk


def called(session: Session, after_ms: int) -> bool:
    return seen(session, after_ms)[0].helpdesk.calls > 0


def test_where_nobody_calls_nobody_knows_how_many_are_without_mail() -> None:
    silent: dict[str, Any] = {"share_percent": 0, "again_permille": (0,) * 24}
    half, everybody = offline(50, **silent), offline(None, **silent)
    for hour in (1, 3, 8):
        assert seen(half, hour * HOUR_MS) == seen(everybody, hour * HOUR_MS), hour
    lost = [one.drill.world.users.absences.lost.mean() for one in (half, everybody)]
    assert lost[0] < 0.6 < lost[1] == 1


# What becomes of mail outside


def senders(platform: str) -> Session:
    outside = content("gateway-down")["organisation"]["correspondents"]
    mix = [{"platform": platform, "share_percent": 100}]
    return twin("gateway-down", {"correspondents": outside | {"mix": mix}})


def test_who_gives_up_outside_shows_nowhere_before_the_gateway_is_back() -> None:
    patient, hasty = senders("exim"), senders("mailgun")
    assert seen(patient, 13 * HOUR_MS) == seen(hasty, 13 * HOUR_MS)
    returned = [one.drill.world.custody()["inbound"].get("bounced", 0) for one in (patient, hasty)]
    assert returned[0] == 0 < returned[1]
    assert seen(patient, 15 * HOUR_MS)[0].hops != seen(hasty, 15 * HOUR_MS)[0].hops
