"""The shipped mistakes before Microsoft 365: each is the reference but for one point, and shows its price."""

from sim.drill.organisation.shipped_files import shipped_names
from tests.drills.played import Played, shipped, well

OFFLINE, FLICKERING = "m365-offline", "m365-intermittent"


def mistake(name: str, what: str) -> Played:
    return shipped(name, f"{name}-{what}")


def lost(name: str, what: str) -> set[str]:
    """Objectives that the mistake does not meet, all of which the reference does."""
    assert set(well(name).objectives.values()) == {"met"}
    return {which for which, state in mistake(name, what).objectives.items() if state != "met"}


def test_waiting_for_the_vendors_page_costs_hours_without_mail_and_calls() -> None:
    late, reference = mistake(OFFLINE, "waits-for-the-page").outcome, well(OFFLINE).outcome
    assert lost(OFFLINE, "waits-for-the-page") >= {"diagnosis-correct", "continuity-active", "users-told"}
    assert late.people.user_hours_without_mail > 1.5 * reference.people.user_hours_without_mail
    assert late.people.calls > reference.people.calls


def test_chat_of_the_same_tenant_as_the_only_channel_reaches_no_users() -> None:
    silent, reference = mistake(OFFLINE, "chat-only"), well(OFFLINE)
    assert lost(OFFLINE, "chat-only") == {"nobody-left-waiting", "no-doubles"}, "an SMS told them of the app"
    assert silent.outcome.timing.copies.count > 3 * reference.outcome.timing.copies.count
    assert silent.outcome.people.user_hours_without_mail > reference.outcome.people.user_hours_without_mail


def test_an_mx_that_bypasses_the_gateway_loses_mail_once_the_tenant_is_back() -> None:
    moved = mistake(OFFLINE, "mx-to-the-tenant")
    assert lost(OFFLINE, "mx-to-the-tenant") >= {"no-own-goals", "asked-first", "decided-on-what-was-known"}
    assert (well(OFFLINE).outcome.lost.rejected, moved.outcome.lost.rejected > 1000) == (0, True)


def test_an_event_ended_at_the_first_flicker_leaves_four_days_of_late_mail() -> None:
    early = mistake(FLICKERING, "ends-at-first-success")
    assert lost(FLICKERING, "ends-at-first-success") == {
        "event-kept", "senders-served", "decided-on-what-was-known",
    }  # fmt: skip
    assert early.outcome.timing.late.count > 5 * well(FLICKERING).outcome.timing.late.count


def test_each_mistake_that_ships_is_played_here() -> None:
    shipped = {name for name in shipped_names("runbooks") if name.startswith("m365-")}
    assert shipped - set(shipped_names("outages")) == {
        "m365-offline-waits-for-the-page", "m365-offline-chat-only", "m365-offline-mx-to-the-tenant",
        "m365-intermittent-ends-at-first-success",
    }  # fmt: skip
