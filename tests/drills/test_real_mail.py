"""Real mail in every direction is part of the drill: queued, relayed, returned and announced by the model."""

from pathlib import Path

import pytest

from sim.drill.services.real_mail import Effect, Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.mail.message.real_arrivals import Way
from sim.mail.server.guard import Gates
from tests.plays import check_conservation
from tests.scenario_files import exchange_down_with

REPLY = "451 4.7.1 temporarily deferred, poor reputation of the sending address"


def letter(
    way: Way, recipient: str = "ada@partner.example", sender: str = "bob@harbour.example", name: str = "1"
) -> Letter:
    return Letter(sender, (recipient,), f"offer {name}", 4_000, f"{name:0>8}.eml", way)


def happened(session: Session) -> list[tuple[str, int, str]]:
    return [(one.kind, one.t_ms, one.way) for one in session.effects()]


def mail_events(session: Session) -> list[str]:
    return [one.text for one in session.events() if one.kind == "mail"]


def late_outside(folder: Path, for_: str = "6h") -> Session:
    """From T+3h receivers outside put off the gateway's mail."""
    return exchange_down_with(
        folder, f"at: T+3h, for: {for_}, fault: receivers answer 4xx", users="50", outage="10m"
    )


def test_outbound_mail_leaves_at_once_while_everything_works(tmp_path: Path) -> None:
    session = late_outside(tmp_path)
    session.advance(2 * HOUR_MS)
    session.receive(letter("smart host"))
    session.advance(2 * HOUR_MS + MINUTE_MS)
    ((kind, t_ms, way),) = happened(session)
    assert (kind, way) == ("relay", "smart host")
    assert 0 <= t_ms - 2 * HOUR_MS <= 1
    assert mail_events(session) == [
        "offer 1: accepted from bob@harbour.example, outbound",
        "offer 1: passed on to the internet",
    ]
    check_conservation(session)


def test_outbound_mail_waits_is_announced_once_and_goes_out_when_receivers_accept(tmp_path: Path) -> None:
    session = late_outside(tmp_path)
    session.advance(3 * HOUR_MS + MINUTE_MS)
    session.receive(letter("smart host"))
    session.receive(letter("smart host", sender="", name="2"))
    session.advance(20 * HOUR_MS)
    kinds = [one.kind for one in session.effects()]
    assert sorted(kinds) == ["delay", "relay", "relay"], "a null sender gets no notice"
    notice = next(one for one in session.effects() if one.kind == "delay")
    assert notice.reply == REPLY
    assert notice.tried_ms is not None
    assert HOUR_MS <= notice.tried_ms - notice.arrived_ms <= notice.t_ms - notice.arrived_ms < 2 * HOUR_MS
    assert notice.retry_until_ms is not None
    assert notice.retry_until_ms - notice.arrived_ms >= DAY_MS
    relayed = [one.t_ms for one in session.effects() if one.kind == "relay"]
    assert min(relayed) >= 9 * HOUR_MS
    assert len({one.n for one in session.effects()}) == 3
    check_conservation(session)


def test_outbound_mail_bounces_at_its_age_and_a_null_sender_leaves_a_line(tmp_path: Path) -> None:
    session = late_outside(tmp_path, for_="120h")
    session.advance(4 * HOUR_MS)
    session.receive(letter("smart host"))
    session.receive(letter("smart host", sender="", name="2"))
    session.advance(119 * HOUR_MS)
    assert [(one.kind, one.rejected) for one in session.effects()] == [("delay", False), ("bounce", False)]
    (bounce,) = [one for one in session.effects() if one.kind == "bounce"]
    notice = next(one for one in session.effects() if one.kind == "delay")
    assert bounce.t_ms == notice.retry_until_ms, "as the notice has promised"
    assert "offer 2: lost; mail with a null sender never bounces" in mail_events(session)
    assert "offer 1: returned to its sender" in mail_events(session)


@pytest.mark.parametrize("locked", [False, True])
def test_the_backup_keeps_real_mail_until_the_server_takes_or_rejects_it(locked: bool) -> None:
    session = Session(load_scenario("exchange-down", {"users": "50", "outage": "5h"}), 1, None)
    onset_ms, end_ms = session.scenario.outage_start_ms, session.scenario.outage_end_ms
    session.advance(onset_ms + MINUTE_MS)
    if not locked:
        session.drill.world.server_door.change_gates(
            Gates("open", firewall=frozenset({"backup", "internet"}))
        )
    session.receive(letter("backup", "user0007@harbour.example", "ada@partner.example"))
    session.advance(end_ms - 1)
    assert not session.effects()
    assert session.drill.world.custody()["inbound"]["relay_queue"] == 1
    session.advance(end_ms + 12 * HOUR_MS)
    (effect,) = session.effects()
    assert (effect.kind, effect.way, effect.rejected) == ("bounce" if locked else "relay", "backup", locked)
    assert effect.reply[:11] == ("530 5.7.57 " if locked else "")
    assert effect.t_ms >= end_ms
    check_conservation(session)


def test_mail_past_the_gateway_is_at_the_server_at_once() -> None:
    session = Session(load_scenario("exchange-down", {"users": "50"}), 1, None)
    session.advance(MINUTE_MS)
    session.receive(letter("direct", "user0007@harbour.example", "ada@partner.example"))
    session.advance(2 * MINUTE_MS)
    assert happened(session) == [("relay", MINUTE_MS, "direct")]
    assert mail_events(session) == ["offer 1: accepted from ada@partner.example, past the gateway"]
    check_conservation(session)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_user_who_is_lost_to_the_model_is_lost_to_real_mail(seed: int) -> None:
    session = Session(load_scenario("m365-partial", {"users": "50"}), seed, None)
    session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
    lost = session.drill.world.users.absences.lost
    for user in range(50):
        recipient = f"user{user:04d}@meridian.example"
        session.receive(letter("gateway", recipient, "ada@partner.example", str(user)))
    session.advance(session.now_ms + 2 * MINUTE_MS)
    taken = {one.recipients[0] for one in session.effects()}
    assert taken == {f"user{user:04d}@meridian.example" for user in range(50) if not lost[user]}


def played(cuts: list[int], folder: Path) -> tuple[str, list[Effect]]:
    """The digest and the effects of a drill with real mail in every direction, advanced to each of `cuts`."""
    session = late_outside(folder, for_="12h")
    ways: list[tuple[int, Way]] = [
        (HOUR_MS, "smart host"),
        (3 * HOUR_MS + 1, "smart host"),
        (4 * HOUR_MS, "gateway"),
        (4 * HOUR_MS, "backup"),
        (5 * HOUR_MS, "direct"),
    ]
    for cut_ms in sorted({*cuts, *(moment_ms for moment_ms, _ in ways), 30 * HOUR_MS}):
        session.advance(cut_ms)
        for number, (moment_ms, way) in enumerate(ways):
            if moment_ms == cut_ms:
                recipient = "ada@partner.example" if way == "smart host" else "user0003@harbour.example"
                session.receive(letter(way, recipient, name=str(number)))
    check_conservation(session)
    return session.digest(), session.effects()


def test_history_does_not_depend_on_how_time_was_cut(tmp_path: Path) -> None:
    whole = played([], tmp_path)
    cut = played([hour * HOUR_MS // 3 + hour for hour in range(80)], tmp_path)
    assert cut == whole
    assert len(whole[1]) == 6
