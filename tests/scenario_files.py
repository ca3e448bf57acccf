"""Scenario files as somebody would write them: like a shipped one, with something more."""

from pathlib import Path

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
