"""Real senders whose destination's DNS says in five ways that there is no mail host."""

import json
from pathlib import Path

import pytest

from sim.mail.platforms.mx_lookup import Lookup, classify_lookup
from sim.mail.platforms.platform import load_platform
from sim.mail.platforms.smtp_reply import SenderAction
from tests.fidelity.measured.recorded import RUNS as RUNS_IN
from tests.fidelity.measured.recorded import always, recorded
from tests.oracle.destination import Host, Resolver, Timeline
from tests.oracle.senders import World, relay
from tests.shipped import FILES

RUNS = sorted(RUNS_IN.glob("e9-*.json"))
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


BOUNCED = {
    ("exim", "no host"): "5.0.0",
    ("courier", "no host"): "5.0.0",
    ("opensmtpd", "no host"): "5.0.0",
    ("sendmail", "no_data"): "5.1.2",
    ("opensmtpd", "550"): "5.0.0",
    ("postfix", "421"): "4.3.2",
}
"""The statuses in bounces of real servers, by what the destination did; read from runs that are not kept
here.
"""


@pytest.mark.parametrize(("software", "what"), BOUNCED)
def test_the_status_in_a_bounce(software: str, what: str) -> None:
    """`no host`: every lookup without a host that bounces at all."""
    platform = load_platform(FILES, software)
    file = platform.file
    reply = {"550": "reject", "421": "greeting_4xx"}.get(what)
    found = [name for name, fact in file.lookups.items() if fact.value == "bounce"]
    causes = [reply] if reply else found if what == "no host" else [what]
    for cause in causes:
        host = Host("mx1", Timeline(((0, cause),)))
        mx = Resolver(Timeline(((0, ("mx1",) if reply else cause),)))
        history = relay(World(platform, [1_000], [host], mx, 10 * 86_400_000, 137_000))
        assert (history.messages[0].fate, history.messages[0].status) == ("bounced", BOUNCED[software, what])
    assert len(causes) == (1 if what != "no host" else 2 if software == "opensmtpd" else 4)


@pytest.mark.parametrize("name", sorted(path.stem for path in RUNS_IN.glob("e16-*-blackhole.json")))
def test_the_status_in_a_bounce_after_time_outs(name: str) -> None:
    """A host that drops packets, until the message is too old: connections, bounce and status."""
    run = recorded(name)
    (bounce,) = (d for d in run.run["dsn"] if d["action"] == "failed")
    history = relay(run.world(always("mxbh")(run), as_seen=run.period_ms > 0))
    (message,) = history.messages
    assert (message.fate, message.status) == ("bounced", bounce["status"])
    assert message.ended_ms == pytest.approx(run.ms(bounce["t"]), abs=run.tolerance_ms)
    assert len(history.connections) == len(run.connections_ms())


def test_there_are_runs() -> None:
    assert len(RUNS) == 6
