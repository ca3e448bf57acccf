"""What no gateway publishes, in both readings: extensions and queued mail, pauses and the 96 h."""

from pathlib import Path

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder
from tests.given import done
from tests.plays import ONSET_MS, check_conservation
from tests.scenario_files import exchange_down_with

HERE = shipped_folder()


def session_of(folder: Path, key: str, value: str, *faults: str) -> Session:
    """For 120 h, 20 users, with one key of the gateway set; more `faults`."""
    text = (HERE / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")
    before = {"covers_queued": "true", "while_paused": "counts", "while_dead": "counts"}[key]
    assert f"{key}: {before}\n" in text
    (folder / "org.yaml").write_text(
        text.replace(f"{key}: {before}\n", f"{key}: {value}\n"), encoding="utf-8"
    )
    organisation = "organisation:\n  include: org.yaml\n"
    return exchange_down_with(folder, *faults, more=organisation, users="20", outage="120h")


def given(session: Session, hours: float, text: str) -> str:
    session.advance(ONSET_MS + int(hours * HOUR_MS))
    return done(session, text)


def bounced(session: Session, hours: float) -> int:
    session.advance(ONSET_MS + int(hours * HOUR_MS))
    check_conservation(session)
    return int(session.drill.world.ledger.expired.sum())


@pytest.mark.parametrize("covers", [True, False])
def test_an_extension_covers_what_is_queued_or_only_what_comes_later(tmp_path: Path, covers: bool) -> None:
    session = session_of(tmp_path, "covers_queued", str(covers).lower())
    text = given(session, 40, "queue extend inbound 8d")
    queue = session.drill.world.queue
    queued = queue.depth()
    assert queued > 200
    told = "support: inbound retention is now 8 d"
    assert text == (told if covers else f"{told} for new mail; queued mail keeps 4 d")
    came_ms = session.now_ms
    assert bounced(session, 95) == 0
    shown = session.snapshot().queue
    oldest_ms = int(queue.live().arrival_ms.min())
    assert shown.first_expiry_ms == oldest_ms + (192 if covers else 96) * HOUR_MS
    assert bounced(session, 119) == (0 if covers else (queue.bounced.before(ONSET_MS + 119 * HOUR_MS)))
    late = [at_ms for at_ms in queue.live().arrival_ms.tolist() if at_ms >= came_ms]
    assert len(late) > 100, "what came after it waits on"
    if not covers:
        assert bounced(session, 119) > 100
        assert int(queue.live().arrival_ms.min()) > session.now_ms - 96 * HOUR_MS


@pytest.mark.parametrize("value", ["counts", "does not count"])
def test_paused_time_counts_toward_the_96_hours_or_not(tmp_path: Path, value: str) -> None:
    """Paused from 60 h to 100 h, with the server away until 120 h: what is past 96 h bounces on resuming,
    or keeps the 36 h that it had left.
    """
    session = session_of(tmp_path, "while_paused", value)
    given(session, 60, "deliveries pause inbound")
    assert bounced(session, 99) == 0
    given(session, 100, "deliveries resume inbound")
    old = bounced(session, 101)
    if value == "counts":
        assert old > 50
        return
    assert bounced(session, 119.9) == 0
    queue = session.drill.world.queue
    session.advance(ONSET_MS + 119 * HOUR_MS)
    assert not queue.slots.kept.uniform
    ((begun_ms, over_ms),) = queue.slots.kept._stood
    assert over_ms - begun_ms == pytest.approx(40 * HOUR_MS, abs=10 * MINUTE_MS)


@pytest.mark.parametrize("value", ["counts", "does not count"])
def test_time_in_a_dead_gateway_counts_or_not(tmp_path: Path, value: str) -> None:
    """The gateway is dead from 60 h to 100 h of the server's outage."""
    session = session_of(tmp_path, "while_dead", value, "at: T+61h12m, for: 40h, fault: gateway refuses")
    assert bounced(session, 99.9) == 0, "nothing inside moves"
    back = bounced(session, 100 + 1 / 60)
    assert (back > 50) == (value == "counts")
    assert bounced(session, 119.9) == 0 if value != "counts" else bounced(session, 119.9) > back
