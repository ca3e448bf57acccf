"""Continuity in its details: groups, times, links, several events, permissions, log-ons, pilots, texts."""

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.services.console_sessions import GATEWAY
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.mail_routes import Seen
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.document.run_document import document
from tests.given import done, refused
from tests.plays import ONSET_MS, play

OFFLINE_MS = 90 * MINUTE_MS


LONGEST_SESSION_MS = 90 * MINUTE_MS


def offline(until_ms: int) -> Session:
    """A drill in which no colleague has started anything."""
    for seed in range(1, 20):
        session = Session.start(load_scenario("m365-offline", {"users": "100"}), seed)
        session.advance(OFFLINE_MS + 2 * HOUR_MS)
        if not session.drill.world.users.membership.events:
            return session.fork(until_ms)
    raise AssertionError("a colleague in every drill")


def session_ends_ms() -> int:
    """When the session at the gateway's console ends, in the drill of `offline`."""
    ends_ms = offline(OFFLINE_MS + MINUTE_MS).drill.consoles.session_until_ms(GATEWAY)
    assert ends_ms is not None
    assert OFFLINE_MS + 5 * MINUTE_MS < ends_ms <= OFFLINE_MS + LONGEST_SESSION_MS
    return ends_ms


def test_a_second_event_may_be_started_and_show_lists_both() -> None:
    session = play("4h", [], ONSET_MS)
    assert done(session, "continuity start for=1h").endswith("for all, 1 h, until Mon 10:15")
    said = done(session, "continuity start group=terminal for=2h")
    assert said.endswith("for terminal, 2 h, until Mon 11:18; this is event 2, in addition to 1 other")
    shown = done(session, "continuity show")
    assert "1: event for all since Mon 09:15" in shown
    assert "2: event for terminal since Mon 09:18" in shown
    assert "'3' is not an event; `continuity show` lists 1, 2" in refused(session, "continuity end event=3")
    assert done(session, "continuity end event=1") == "continuity event ended; 1 other in force or planned"
    assert "continuity.ended" not in session.drill.milestones
    assert done(session, "continuity extend 1h event=2") == "event extended, now until Mon 12:18"
    session.advance(ONSET_MS + 4 * HOUR_MS)
    lapsed = [e for e in session.events() if "lapsed" in e.text]
    assert [session.drill.clock(e.t_ms) for e in lapsed] == ["Mon 12:18"]
    assert session.drill.milestones["continuity.ended"] == lapsed[0].t_ms


def test_an_extension_adds_to_the_time_left() -> None:
    session = play("12h", [], ONSET_MS)
    done(session, "continuity start for=4h")
    start_ms = session.snapshot().continuity.started_ms
    assert start_ms is not None
    session.advance(start_ms + 2 * HOUR_MS)
    done(session, "continuity extend 1h")
    assert session.snapshot().continuity.ends_ms == start_ms + 5 * HOUR_MS, "2 h left and 1 h make 3 h"


@pytest.mark.parametrize(
    ("when", "begins"), [("11:30", "Mon 11:30"), ("T+3h", "Mon 11:00"), ("Tue 07:00", "Tue 07:00")]
)
def test_an_event_may_begin_later(when: str, begins: str) -> None:
    session = play("40h", [], ONSET_MS)
    said = done(session, f'continuity start for=2h at="{when}"')
    assert f"from {begins}, 2 h" in said
    assert not session.snapshot().continuity.active
    assert f"begins at {begins}, for 2 h" in done(session, "continuity show")
    event = session.drill.continuity.events()[0]
    session.advance(event.start_ms)
    assert "continuity.active" not in session.drill.milestones
    session.advance(event.start_ms + 4 * MINUTE_MS)
    assert session.drill.milestones["continuity.active"] == event.start_ms
    assert session.snapshot().continuity.users_in > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("continuity start group=officce", "did you mean office?"),
        ("continuity start group=nobody", "choose from all, office, terminal"),
        ("continuity start at=soon", "'soon' is not a start time; write now, 18:00"),
        ("continuity start at=alert.first", "is not a start time; write now, 18:00"),
        ("continuity start at=T+1m", "is past, or more than 14 d away"),
        ("permissions set on app=mobil", "did you mean mobile?"),
        ("permissions set on app=mobile group=officce", "did you mean office?"),
        ("queue reject inbound", "the inbound queue is empty"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(text: str, why: str) -> None:
    session = play("4h", [], ONSET_MS - 10 * MINUTE_MS)
    session.drill.world.queue.depth()
    if text.startswith("queue") and session.drill.world.queue.depth():
        session.advance(session.now_ms + 1000)
    assert why in refused(session, text)


def test_the_portal_behind_a_link_offers_a_few_durations_and_starts_at_once() -> None:
    session = play("4h", [], ONSET_MS + HOUR_MS)
    for via in ("sms", "email"):
        why = refused(session, f"continuity start for=3h via={via}")
        assert (
            why
            == "the page behind the link offers 1h, 4h, 8h, 16h, 24h; choose one of them, or use via=console"
        )
        assert "starts events at once" in refused(session, f"continuity start for=4h at=12:00 via={via}")
        assert isinstance(
            session.fork(session.now_ms).dispatch(f"continuity start for=4h via={via}"), Accepted
        )


def test_the_email_of_an_alert_comes_with_it_and_its_text_message_later() -> None:
    session = play("4h", [], ONSET_MS)
    while not session.drill.email_links():
        session.advance(session.now_ms + 1000)
    assert "no alert with a valid link" in refused(session, "continuity start via=sms")
    assert isinstance(session.dispatch("continuity start via=email"), Accepted)


def test_the_emergency_account_opens_the_console_and_is_fetched_once() -> None:
    ends_ms = session_ends_ms()
    session = offline(ends_ms)
    consoles = ("permissions show", "continuity show", "status check gateway", "deliveries pause inbound")
    for text in consoles:
        lives_on = session.fork(ends_ms)
        assert isinstance(lives_on.dispatch(text), Accepted), "a session asks nobody until it ends"
    session.advance(ends_ms + 1)
    for text in consoles:
        assert "needs the directory" in refused(session, text)
    assert isinstance(session.fork(session.now_ms).dispatch("status check probe"), Accepted), (
        "it needs no log-on"
    )
    assert done(session, "signin break-glass").startswith("signed in to the gateway console")
    assert done(session, "permissions show") == (
        "administration: every app; clinics: all but mobile; laboratory: all but mac"
    )
    assert refused(session, "signin break-glass") == "the emergency account is already in use"


def test_a_command_whose_turn_comes_when_the_console_is_shut_fails() -> None:
    ends_ms = session_ends_ms()
    session = offline(ends_ms - 2 * MINUTE_MS)
    assert isinstance(session.dispatch("permissions show"), Accepted)
    session.advance(ends_ms + 5 * MINUTE_MS)
    failed = [event for event in session.events() if event.kind == "failed"]
    assert len(failed) == 1
    assert "needs the directory" in failed[0].text


def test_the_sms_service_texts_the_users_of_an_event_by_itself() -> None:
    session = offline(OFFLINE_MS + MINUTE_MS)
    done(session, "signin break-glass")
    assert done(session, "sms show").endswith("the service texts users automatically when an event starts")
    done(session, "continuity start group=laboratory for=4h")
    texts = [event for event in session.events() if event.source == "SMS service"]
    members = int(session.drill.continuity.members("laboratory").sum())
    reached = int(texts[0].text.split()[0])
    assert 0 < reached <= members
    informed = session.drill.world.users.announcements.informed_ms < 1 << 50
    assert int(informed.sum()) == reached
    assert not informed[~session.drill.continuity.members("laboratory")].any()


def test_pilots_tell_what_does_not_work() -> None:
    session = offline(OFFLINE_MS + LONGEST_SESSION_MS)  # nobody is signed in any more
    done(session, "signin break-glass")
    assert "no continuity event" in refused(session, "continuity test")
    done(session, "continuity start for=8h")
    told = done(session, "continuity test")
    assert told.startswith(
        "1 of 5 pilot users can work; Outlook (classic) with the gateway's add-in: reads and sends; "
    )
    assert told.count("sign-in needs the directory, which does not answer") == 3
    assert "mobile app: the app is not permitted for this user's group" in told
    assert "continuity.verified" not in session.drill.milestones
    done(session, "signin cloud")
    done(session, "permissions set on app=mobile group=clinics")
    session.advance(session.now_ms + 16 * MINUTE_MS)
    assert done(session, "continuity test").startswith("5 of 5 pilot users can work; ")
    assert "continuity.verified" in session.drill.milestones


def test_reject_returns_everything_at_once_and_bounce_too() -> None:
    for words, account in (("reject", "rejected"), ("bounce", "bounced")):
        session = play("4h", [], ONSET_MS + 2 * HOUR_MS)
        waiting = session.snapshot().queue.depth
        said = done(session, f"queue {words} inbound")
        number = int(said.split()[0].replace(",", ""))
        assert number >= waiting > 50
        custody = session.drill.world.custody()
        assert sum(accounts.get(account, 0) for accounts in custody.values()) == number
        assert session.snapshot().queue.depth < 5
        assert session.drill.milestones["bounce.by-hand"] == session.now_ms - 1, "returned is returned"
        assert "bounce.first" not in session.drill.milestones, "its time was not up"
        first = document(session, "none", 1.0)["first_s"]
        assert first["bounce"] == (session.now_ms - 1) / 1000
        assert first["bounce_by_gateway"] is None


def test_a_look_at_the_queue_tells_how_old_how_fast_and_until_when() -> None:
    session = play("4h", [], ONSET_MS + 2 * HOUR_MS, users=2000)
    told = done(session, "status check gateway")
    assert ", the oldest for 2 h 4 min, " in told
    assert " 0 leaving" in told
    assert "empty in" not in told
    session.advance(ONSET_MS + 4 * HOUR_MS + MINUTE_MS)
    session.dispatch("queue retry inbound")
    session.advance(session.now_ms + 7 * MINUTE_MS)
    depth = session.snapshot().queue.depth
    if depth > 100:
        assert "at this rate" in done(session, "status check gateway")


def test_without_a_log_on_the_console_shows_what_it_showed_last() -> None:
    ends_ms = session_ends_ms()
    then = offline(ends_ms).snapshot().queue
    session = offline(ends_ms + 30 * MINUTE_MS)
    view = session.snapshot()
    assert view.queue.depth == then.depth > 0
    assert view.queue.seen == Seen("gateway console", ends_ms)
    assert 0 < max(mail.arrival_ms for mail in view.mail) <= ends_ms
    figures = [figure for _name, accounts in view.ledger for _account, figure in accounts]
    assert {figure.seen.at_ms for figure in figures if figure.seen.by == "gateway console"} == {ends_ms}
    done(session, "signin break-glass")
    view = session.snapshot()
    assert view.queue.depth > then.depth + 20
    assert view.queue.seen.at_ms == view.t_ms
    assert max(mail.arrival_ms for mail in view.mail) > ends_ms + 20 * MINUTE_MS


def test_a_colleagues_event_is_seen_in_the_console_only() -> None:
    scenario, sessions = load_scenario("m365-offline", {"users": "100"}), {}
    for seed in range(1, 60):
        session = Session.start(scenario, seed)
        session.advance(OFFLINE_MS + 30 * MINUTE_MS)
        ends_ms = session.drill.consoles.session_until_ms(GATEWAY)
        assert ends_ms is not None
        for event in session.drill.world.users.membership.events:
            sessions.setdefault(ends_ms < event.start_ms, session)
        if len(sessions) == 2:
            break
    session = sessions[False]  # whoever is still signed in sees it
    assert session.snapshot().continuity.group == "laboratory"
    session = sessions[True]
    assert not session.snapshot().continuity.active
    done(session, "signin break-glass")
    view = session.snapshot().continuity
    assert (view.active, view.group) == (True, "laboratory")
    done(session, "continuity start for=4h")
    assert session.snapshot().continuity.group == "all and 1 more"


def test_continuity_is_active_when_events_are_for_nine_in_ten_of_those_without_mail() -> None:
    """Seven in ten are at the office, the others at the terminal."""
    session = play(
        "6h", [(ONSET_MS + MINUTE_MS, "continuity start group=office")], ONSET_MS + HOUR_MS, users=200
    )
    share = (session.drill.world.users.membership.ways.group == 0).mean()
    assert 0.5 < share < 0.9
    assert "continuity.active" not in session.drill.milestones
    done(session, "continuity start group=terminal")
    assert session.drill.milestones["continuity.active"] > ONSET_MS + HOUR_MS
