"""Microsoft 365 offline, and nobody gets in: each step of the article the right way and the wrong way."""

import re
from functools import cache
from pathlib import Path

import pytest

from sim.drill.services.console_sessions import GATEWAY
from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.rows import REJECTED
from sim.report.findings.people_findings import people_findings
from tests.drills.played import SEEDS, Played, reference, run, scenario, steps, waiting, well, without

OFFLINE, ACCESS = "m365-offline", "m365-access-only"
ONSET_MS = 90 * MINUTE_MS
NOT_IN = re.compile(r"(\d+) said that continuity does not let them in")


@pytest.mark.parametrize("name", [OFFLINE, ACCESS])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_meets_every_objective_and_waiting_loses(name: str, seed: int) -> None:
    assert set(well(name, seed).objectives.values()) == {"met"}
    lost, won = waiting(name, seed), well(name, seed)
    assert lost.objectives["continuity-active"] == "failed"
    assert won.outcome.people.user_hours_without_mail < 0.4 * lost.outcome.people.user_hours_without_mail
    assert won.outcome.timing.late.count < 0.5 * lost.outcome.timing.late.count
    assert won.outcome.people.calls < lost.outcome.people.calls


def test_if_only_access_is_lost_there_is_no_alert_and_the_queue_stays_empty() -> None:
    played = waiting(ACCESS)
    assert "alert.first" not in played.milestones
    assert not [event for event in played.session.events() if event.kind in ("monitor", "sms")]
    hours = range(ONSET_MS, ONSET_MS + 8 * HOUR_MS, HOUR_MS)
    assert max(played.session.true_series("queue", hours[0], hours[-1], len(hours))) < 5
    assert played.outcome.people.user_hours_without_mail == 100 * 8.25
    assert played.outcome.timing.late.count > 50, "delivered, and nobody could open it in time"
    assert played.outcome.timing.longest_delay_ms < MINUTE_MS


def test_waiting_for_an_alert_when_only_access_is_lost_never_ends() -> None:
    late = run(scenario(ACCESS), steps(ACCESS, ("alert.first + 10m", "continuity start via=sms")))
    assert "continuity.active" not in late.milestones
    assert (
        late.outcome.people.user_hours_without_mail == waiting(ACCESS).outcome.people.user_hours_without_mail
    )


def test_the_console_needs_the_dead_directory_but_the_link_and_the_emergency_account_do_not() -> None:
    begun = ("outage.start + 95m", "continuity start for=8h")
    shut = run(scenario(OFFLINE), steps(OFFLINE, begun))
    assert "continuity.active" not in shut.milestones
    assert any("needs the directory" in text for text in shut.said("refused"))
    glass = run(scenario(OFFLINE), steps(OFFLINE, ("outage.start + 5m", "signin break-glass"), begun))
    link = run(scenario(OFFLINE), steps(OFFLINE, ("outage.start + 95m", "continuity start for=8h via=sms")))
    assert glass.milestones["continuity.active"] == link.milestones["continuity.active"]
    assert glass.outcome.people.user_hours_without_mail < shut.outcome.people.user_hours_without_mail


def test_callers_say_that_continuity_does_not_let_them_in_and_the_debrief_counts_them() -> None:
    """The portal asks the dead directory, and users have been told to use it."""
    begun = ("outage.start + 15m", "continuity start for=8h via=sms")
    told = ("outage.start + 20m", "notify users via=sms state=down")
    one = run(scenario(OFFLINE), steps(OFFLINE, begun, told))
    session, desk = one.session, one.session.drill.helpdesk
    count, calls = desk.on_subject(session.now_ms), desk.calls_before(session.now_ms)
    assert 5 < count < calls
    said = [int(found[1]) for text in one.said("ticket") if (found := NOT_IN.search(text))]
    assert said
    assert said == sorted(said)
    assert said[-1] <= count
    (finding,) = [text for text in people_findings(session) if " were about continuity: " in text]
    assert finding.startswith(f"{count} of {calls} calls to the helpdesk were about continuity")
    quiet = waiting(OFFLINE).session
    assert quiet.drill.helpdesk.on_subject(quiet.now_ms) < count / 2, "only those of the colleague's event"


def test_an_open_session_outlives_the_directory_until_it_has_to_be_renewed() -> None:
    played = run(scenario(OFFLINE), steps(OFFLINE, ("outage.start + 20m", "continuity start for=8h")))
    ends_ms = played.session.drill.consoles.session_until_ms(GATEWAY)
    assert ends_ms is not None
    assert ONSET_MS + 23 * MINUTE_MS < ends_ms < ONSET_MS + 90 * MINUTE_MS
    assert played.milestones["continuity.active"] == ONSET_MS + 23 * MINUTE_MS, (
        "no emergency account, no link"
    )


def test_after_the_outage_the_console_lets_people_in_again() -> None:
    after = run(scenario(OFFLINE), steps(OFFLINE, ("outage.end + 20m", "continuity show")))
    assert after.said("report") == ["no continuity event is in force"]


def test_without_cloud_passwords_only_apps_without_a_sign_in_work() -> None:
    asked = run(scenario(OFFLINE), without(reference(OFFLINE), "sign-in"))
    assert asked.objectives["continuity-verified"] == "failed"
    good = well(OFFLINE).outcome.people.user_hours_without_mail
    assert asked.outcome.people.user_hours_without_mail > good + 9 * 0.3 * 100
    assert any("sign-in needs the directory, which does not answer" in text for text in asked.said("report"))


def test_an_app_that_nobody_has_permitted_keeps_its_users_out() -> None:
    played = run(scenario(OFFLINE), without(reference(OFFLINE), "permit-mobile"))
    assert played.objectives["continuity-verified"] == "failed"
    assert any("the app is not permitted for this user's group" in text for text in played.said("report"))
    kept_out = (
        played.outcome.people.user_hours_without_mail - well(OFFLINE).outcome.people.user_hours_without_mail
    )
    assert kept_out > 0.03 * 100 * 8


def test_a_permission_takes_up_to_a_quarter_of_an_hour_to_reach_the_apps() -> None:
    said = ("outage.start + 25m", "notify users via=phone state=down")
    book = steps(
        OFFLINE, ("outage.start + 5m", "signin break-glass"), ("outage.start + 20m", "continuity start"), said
    )
    session = run(scenario(OFFLINE), book).session
    users = session.drill.world.users
    mobile = (users.membership.ways.app == 3) & (users.membership.ways.group == 1)
    assert mobile.any()
    assert (users.membership.events[-1].since_ms[mobile] > users.membership.events[-1].end_ms).all()
    more = steps(
        OFFLINE,
        *((step.at.text, step.do) for step in book.steps),
        ("outage.start + 30m", "signin cloud"),
        ("outage.start + 30m", "permissions set on app=mobile group=clinics"),
    )
    users = run(scenario(OFFLINE), more).session.drill.world.users
    knows = (
        mobile
        & users.membership.ways.knows_cloud_password
        & (users.announcements.informed_ms < ONSET_MS + 2 * HOUR_MS)
    )
    since_ms = users.membership.events[-1].since_ms[knows]
    done_ms = ONSET_MS + 41 * MINUTE_MS
    assert (since_ms > done_ms).all()
    assert (since_ms <= done_ms + 15 * MINUTE_MS).all()


def test_an_event_for_the_wrong_group_helps_only_that_group() -> None:
    def started(group: str) -> float:
        book = steps(
            OFFLINE,
            ("outage.start + 5m", "signin break-glass"),
            ("outage.start + 20m", f"continuity start group={group} for=16h"),
            ("outage.start + 25m", "notify users via=phone state=down"),
        )
        played = run(scenario(OFFLINE), book, seed=3)
        assert ("continuity.active" in played.milestones) is (group == "all")
        return played.outcome.people.user_hours_without_mail

    everybody, laboratory = started("all"), started("laboratory")
    assert laboratory > everybody + 100


def test_a_colleagues_event_is_shown_and_does_not_prevent_another_one() -> None:
    seeds = {seed: waiting(OFFLINE, seed) for seed in range(1, 6)}
    there = {seed: len(played.session.drill.world.users.membership.events) for seed, played in seeds.items()}
    assert set(there.values()) == {0, 1}, "in some drills somebody was quicker"
    seed = next(seed for seed, count in there.items() if count)
    played = well(OFFLINE, seed)
    assert any("event for laboratory, started by Nils Bergström," in text for text in played.said("report"))
    assert any("this is event 2, in addition to 1 other" in text for text in played.said("done"))
    assert "continuity.active" not in seeds[seed].milestones, "it is for the laboratory"
    assert played.milestones["continuity.ended"] > played.milestones["outage.end"], (
        "not when the first lapses"
    )


def test_chat_of_the_same_vendor_may_be_down_too() -> None:
    reached = {
        seed: "users.told"
        in run(
            scenario(OFFLINE),
            steps(OFFLINE, ("outage.start + 20m", "notify users via=chat state=down")),
            seed,
        ).milestones
        for seed in range(1, 6)
    }
    assert set(reached.values()) == {True, False}


def test_text_messages_reach_only_users_with_a_number_in_the_directory() -> None:
    often = [(f"outage.start + {hour}h", "notify users via=sms state=down") for hour in range(1, 6)]
    users = run(scenario(OFFLINE), steps(OFFLINE, *often)).session.drill.world.users
    never = users.announcements.informed_ms > 1 << 50
    assert 0 < never.sum() < 40
    assert (
        f"reaches {100 - int(never.sum())} of 100"
        in run(scenario(OFFLINE), steps(OFFLINE, often[0])).said("done")[-1]
    )


def test_ending_the_event_at_the_first_success_is_free_only_if_the_outage_is_over() -> None:
    early = run(
        scenario(OFFLINE),
        steps(
            OFFLINE,
            *(
                (step.at.text, step.do)
                for step in reference(OFFLINE).steps
                if step.id in ("emergency-account", "declare", "sign-in", "tell-users")
            ),
            ("outage.start + 6h", "continuity end"),
        ),
    )
    kept = well(OFFLINE).outcome.people.user_hours_without_mail
    assert early.outcome.people.user_hours_without_mail > kept + 2 * 60
    assert early.outcome.people.calls > well(OFFLINE).outcome.people.calls


def test_an_mx_that_bypasses_the_gateway_gets_most_mail_of_a_locked_tenant_rejected() -> None:
    """Nothing in DNS is broken: what the tenant's lock refuses is gone, where waiting loses none of it."""
    asked = ("outage.start + 20m", "approve mx emergency=yes because=nothing comes in")
    moved = run(scenario(OFFLINE), steps(OFFLINE, asked, ("outage.start + 30m", "mx set backup")))
    waited = waiting(OFFLINE)
    assert waited.outcome.lost.rejected == 0
    assert moved.outcome.lost.rejected > moved.outcome.inbound.generated // 3
    assert moved.outcome.inbound.delivered < 2 * waited.outcome.inbound.delivered // 3
    assert (waited.objectives["no-own-goals"], moved.objectives["no-own-goals"]) == ("met", "failed")


def test_the_vendors_repair_is_not_known_in_the_organisation() -> None:
    """Neither a look at the server nor its team tells a short outage from a long one."""

    def told(outage: str) -> list[str]:
        looks = [("outage.start + 70m", "status check server"), ("outage.start + 80m", "phone server-team")]
        return run(scenario(OFFLINE, outage=outage), steps(OFFLINE, *looks)).said("report")

    short, long = ([text for text in texts if "mail server: " in text] for texts in (told("8h"), told("40h")))
    assert len(short) == 2
    assert short == long
    assert all("only the vendor can repair it; recovery time unknown" in text for text in short)


@cache
@cache
def backlog(*given: tuple[str, str], busy: int = 300) -> Played:
    """Three days without the tenant, and one mailbox to which many write."""
    one = load_scenario(OFFLINE, {"users": "200", "outage": "72h", "busy": str(busy)})
    return run(one, steps(OFFLINE, *given))


RETRY = ("outage.end + 20m", "queue retry inbound")
LIMIT = ("outage.end + 15m", "deliveries limit inbound connections=2")


def test_a_backlog_sent_all_at_once_closes_a_shared_mailbox_and_bounces_its_mail() -> None:
    """More than 3,600 within an hour: 554 5.2.122 for the rest of it, and for what comes in the next."""
    flood, left_alone = backlog(RETRY), backlog()
    assert flood.outcome.lost.rejected > 2_000
    assert flood.outcome.lost.suppressed > 0, "bulk senders take it for a dead address"
    assert flood.session.drill.last_seen.gateway().last_error.startswith("554 5.2.122 The recipient has")
    assert (flood.objectives["no-own-goals"], flood.objectives["no-bounce"]) == ("failed", "failed")
    assert left_alone.outcome.lost.rejected == 0, "each message at its own next time: no flood"
    page = " ".join((Path(__file__).parents[2] / "docs/scenarios/m365-offline.md").read_text("utf-8").split())
    assert f"exceeds its limit, and {flood.outcome.lost.rejected:,} messages bounce with 554 5.2.122" in page
    slow_ms, fast_ms = (one.outcome.backlog.drained_after_ms for one in (backlog(LIMIT, RETRY), flood))
    assert slow_ms is not None
    assert fast_ms is not None
    assert f"takes {slow_ms / HOUR_MS:.1f} h to drain instead of {fast_ms / HOUR_MS:.1f} h." in page
    even = backlog(RETRY, busy=0)
    assert even.outcome.lost.rejected == 0, "sixty times as much as any mailbox gets"
    world = flood.session.drill.world
    shared = world.lately.all()
    assert shared is not None
    assert set(shared.user[shared.kind == REJECTED].tolist()) <= {0}


def test_with_a_limit_a_shared_mailbox_accepts_its_backlog() -> None:
    """Two at a time, 7,200 an hour, of which 30 % are the shared mailbox's."""
    limited, flood = backlog(LIMIT, RETRY), backlog(RETRY)
    assert limited.outcome.lost.rejected == limited.outcome.lost.suppressed == 0
    assert limited.outcome.inbound.delivered > flood.outcome.inbound.delivered + 3_000
    assert limited.outcome.backlog.drained_after_ms is not None
    assert flood.outcome.backlog.drained_after_ms is not None
    assert flood.outcome.backlog.drained_after_ms < limited.outcome.backlog.drained_after_ms < 5 * HOUR_MS, (
        "its price"
    )
    assert limited.objectives["no-own-goals"] == "met"
