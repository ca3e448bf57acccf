"""Dead links of the gateway at the helpdesk: calls follow who has been told, honestly and lately."""

from sim.kernel.duration import HOUR_MS
from sim.report.document.run_document import document
from tests.drills.played import Played, reference, run, scenario, without
from tests.kept import kept

NAME = "gateway-down"
USERS = 300
ONSET_MS = 70 * 60_000


@kept
def played(told: str, outage: str = "14h", hours: float = 20) -> Played:
    """`told`: as in the reference runbook, once, or never; `hours`: how long after the onset."""
    book = reference(NAME)
    if told == "once":
        book = without(book, "tell-users-hourly")
    if told == "never":
        book = without(book, "tell-users", "tell-users-back")
    return run(scenario(NAME, USERS, outage), book, hours=hours)


def calls(one: Played, from_h: float = 0, to_h: float = 200) -> int:
    """Calls between two moments, hours after the onset."""
    a_ms, b_ms = (ONSET_MS + int(hours * HOUR_MS) for hours in (from_h, to_h))
    drill = one.session.drill
    return drill.helpdesk.calls_between(a_ms, min(b_ms, drill.now_ms))


def test_working_users_call_about_links_until_they_are_notified() -> None:
    told, never = played("as in the reference"), played("never")
    assert calls(never) > 2 * calls(told) > 0
    assert calls(never, 14) == 0, "the gateway is back"
    tickets = [text for text in never.said("ticket") if "so far" in text]
    assert tickets
    assert all("links in emails do not open" in text for text in tickets)
    assert all(text.endswith("; users: not yet notified") for text in tickets)
    assert never.outcome.people.user_hours_without_mail == told.outcome.people.user_hours_without_mail == 0
    hours = document(never.session, "none", 1.0)["users"]["user_hours_in_part"]
    assert hours == 14 * USERS, "everybody works in part"


def test_users_notified_only_once_call_again_the_next_morning() -> None:
    """The word promised for 14:03 did not come; on Thursday everybody has forgotten the first one."""
    once, never = played("once", "30h", 25), played("never", "30h", 25)
    waits, morning = (0.7, 3.3), (20.5, 25)
    assert 2 * calls(once, *waits) < calls(never, *waits)
    assert calls(once, *morning) == calls(never, *morning) > 2 * calls(once, *waits)
