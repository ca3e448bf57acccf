"""The SMS service set up during an outage, the link of an alert opened, and the console signed in to."""

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from tests.given import done, refused
from tests.plays import ONSET_MS, play

OFFLINE_MS = 90 * MINUTE_MS


def told(session: Session) -> int:
    return int((session.drill.world.users.announcements.informed_ms < NEVER_MS).sum())


def texts(session: Session) -> list[str]:
    return [event.text for event in session.events() if event.source == "SMS service"]


def test_subscribed_users_are_texted_at_once_if_an_event_is_on() -> None:
    session = play("6h", [], ONSET_MS, users=200)
    done(session, "continuity start for=4h")
    assert (texts(session), told(session)) == ([], 0)
    assert "(not subscribed)" in done(session, "sms show")
    done(session, "sms subscribe")
    reached = int(texts(session)[0].split()[0])
    assert 150 < reached == told(session)
    assert refused(session, "sms subscribe") == "all users are subscribed already"
    done(session, "continuity end")
    done(session, "continuity start for=2h")
    assert len(texts(session)) == 2, "and of each event that starts later"


def test_corrected_numbers_reach_more_users_after_the_next_synchronisation() -> None:
    """Of the users 90 % have a usable number, 6 % one without country code."""
    session = play("6h", [], ONSET_MS, users=200)
    assert done(session, "sms show").startswith(
        "SMS: 90 % of users have a number in long format, and 6 % have one without a country code; "
    )
    done(session, "notify users via=sms text=before")
    before = told(session)
    answer = session.dispatch("sms numbers")
    assert 25 * MINUTE_MS <= answer.effective_ms - session.now_ms <= 75 * MINUTE_MS  # type: ignore[union-attr]
    session.advance(answer.effective_ms + 1)  # type: ignore[union-attr]
    assert session.events()[-1].text == "numbers corrected: 96 % of users can be reached by SMS"
    assert refused(session, "sms numbers") == "every number is in the long format already"
    done(session, "notify users via=sms text=after")
    assert before < told(session) <= 200


def test_a_link_is_opened_without_a_sign_in() -> None:
    session = play("6h", [], ONSET_MS + MINUTE_MS)
    assert refused(session, "alerts open") == "no alert with a valid link has arrived by sms"
    session.advance(ONSET_MS + HOUR_MS)
    assert done(session, "alerts open").startswith("continuity portal, by the link until Tue 09:")
    assert done(session, "alerts open via=email").endswith("no continuity event is in force")
    done(session, "continuity start via=sms")
    assert "event for all since" in done(session, "alerts open")


def test_signing_in_to_the_console_can_fail() -> None:
    session = Session.start(load_scenario("m365-offline", {"users": "40"}), 2)
    session.advance(OFFLINE_MS - HOUR_MS)
    assert done(session, "signin console") == "signed in to the gateway console"
    session.advance(OFFLINE_MS + 2 * HOUR_MS)
    assert "sign-in to the gateway console needs the directory, which does not answer" in refused(
        session, "signin console"
    )
    done(session, "signin break-glass")
    assert done(session, "signin console").startswith("signed in to the gateway console with the emergency")
    dead = Session.start(load_scenario("gateway-down", {"users": "40"}), 2)
    dead.advance(dead.scenario.outage_start_ms + MINUTE_MS)
    dead.dispatch("signin console")
    dead.advance(dead.now_ms + 3 * MINUTE_MS)
    failed = [event for event in dead.events() if event.kind == "failed"]
    assert "the console is unreachable" in failed[-1].text


def test_the_backup_names_its_encryption_and_whether_that_is_enough() -> None:
    harbour = play("2h", [], ONSET_MS)
    assert "; TLS opportunistic" in done(harbour, "backup check")
    meridian = Session.start(load_scenario("gateway-down-m365", {"users": "40"}), 2)
    assert "; TLS opportunistic, BELOW your rule: required" in done(meridian, "backup check")


def test_each_app_of_the_article_can_be_permitted() -> None:
    session = Session.start(load_scenario("m365-offline", {"users": "40"}), 2)
    ways, laboratory = session.drill.world.users.membership.ways, 2
    apps = [one.app for one in session.scenario.organisation.apps]
    assert {"classic-outlook", "portal", "mobile", "mac"} <= set(apps)
    assert ways.permitted_ms[laboratory, apps.index("mac")] > session.now_ms
    done(session, "permissions set on app=mac group=laboratory")
    assert ways.permitted_ms[laboratory, apps.index("mac")] <= session.now_ms + 15 * MINUTE_MS
