"""Scenario files as somebody would write them: like a shipped one, with something more."""

from pathlib import Path
from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.shipped_folder import shipped_folder


def exchange_down_with(folder: Path, *faults: str, more: str = "", **settings: str) -> Session:
    """A drill of `exchange-down` with further faults, from a file in `folder`; `more`: further keys."""
    base = shipped_folder() / "outages" / "exchange-down.yaml"
    rows = "".join(f"  - {{ id: more-{number}, {fault} }}\n" for number, fault in enumerate(faults))
    timeline = f"timeline:\n{rows}" if rows else ""
    path = folder / "mine.yaml"
    path.write_text(f"mxdrill: 1\nlike: {base}\nid: mine\ntitle: Mine\n{more}{timeline}", encoding="utf-8")
    return Session.start(load_scenario(str(path), settings), 1)


def with_injects(scenario: Scenario, **injects: dict[str, Any]) -> Scenario:
    """`scenario` with these injects only, by id."""
    said = {"kind": "call", "from": "test", "to": "messaging-admin", "text": "x"}
    content = scenario.content()
    content["injects"] = [{"id": name, **said, **more} for name, more in injects.items()]
    content["organisation"]["stakeholders"] = []
    return Scenario.model_validate(content)
