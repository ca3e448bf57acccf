"""Every shipped outage of the mail server side: cut anywhere, forked, played again: one history."""

from pathlib import Path

import pytest

from sim.drill.session import Session
from sim.kernel.draws import mix_one
from sim.kernel.duration import HOUR_MS, MINUTE_MS
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


def play_cut(name: str, seed: int, longest_step_ms: int | None, path: Path | None = None) -> Session:
    """GIVEN in the drill `name`, advanced in steps of drawn lengths (None: in one piece)."""
    session = Session.start(scenario(name, 40), seed, path)
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
def test_any_cut_gives_the_same_history(name: str, tmp_path: Path) -> None:
    whole = play_cut(name, 3, None, tmp_path / "whole.jsonl")
    expected = told(whole)
    for longest_ms in (37 * MINUTE_MS, 3 * MINUTE_MS):
        assert told(play_cut(name, 3, longest_ms)) == expected
    whole.close()
    assert told(Session.replay(tmp_path / "whole.jsonl"))["digest"] == expected["digest"]
    fork = whole.fork(ONSET_MS + 2 * HOUR_MS)
    assert fork.digest() == Session.replay(tmp_path / "whole.jsonl", ONSET_MS + 2 * HOUR_MS).digest()
