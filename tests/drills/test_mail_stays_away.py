"""Users who wait for mail from outside call after hours, unless they have been told, honestly and lately."""

from sim.kernel.duration import HOUR_MS
from tests.drills.played import Played, reference, run, scenario, steps, without
from tests.kept import kept

GREY, USERS = "gateway-grey", 1000
ONSET_MS = 70 * 60_000
TOLD = ("outage.start + 20m", "notify users via=email cause=gateway text=Mail from outside waits.")


@kept
def grey(*given: tuple[str, str]) -> Played:
    """The gateway takes mail and keeps it; links and mailboxes are as always."""
    return run(scenario(GREY, USERS), steps(GREY, *given))


def calls(one: Played, from_h: float = 0, to_h: float = 200) -> int:
    """Calls between two moments, hours after the onset."""
    drill = one.session.drill
    a_ms, b_ms = (ONSET_MS + int(hours * HOUR_MS) for hours in (from_h, to_h))
    return drill.helpdesk.calls_between(a_ms, min(b_ms, drill.now_ms))


def test_absence_is_noticed_after_hours_and_by_fewer_of_those_who_have_been_told() -> None:
    never, told = grey(), grey(TOLD)
    assert calls(never, 0, 2) == 0, "nobody misses what is two hours late"
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


def test_that_mail_is_back_spares_no_call_while_it_is_not() -> None:
    back = ("outage.start + 20m", "notify users via=email state=back text=All is well again.")
    assert calls(grey(back)) == calls(grey()) > calls(grey(TOLD))


def test_nobody_misses_what_comes_by_another_way_or_to_the_other_host() -> None:
    told = ("tell-users", "tell-users-hourly", "tell-users-returning", "tell-users-back")
    led_round = run(scenario("gateway-down", USERS), without(reference("gateway-down"), *told))
    moved_ms = led_round.milestones["inbound.moved"]
    waited = run(scenario("gateway-down", USERS), None)
    later = [
        len(one.session.drill.world.users.calls.away.callers(moved_ms, one.session.now_ms)[0])
        for one in (led_round, waited)
    ]
    assert later[0] == 0
    assert later[1] > 30
    assert run(scenario("gateway-half", USERS), None).outcome.people.calls == 0


def test_in_an_event_it_is_there_at_once_and_without_one_it_comes_late() -> None:
    name = "m365-intermittent"
    start = ("outage.start + 15m", "continuity start group=all for=24h via=console")
    event, nothing = (run(scenario(name, USERS, "9h"), steps(name, *given)) for given in ((start,), ()))
    assert nothing.outcome.people.calls > 20
    assert event.outcome.people.calls < 0.7 * nothing.outcome.people.calls
    assert any("mail from outside arrives late" in text for text in nothing.said("ticket"))


def test_whoever_pauses_and_ends_the_event_hears_of_the_mail_that_stays_away() -> None:
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
