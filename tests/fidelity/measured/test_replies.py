"""Real senders whose destination's DNS says in five ways that there is no mail host."""

import json
from pathlib import Path

import pytest

from sim.mail.platforms.smtp_reply import Lookup, SenderAction, classify_lookup

RUNS = sorted((Path(__file__).parent / "runs").glob("e9-*.json"))
FOUND = {
    "nxdomain": Lookup.NXDOMAIN,
    "nodata": Lookup.NO_DATA,
    "nullmx": Lookup.NULL_MX,
    "dangling": Lookup.DANGLING_MX,
}
OVERRIDES = {
    "sendmail": {"dangling_mx": SenderAction.WAIT},
    "opensmtpd": {"dangling_mx": SenderAction.WAIT, "no_data": SenderAction.WAIT},
}
"""What these two do otherwise than RFC 5321 §5.1 says."""


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_lookup_without_a_host_bounces_at_once_or_waits(path: Path) -> None:
    run = json.loads(path.read_text())
    verdict = classify_lookup(FOUND[path.stem.rsplit("-", 1)[1]], OVERRIDES.get(run["software"]))
    bounces = [d["t"] - run["injections"][0]["t"] for d in run["dsn"] if d["action"] == "failed"]
    assert run["attempts"] == []
    assert (verdict.outcome is SenderAction.BOUNCE) == bool(bounces)
    assert all(after <= 0.3 for after in bounces)
    assert all(d["status"].startswith(verdict.status[0]) for d in run["dsn"])


def test_there_are_runs() -> None:
    assert len(RUNS) == 6
