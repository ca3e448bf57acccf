"""The mail server is down: each step of the article the right way and the wrong way, at its price."""

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.decisions.decision_findings import decision_findings
from tests.drills.played import Played, reference, run, scenario, steps, waiting, well, without

NAME = "exchange-down"
ONSET_MS = 72 * MINUTE_MS
START = ("outage.start + 15m and alert.first + 10m", "continuity start for=24h")
MORE = ("outage.start + 20h", "continuity extend 24h")
TELL = ("outage.start + 20m and alert.first + 12m", "notify users via=sms state=down")


def played(*given: tuple[str, str], outage: str = "") -> Played:
    return run(scenario(NAME, outage=outage), steps(NAME, *given))


def hours(one: Played) -> float:
    return one.outcome.people.user_hours_without_mail


def test_the_same_event_from_the_console_the_text_message_and_the_email() -> None:
    started = {
        via: played((START[0], f"continuity start for=24h via={via}"), MORE, TELL)
        for via in ("console", "sms", "email")
    }
    assert len({hours(one) for one in started.values()}) == 1
    assert all("continuity.active" in one.milestones for one in started.values())
    assert hours(started["sms"]) < hours(waiting(NAME)) / 2


def test_yesterdays_link_no_longer_works() -> None:
    """Acknowledged alerts are not repeated, and their links are valid for a day."""
    ack = ("alert.first + 1m", "alerts ack")
    again = ("outage.start + 25h", "continuity start for=4h via=sms")
    late = played(ack, again)
    assert any("no alert with a valid link has arrived by sms" in text for text in late.said("refused"))
    unacknowledged = played(again)
    assert "continuity.active" in unacknowledged.milestones, "the repeated alert brought a link of its own"
    assert hours(unacknowledged) < hours(late) == hours(waiting(NAME))


def test_repairs_before_declaring_delay_the_declaration() -> None:
    at_once, after = (
        played(START, MORE, TELL),
        played(("outage.start + 3h", START[1]), MORE, ("outage.start + 3h", TELL[1])),
    )
    assert hours(after) - hours(at_once) > 2 * 60
    assert at_once.objectives["continuity-active"] == "met"
    assert after.objectives["continuity-active"] == "failed"


def test_an_event_for_the_terminal_alone_leaves_the_offices_without_mail() -> None:
    wrong = played((START[0], "continuity start group=terminal for=24h"), MORE, TELL)
    offices = int(wrong.session.drill.continuity.members("office").sum())
    right = hours(played(START, MORE, TELL))
    assert hours(wrong) - right > 0.6 * 31 * offices
    assert wrong.objectives["continuity-active"] == "failed"


def test_an_event_that_lapses_in_the_evening_costs_the_whole_night() -> None:
    lapsed = played((START[0], "continuity start for=8h"), TELL)
    kept = played(START, MORE, TELL)
    assert lapsed.objectives["no-gap"] == "failed"
    assert kept.objectives["no-gap"] == "met"
    assert hours(lapsed) - hours(kept) > 0.7 * 22 * 100
    assert lapsed.outcome.people.calls > kept.outcome.people.calls + 5, "fresh calls on the next morning"


def test_nobody_told_means_only_those_get_in_whose_program_asks_by_itself() -> None:
    quiet, told = played(START, MORE), played(START, MORE, TELL)
    programs = quiet.session.drill.world.users.membership.ways.app == 0
    assert hours(quiet) == pytest.approx((100 - int(programs.sum())) * 31, rel=0.05)
    assert hours(told) < hours(quiet) / 2


def test_an_update_by_dead_email_reaches_no_users_and_one_by_intranet_reaches_some() -> None:
    by = {
        via: played(START, MORE, (TELL[0], f"notify users via={via} state=down"))
        for via in ("email", "intranet", "sms", "phone")
    }
    polls = hours(by["email"])
    assert by["email"].milestones.get("users.told") is not None, "those in the event read it"
    assert polls == hours(played(START, MORE)), "and they are in already"
    assert polls > hours(by["intranet"]) > hours(by["sms"]) > hours(by["phone"]) * 0.9


def test_a_second_channel_reaches_those_without_a_number() -> None:
    once = played(START, MORE, TELL, ("outage.start + 26m", "notify users via=sms state=down"))
    twice = played(START, MORE, TELL, ("outage.start + 26m", "notify users via=intranet state=down"))
    assert hours(twice) < hours(once)


def test_an_app_that_is_not_permitted_keeps_the_terminals_mobile_users_out() -> None:
    book = reference(NAME)
    forgotten = run(scenario(NAME), without(book, "permit-mobile"))
    ways = forgotten.session.drill.world.users.membership.ways
    mobile = int(((ways.app == 4) & (ways.group == 1)).sum())
    assert mobile > 0
    assert hours(forgotten) - hours(well(NAME)) > 0.8 * mobile * 28


def test_reject_instead_of_retry() -> None:
    press = ("server.reported-back + 20m", "queue retry inbound")
    slip = ("server.reported-back + 20m", "queue reject inbound")
    right, wrong = played(press), played(slip)
    assert right.outcome.lost.rejected == 0
    assert wrong.outcome.lost.rejected > 500
    assert wrong.outcome.inbound.delivered < right.outcome.inbound.delivered
    assert any("messages rejected; their senders are notified" in text for text in wrong.said("done"))


def test_a_pause_that_is_never_lifted_leaves_the_mail_at_the_gateway() -> None:
    lifted = played(
        ("outage.start + 60h", "deliveries pause inbound"),
        ("server.reported-back + 20m", "deliveries resume inbound"),
        outage="120h",
    )
    forgotten = played(("outage.start + 60h", "deliveries pause inbound"), outage="120h")
    late = played(
        ("outage.start + 97h", "deliveries pause inbound"),
        ("server.reported-back + 20m", "deliveries resume inbound"),
        outage="120h",
    )
    assert (lifted.outcome.lost.bounced, lifted.outcome.inbound.queued) == (0, 0)
    assert forgotten.outcome.inbound.queued > 1000
    assert late.outcome.lost.bounced > 50, "after the first expiry"
    assert "bounce.first" in late.milestones


def test_needless_pauses_and_retentions_are_counted() -> None:
    needless = played(
        ("outage.start + 2h", "deliveries pause inbound"),
        ("server.reported-back + 20m", "deliveries resume inbound"),
        ("outage.start + 3h", "queue extend inbound 8d"),
    )
    assert needless.objectives["nothing-needless"] == "failed"
    assert well(NAME).objectives["nothing-needless"] == "met"
    assert needless.outcome.lost.bounced == well(NAME).outcome.lost.bounced == 0, "it bought nothing"


@pytest.mark.parametrize("deed", ["queue extend outbound 8d", "deliveries pause outbound"])
def test_holding_outbound_mail_is_needless_while_none_is_queued(deed: str) -> None:
    one = played(("outage.start + 3h", deed))
    assert one.objectives["nothing-needless"] == "missed"
    assert any(
        line.startswith("Wrong") and "in the outbound queue, nothing was queued" in line
        for line in decision_findings(one.session)
    )


def test_ending_the_event_before_the_queue_is_empty_hides_queued_mail() -> None:
    early = played(START, MORE, TELL, ("outage.end + 5m", "continuity end"))
    kept = played(START, MORE, TELL)
    at_ms = ONSET_MS + 32 * HOUR_MS
    waits = [one.session.fork(at_ms).drill.world.flags()["readable"] for one in (early, kept)]
    assert waits[0] == 0
    assert waits[1] > 100


def test_calls_depend_on_true_and_recent_updates() -> None:
    silent = waiting(NAME)
    once = played(("outage.start + 10m", "notify users via=phone state=down"))
    lately = played(*((f"outage.start + {h}h", "notify users via=phone state=down") for h in range(0, 31, 4)))
    promised = played(("outage.start + 10m", "notify users via=phone next=1h"))
    assert silent.outcome.people.calls > once.outcome.people.calls > lately.outcome.people.calls
    assert promised.outcome.people.calls > once.outcome.people.calls, (
        "the next word was promised and did not come"
    )
    assert hours(lately) == hours(silent), "words are no mailbox"


def test_executives_call_if_they_have_not_been_notified() -> None:
    silent, told = waiting(NAME), well(NAME)
    assert silent.outcome.people.executive_calls > 10
    assert silent.outcome.people.partner_calls > 3
    assert (told.outcome.people.executive_calls, told.outcome.people.partner_calls) == (0, 0)
    assert [text for text in silent.said("call") if text.startswith("We have not been told anything.")]


def test_fresh_calls_come_on_the_next_morning_and_none_at_night() -> None:
    users = waiting(NAME).session.drill.world.users
    night, morning = (len(users.calls.between(a * HOUR_MS, b * HOUR_MS)) for a, b in ((12, 22), (23, 27)))
    assert night == 0, "from eight in the evening to six"
    assert morning > 3, "from seven to eleven"


def test_a_backlog_sent_all_at_once_floods_a_slow_server() -> None:
    """20 messages a second come in: one server works off 20 a second, the other two."""
    press = steps(
        NAME,
        ("server.reported-back + 20m", "queue retry inbound"),
        ("outage.end + 75m", "status check server"),
    )

    def flooded(works_for: str) -> Played:
        settings = {"users": "600", "works-for": works_for}
        return run(load_scenario(NAME, settings), press)

    quick, slow = flooded("200ms"), flooded("2s")
    levels = [
        event.text
        for event in slow.session.events()
        if "back pressure" in event.text and event.kind == "fault"
    ]
    assert levels[:2] == [
        "back pressure: makes each message wait",
        "back pressure: refuses mail from outside",
    ]
    assert not [event for event in quick.session.events() if "back pressure" in event.text]
    assert quick.outcome.backlog.drained_after_ms is not None
    assert (
        slow.outcome.backlog.drained_after_ms is None
        or slow.outcome.backlog.drained_after_ms > 2 * quick.outcome.backlog.drained_after_ms
    )
    assert slow.session.drill.faults.last_reply() == "452 4.3.1 Insufficient system resources"
    assert any("in its submission queue, back pressure: " in text for text in slow.said("report"))
    attempts = [one.session.drill.world.attempts()["inbound"] for one in (quick, slow)]
    assert attempts[1] > attempts[0]
