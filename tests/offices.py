"""`exchange-down` with other people around it: vendors that run things, approvers, working hours."""

from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import MINUTE_MS
from tests.plays import ONSET_MS, small

APPROVALS = {
    "answer_minutes": [10, 15, 25, 60],
    "refuses_percent": 0,
    "source": "test",
    "confidence": "assumed",
}
APPROVER = {"id": "sandoval", "name": "Ines Sandoval", "role": "security-approver"}


def office(outage: str = "6h", **changes: Any) -> Scenario:
    """Microsoft runs the mail server, security must approve, no executive or partner phones.

    `changes` replace keys of the organisation; `fault`: keys of the one fault.
    """
    content = small(outage).content()
    content["timeline"][0] |= changes.pop("fault", {})
    organisation = content["organisation"]
    others = [person for person in organisation["staff"] if person["role"] != APPROVER["role"]]
    organisation["staff"] = [*others, APPROVER]
    organisation["approvals"] = APPROVALS
    organisation["stakeholders"] = []
    organisation["vendors"] = [
        {"vendor": "gateway-vendor", "runs": ["gateway"], "priority_messages": True},
        {"vendor": "microsoft", "runs": ["mail-server", "sign-in"]},
    ]
    content["organisation"] = {**organisation, **changes}
    named = [use["vendor"] for use in content["organisation"]["vendors"]]
    for channel in organisation["channels"]:
        channel["run_by"] = channel["run_by"] if channel["run_by"] in named else None
    return Scenario.model_validate(content)


def start(scenario: Scenario, at_ms: int, seed: int = 1) -> Session:
    """A drill of it at that moment."""
    session = Session(scenario, seed, None)
    session.advance(at_ms)
    return session


def played(scenario: Scenario, *given: tuple[int, str]) -> Session:
    """Commands at minutes since the onset, then to the end."""
    session = Session(scenario, 1, None)
    for minute, text in given:
        session.advance(ONSET_MS + minute * MINUTE_MS)
        session.dispatch(text)
    play(session, None, FOREVER_MS)
    return session
