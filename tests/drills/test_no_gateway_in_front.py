"""An organisation whose MX record names the tenant itself: its senders meet what the tenant does."""

from pathlib import Path

import pytest

from sim.drill.commands.command import NO_GATEWAY, OF_THE_GATEWAY
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS
from sim.kernel.shipped_folder import shipped_folder
from tests.given import done, open_kinds, refused
from tests.plays import check_conservation
from tui.playing.control_desk import ControlDesk
from tui.playing.drill_language import DrillLanguage
from tui.playing.open_drill import _opened
from tui.screens.panes import DRAWS

ORGANISATION = """mxdrill: 1
like: {like}
id: direct
name: Meridian without a gateway (fictional)
zone:
  mx: server
  mta_sts: {{ mode: none, source: invented, confidence: assumed }}
  source: invented
  confidence: assumed
guard: {{ lock: {lock}, filters: true, source: invented, confidence: assumed }}
outbound_paths:
  before: direct
  source: invented
  confidence: assumed
  direct: {{ source: invented, confidence: assumed }}
  secondary: {{ source: invented, confidence: assumed }}
  receivers: {{ source: invented, confidence: assumed }}
"""
FAULT = "fault: mail-server is intermittent, by: sender, share_percent: 30"
SCENARIO = """mxdrill: 1
like: {like}
id: straight
title: Straight to the tenant
organisation: {{ include: direct.yaml }}
timeline:
  - {{ id: flickering, at: T+1h30m, for: 108h, {fault} }}
"""


def session_of(folder: Path, lock: str = "open") -> Session:
    """100 users; from T+1h30m to T+7h30m three in ten senders are deferred."""
    like = shipped_folder() / "organisations" / "meridian-1000.yaml"
    (folder / "direct.yaml").write_text(ORGANISATION.format(like=like, lock=lock), encoding="utf-8")
    like = shipped_folder() / "outages" / "m365-intermittent.yaml"
    (folder / "straight.yaml").write_text(SCENARIO.format(like=like, fault=FAULT), encoding="utf-8")
    return Session.start(load_scenario(str(folder / "straight.yaml"), {"users": "100", "outage": "6h"}), 1)


def test_mail_comes_straight_and_waits_with_the_senders_that_are_throttled(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(HOUR_MS)
    assert (
        len(session.drill.world.inbound.direct) == session.drill.world.custody()["inbound"]["delivered"] > 300
    )
    session.advance(7 * HOUR_MS)
    still = session.drill.world.inbound.hop.live() if session.drill.world.inbound.hop is not None else None
    assert still is not None
    assert len(still.id) > 400
    assert max(still.written_ms.max() - still.written_ms.min(), 0) > 5 * HOUR_MS, "some never get through"
    assert len(session.drill.world.queue.entered) == 0, "no gateway has seen any of it"
    assert not [event for event in session.events() if event.kind in ("monitor", "sms")]
    check_conservation(session)
    session.advance(14 * HOUR_MS)
    assert "at_sender" not in session.drill.world.custody()["inbound"]
    assert (session.drill.world.ledger.delay_ms(0, 95) or 0) > 4 * HOUR_MS
    check_conservation(session)


def test_outbound_mail_leaves_straight_from_the_tenant(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    connector = session.drill.protection.connector
    session.advance(9 * HOUR_MS)
    world = session.drill.world
    outbound = world.custody()["outbound"]
    assert connector == "direct"
    assert outbound["delivered"] + outbound.get("junked", 0) > 300
    assert len(world.writers.outbound.handed_ms["gateway"]) == 0
    assert len(world.writers.outbound.handed_ms["direct"]) > 300
    assert session.drill.protection.connected == []
    check_conservation(session)


def test_the_route_on_the_screen_has_no_gateway(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(HOUR_MS)
    found = [(hop.source, hop.target, hop.state) for hop in session.snapshot(0).hops]
    assert found == [
        ("Internet", "Exchange Online", "flowing"), ("Exchange Online", "Internet", "flowing"),
    ]  # fmt: skip
    done(session, "approve mx emergency=yes")
    done(session, "mx set backup")
    session.advance(session.now_ms + HOUR_MS)
    ways = {(hop.source, hop.target) for hop in session.snapshot(0).hops}
    assert ways >= {("Internet", "Backup"), ("Backup", "Exchange Online")}
    assert not {place for way in ways for place in way} & {"Gateway"}


def test_panes_about_a_gateway_say_that_there_is_none(tmp_path: Path) -> None:
    """They showed zeros, which look like the figures of a queue."""
    session = session_of(tmp_path)
    session.advance(3 * HOUR_MS)
    view = ControlDesk(_opened(session), lambda: 0.0, 60).view(0, 10)
    for pane in ("plot", "horizon", "ages", "mail", "console"):
        rows = ["".join(text for text, _ in row) for row in DRAWS[pane](view, 60, 12).rows]
        assert rows == ["your organisation has no gateway"], pane


def test_the_usual_route_is_no_opening_and_going_back_to_it_closes_one(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    session.advance(HOUR_MS)
    assert refused(session, "connector set outbound secondary").startswith("approval of outbound is missing")
    done(session, "approve outbound emergency=yes")
    done(session, "connector set outbound secondary")
    assert open_kinds(session) == {"connector": True}
    done(session, "connector set outbound direct")
    assert open_kinds(session) == {"connector": False}


def test_commands_of_a_gateway_are_refused_and_not_listed(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    scenario = session.drill.scenario
    listed = {" ".join(kind.words) for kind in DrillLanguage(scenario.rules, scenario.organisation).COMMANDS}
    assert {one.split()[0] for one in listed} & OF_THE_GATEWAY == set()
    assert not {"lock open", "disk show", "firewall open"} & listed
    assert {"connector show", "mx set", "filter-rule skip", "status check"} <= listed
    for line in ("continuity start via=console for=4h", "queue retry inbound", "signin break-glass"):
        assert refused(session, line) == NO_GATEWAY
    assert refused(session, "mx set gateway+backup") == f"{NO_GATEWAY}; choose backup or server"
    assert refused(session, "connector set outbound gateway") == f"{NO_GATEWAY}; choose secondary or direct"


def test_any_division_of_time_gives_the_same_history(tmp_path: Path) -> None:
    whole, cut = session_of(tmp_path), session_of(tmp_path)
    whole.advance(9 * HOUR_MS)
    for moment_ms in range(0, 9 * HOUR_MS, 1_234_567):
        cut.advance(moment_ms)
    cut.advance(9 * HOUR_MS)
    assert cut.digest() == whole.digest()


def test_a_lock_that_would_reject_all_of_it_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"`zone.mx` is `server`, but `guard` does not accept mail"):
        session_of(tmp_path, "rejects")
