"""Every shipped outage of the mail server side: cut anywhere, forked, played again: one history."""

from pathlib import Path

import pytest

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.draws import mix_one
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder
from sim.mail.message.traffic import INBOUND
from tests.drills.played import scenario
from tests.plays import told

ONSET_MS = 90 * MINUTE_MS
GIVEN = (
    (5, "signin break-glass"),
    (9, "continuity start group=clinics for=3h"),
    (14, "signin cloud"),
    (15, "permissions set on app=mobile group=clinics"),
    (15, "notify users via=sms next=1h"),
    (20, "notify executives via=phone cause=gateway next=1h"),
    (40, "continuity start group=all for=5h at=12:30"),
    (70, "queue retry inbound"),
    (95, "continuity test"),
    (110, "continuity extend 30m event=1"),
    (200, "queue bounce inbound"),
    (215, "deliveries pause inbound"),
    (260, "continuity end event=2"),
    (300, "deliveries resume inbound"),
)
UNTIL_MS = ONSET_MS + 8 * HOUR_MS


def play_cut(one: Scenario, seed: int, longest_step_ms: int | None, path: Path | None = None) -> Session:
    """GIVEN in the drill `one`, advanced in steps of drawn lengths (None: in one piece)."""
    session = Session.start(one, seed, path)
    step = 0
    for at_ms, text in [*((ONSET_MS + minutes * MINUTE_MS, text) for minutes, text in GIVEN), (UNTIL_MS, "")]:
        while session.now_ms < at_ms:
            step += 1
            length = at_ms if longest_step_ms is None else 1 + mix_one(seed, "cut", step) % longest_step_ms
            session.advance(min(at_ms, session.now_ms + length))
            if longest_step_ms is not None and step % 5 == 0:
                session.snapshot()
        if text:
            session.dispatch(text)
    return session


@pytest.mark.parametrize("name", ["m365-offline", "m365-access-only", "m365-partial", "m365-intermittent"])
def test_any_division_of_time_gives_the_same_history(name: str, tmp_path: Path) -> None:
    told_alike(scenario(name, 40), tmp_path)


def told_alike(one: Scenario, folder: Path) -> Session:
    """The drill in one piece, told as in many, as replayed and as forked."""
    whole = play_cut(one, 3, None, folder / "whole.jsonl")
    expected = told(whole)
    for longest_ms in (37 * MINUTE_MS, 7 * MINUTE_MS):
        assert told(play_cut(one, 3, longest_ms)) == expected
    whole.close()
    assert told(Session.replay(folder / "whole.jsonl"))["digest"] == expected["digest"]
    fork = whole.fork(ONSET_MS + 2 * HOUR_MS)
    assert fork.digest() == Session.replay(folder / "whole.jsonl", ONSET_MS + 2 * HOUR_MS).digest()
    return whole


def test_full_mailboxes_lists_and_delay_notices_do_not_depend_on_the_division_of_time(tmp_path: Path) -> None:
    """A shared mailbox that soon is shut, bulk senders who take note, receivers that put mail off."""
    path = tmp_path / "full.yaml"
    base = shipped_folder() / "outages" / "m365-offline.yaml"
    fault = "  - { id: listed, at: T+4h, for: 4h, fault: receivers answer 4xx, share_percent: 60 }\n"
    head = f"mxdrill: 1\nlike: {base}\nid: full\ntitle: Full\ntimeline:\n{fault}"
    path.write_text(f"{head}organisation: {{ include: office.yaml }}\n", encoding="utf-8")
    office = f"like: {shipped_folder() / 'organisations' / 'meridian-1000.yaml'}\nid: office\nname: Office\n"
    few = (
        "server: { name: Exchange Online, platform: exchange-online, connections: 50, users_per_source: 900, "
        "per_message: 1s, mailbox_per_hour: 40, source: a small one, confidence: assumed }\n"
    )
    (tmp_path / "office.yaml").write_text(f"mxdrill: 1\n{office}{few}", encoding="utf-8")
    one = load_scenario(str(path), {"users": "40", "outage": "3h", "busy": "500"})
    whole = told_alike(one, tmp_path)
    assert whole.drill.world.ledger.rejected[INBOUND] > 20
    assert whole.drill.world.ledger.suppressed > 0
    assert [event for event in whole.events() if event.ref == "delay-notice"]
