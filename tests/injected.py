"""A drill in which everything that people or files can write holds markup."""

from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.drill.services.real_mail import Letter
from sim.drill.session.journal_header import scenario_document, scenario_from_document
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.paper.after_action import AfterAction
from tests.plays import ONSET_MS, small

PAYLOAD = "<script>stolen()</script><img src=x onerror=y>\"' onload='z' &lt;b&gt; ]]> --> `|**[a](b) =1+1"
_FREE = {"title", "briefing", "name", "text", "learns", "source", "says", "from", "sources", "description"}
"""Keys whose values are free text in a scenario's file."""


def injected_scenario(outage: str = "2h") -> Scenario:
    """`exchange-down` with the payload in every free text of its file."""
    document = scenario_document(small(outage))
    document["content"] = _with_payload(document["content"])
    return scenario_from_document(document)


def _with_payload(node: Any, key: str = "") -> Any:
    if isinstance(node, dict):
        return {name: _with_payload(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_with_payload(value, key) for value in node]
    return f"{node} {PAYLOAD}" if isinstance(node, str) and key in _FREE else node


def injected_session(until_ms: int = 200 * HOUR_MS, outage: str = "2h") -> Session:
    """A drill of it in which each text of a command and of a real message holds the payload too."""
    session = Session(injected_scenario(outage), 1, None)
    session.launch = {"runbook": PAYLOAD}
    quoted = PAYLOAD.replace("\\", "\\\\").replace('"', '\\"')
    session.advance(ONSET_MS + 10 * MINUTE_MS)
    session.receive(Letter(PAYLOAD, (PAYLOAD,), PAYLOAD, 700, "0001.eml"))
    for command in (
        f"note {PAYLOAD}",
        f'notify users via=sms cause=server text="{quoted}"',
        f'decide pause no because="{quoted}"',
        "deliveries pause inbound",
        PAYLOAD,
    ):
        session.dispatch(command)
    session.advance(until_ms)
    return session


def injected_form() -> AfterAction:
    """An after-action form with the payload in every text."""
    overview = dict.fromkeys(
        ("exercise", "dates", "scope", "threat", "scenario", "sponsor", "contact"), PAYLOAD
    )
    action = dict.fromkeys(
        ("observation", "reference", "analysis", "capability", "action", "responsible", "contact", "start"),
        PAYLOAD,
    )
    return AfterAction.model_validate(
        {
            "mxdrill": 1,
            "overview": {**overview, "capabilities": [PAYLOAD], "organisations": [PAYLOAD]},
            "objectives": [{"id": "users-told", "rating": "S", "observation": PAYLOAD}],
            "strengths": [PAYLOAD],
            "improvements": [action],
            "hot_wash": [PAYLOAD],
            "plan_version": PAYLOAD,
            "next_test": PAYLOAD,
        }
    )
