"""Users who wait for mail from outside call after hours, unless they have been told, honestly and lately."""

from sim.kernel.duration import HOUR_MS
from sim.mail.message.traffic import INBOUND
from tests.drills.played import Played, reference, run, scenario, steps, without
from tests.kept import kept

GREY, USERS = "gateway-grey", 1000
ONSET_MS = 70 * 60_000
TOLD = ("outage.start + 20m", "notify users via=email cause=gateway text=Mail from outside waits.")


@kept
def grey(*given: tuple[str, str]) -> Played:
    """The gateway takes mail and keeps it for eight hours; links and mailboxes are as always."""
    return run(scenario(GREY, USERS), steps(GREY, *given), hours=8)


def calls(one: Played, from_h: float = 0, to_h: float = 200) -> int:
    """Calls between two moments, hours after the onset."""
    drill = one.session.drill
    a_ms, b_ms = (ONSET_MS + int(hours * HOUR_MS) for hours in (from_h, to_h))
    return drill.helpdesk.calls_between(a_ms, min(b_ms, drill.now_ms))


def test_missing_mail_is_noticed_after_hours_and_less_often_by_notified_users() -> None:
    never, told = grey(), grey(TOLD)
    assert calls(never, 0, 1) <= 1, "hardly anybody misses what is an hour late"
    assert calls(never, 1, 3) < calls(never, 3, 5)
    assert calls(never, 2, 8) > 30
    assert calls(told, 2, 8) < calls(never, 2, 8) / 4
    assert any(
        "no mail arrives from outside; users: not yet notified" in text for text in never.said("ticket")
    )


def test_a_word_that_grows_old_keeps_nobody_from_calling_and_the_next_one_does() -> None:
    """A word holds for eight hours; one that names the next word until then."""
    soon = (TOLD[0], f"{TOLD[1].replace(' text=', ' next=2h text=')}")
    again = ("outage.start + 2h15m", "notify users via=email cause=gateway text=No change.")
    late, kept_up = grey(soon), grey(soon, again)
    assert calls(late, 2.5, 8) > 3 * calls(kept_up, 2.5, 8)


def test_a_false_report_of_recovery_prevents_no_calls() -> None:
    back = ("outage.start + 20m", "notify users via=email state=back text=All is well again.")
    assert calls(grey(back)) == calls(grey()) > calls(grey(TOLD))


def test_nobody_misses_what_comes_by_another_way_or_to_the_other_host() -> None:
    told = ("tell-users", "tell-users-hourly", "tell-users-returning", "tell-users-back")
    led_round = run(scenario("gateway-down", USERS), without(reference("gateway-down"), *told), hours=14)
    moved_ms = led_round.milestones["inbound.moved"]
    waited = run(scenario("gateway-down", USERS), None, hours=14)
    later = [
        len(one.session.drill.world.users.calls.away.callers(moved_ms, one.session.now_ms)[0])
        for one in (led_round, waited)
    ]
    assert later[0] < later[1] / 3, "a twentieth of the mail still goes to the dead hosts"
    assert later[1] > 30
    assert run(scenario("gateway-half", USERS), None, hours=14).outcome.people.calls == 0


def test_in_an_event_it_is_there_at_once_and_without_one_it_comes_late() -> None:
    name = "m365-intermittent"
    start = ("outage.start + 15m", "continuity start group=all for=48h via=console")
    event, nothing = (run(scenario(name, USERS, "33h"), steps(name, *given)) for given in ((start,), ()))
    assert nothing.outcome.people.calls > 15, "an eighth of what would be missed is missed, by hand 20 calls"
    assert event.outcome.people.calls < 0.7 * nothing.outcome.people.calls
    assert any("mail from outside arrives late" in text for text in nothing.said("ticket"))


def test_users_call_about_missing_mail_if_the_event_ends_while_mail_is_paused() -> None:
    """Mailboxes are open, and what came in two days is still at the gateway."""
    name, paused = "exchange-down", ("outage.start + 2h", "deliveries pause inbound")
    resumed = ("server.reported-back + 30m", "deliveries resume inbound")
    forgotten, lifted = (
        run(scenario(name, USERS), steps(name, *given)) for given in ((paused,), (paused, resumed))
    )
    end_ms = forgotten.session.scenario.outage_end_ms
    after = [
        one.session.drill.helpdesk.calls_between(end_ms + HOUR_MS, end_ms + 30 * HOUR_MS)
        for one in (forgotten, lifted)
    ]
    assert after[0] > 3 * after[1]
    assert after[0] > 30
    assert any(
        "no mail arrives from outside; users: not yet notified" in text for text in forgotten.said("ticket")
    )


def intermittent(percent: int) -> Played:
    """Attempts at the tenant fail in this share, for 33 h, and nobody says a word."""
    given = scenario("m365-intermittent", USERS, "33h")
    faults = [fault.model_copy(update={"share_percent": percent}) for fault in given.timeline]
    return run(given.model_copy(update={"timeline": tuple(faults)}), None)


def test_calls_are_in_proportion_to_the_mail_that_is_late() -> None:
    """One attempt in twenty fails: nearly all mail comes at once or after a minute, and nobody phones."""
    little, much = intermittent(5), intermittent(75)
    assert (little.session.drill.world.ledger.delay_ms(INBOUND, 95) or 0) <= 61_000
    people = little.outcome.people
    assert (people.executive_calls, people.partner_calls, people.calls) == (0, 0, 0)
    assert much.outcome.people.executive_calls > 5
    assert much.outcome.people.calls > 15


def door(*given: tuple[str, str]) -> Played:
    """Access and sign-in are lost; the event is announced, and the portal asks the directory."""
    name = "m365-offline"
    start = ("outage.start + 15m", "continuity start group=all for=16h via=sms")
    told = ("outage.start + 20m", "notify users via=intranet cause=mail-server state=down")
    return run(scenario(name, USERS), steps(name, start, told, *given), hours=7)


def test_users_whom_the_portal_turns_away_call_and_go_on_calling() -> None:
    """Cloud passwords let most of them in; without these an update that holds silences nobody."""
    shut = door()
    opened = door(("outage.start + 22m", "signin break-glass"), ("outage.start + 30m", "signin cloud"))
    assert calls(shut, 1, 3) > 1.5 * calls(opened, 1, 3)
    later = [calls(shut, hour, hour + 1) for hour in range(3, 7)]
    assert min(later) >= 2, f"silent after hours without mail: {later}"
    assert sum(later) > 2 * calls(opened, 3, 7)


def test_the_band_of_calls_holds_runs_with_other_shares_of_callers() -> None:
    """Half and twice the shares, played: the unpublished shares are what the band stands for."""
    given = scenario("m365-access-only", USERS)
    own = run(given, None).outcome.people

    def played(times: float) -> int:
        calls = given.organisation.calls
        assert calls.again_permille is not None
        other = calls.model_copy(
            update={
                "share_percent": int(calls.share_percent * times),
                "again_permille": tuple(int(one * times) for one in calls.again_permille),
            }
        )
        organisation = given.organisation.model_copy(update={"calls": other})
        return run(given.model_copy(update={"organisation": organisation}), None).outcome.people.calls

    few, many = played(0.5), played(2)
    assert own.calls_low < few < own.calls < many < own.calls_high, "by these shares, and by chance"
    assert abs(few - own.calls / 2) < 0.2 * own.calls / 2
    assert abs(many - own.calls * 2) < 0.2 * own.calls * 2
