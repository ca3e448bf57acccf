"""The people's side of a drill as a trainee plays it: looks, calls, approvals, words, decisions, openings."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from sim.drill.commands.command import Assignment
from sim.drill.commands.gateway.deliveries import DeliveriesPause, DeliveriesResume
from sim.drill.commands.outcome import Accepted
from sim.drill.commands.registry import COMMANDS
from sim.drill.room.events import HIDDEN_FROM_TRAINEE
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.drill.snapshot.room import StatusPageView
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.given import done, refused
from tests.offices import APPROVALS, office, start
from tests.plays import ONSET_MS, small

BROKEN = {"fault": "gateway refuses", "reply": None}
"""What whoever probes its hosts sees at once."""


# Looking


def test_the_page_is_green_until_its_first_post_and_the_truth_says_otherwise() -> None:
    session = start(office(), ONSET_MS + MINUTE_MS)
    text = done(session, "status check microsoft")
    assert text == (
        "Microsoft 365, Service health in the Microsoft 365 admin centre: green, no known issues"
    ), "status is green, so it is us: possible to believe"
    session.advance(ONSET_MS + 3 * HOUR_MS)
    text = done(session, "status check microsoft")
    assert "admin centre: red, " in text or "admin centre: amber, " in text
    assert ", posted Mon " not in text
    assert "; posted at Mon " in text
    assert " ago, next update by Mon " in text


def test_the_view_shows_what_was_seen_not_what_the_page_says() -> None:
    session = start(office(), ONSET_MS + MINUTE_MS)
    never = StatusPageView("microsoft", "Microsoft 365", "", "", "", None, None, None)
    assert session.snapshot().room.pages[1] == never
    done(session, "status check microsoft")
    seen = session.snapshot().room.pages[1]
    assert (seen.colour, seen.posted_ms, seen.looked_ms) == ("green", None, session.now_ms - 1)
    session.advance(ONSET_MS + 4 * HOUR_MS)
    assert session.drill.room.pages.full_at("microsoft", session.now_ms) is not None
    assert session.snapshot().room.pages[1] == seen
    assert session.snapshot().room.pages[0].looked_ms is None


def test_when_the_sign_in_is_gone_the_public_page_is_what_there_is() -> None:
    session = start(office(fault={"sign_in": "lost"}), ONSET_MS + 3 * HOUR_MS)
    text = done(session, "status check microsoft")
    assert text.startswith(
        "Service health in the Microsoft 365 admin centre: the sign-in fails; Microsoft 365, public page: "
    )


def test_vendors_that_the_organisation_has_not_cannot_be_looked_at() -> None:
    session = start(office(vendors=[]), ONSET_MS)
    assert refused(session, "status check microsoft") == (
        "microsoft is not a vendor of this organisation; its vendors: none"
    )
    assert (
        refused(session, "phone microsoft")
        == "microsoft is not a vendor of this organisation; its vendors: none"
    )


def test_peers_report_a_vendors_outage_and_not_one_of_ones_own() -> None:
    theirs = start(office(), ONSET_MS + HOUR_MS)
    assert "others report trouble with Microsoft 365 since about Mon 09:" in done(
        theirs, "status check peers"
    )
    own = [{"vendor": "microsoft"}]
    said = set()
    for seed in range(6):
        session = start(office(vendors=own), ONSET_MS + HOUR_MS, seed)
        said |= {done(session, "status check peers") for _look in range(5)}
    assert said == {
        "peers: no reports from others",
        "peers: others report trouble with Microsoft 365",
    }, "now and then they are wrong"


def test_the_probe_takes_ten_minutes_and_tells_how_far_a_message_came() -> None:
    session = start(office(), ONSET_MS - 30 * MINUTE_MS)
    answer = session.dispatch("status check probe")
    assert isinstance(answer, Accepted)
    assert answer.effective_ms - session.now_ms == 10 * MINUTE_MS
    session.advance(answer.effective_ms + 1)
    assert session.events()[-1].text.endswith("; reply came back within a minute")
    assert session.drill.staff.desks[0].free_at_ms(0) == ONSET_MS - 28 * MINUTE_MS, "waiting binds nobody"
    session.advance(ONSET_MS + MINUTE_MS)
    assert done(session, "status check probe").endswith(
        ": accepted with 250 by mx-a.gateway.example; no reply within 8 min"
    )


def test_subscribers_get_a_text_message_about_priority_1_and_others_do_not() -> None:
    uses = [{"vendor": "gateway-vendor", "runs": ["mail-server"], "priority_messages": True}]
    for subscribed in (True, False):
        session = start(
            office(vendors=[{**uses[0], "priority_messages": subscribed}]), ONSET_MS + 5 * HOUR_MS
        )
        came = [event for event in session.events() if event.source == "the gateway's vendor"]
        assert [event.kind for event in came] == (["sms"] if subscribed else [])


# Calling


def test_a_vendor_keeps_one_on_hold_and_gives_a_case() -> None:
    held_min = set()
    for seed in range(8):
        session = start(office(), ONSET_MS + 20 * MINUTE_MS, seed)
        answer = session.dispatch("phone microsoft")
        assert isinstance(answer, Accepted)
        held_min.add((answer.effective_ms - session.now_ms) // MINUTE_MS - 5)
        assert session.snapshot().people[0].doing == "phone microsoft about=status"
    assert all(30 <= minutes <= 120 for minutes in held_min)
    assert len(held_min) > 4
    quiet = start(office(), ONSET_MS - HOUR_MS)
    answer = quiet.dispatch("phone gateway-vendor")
    assert isinstance(answer, Accepted)
    assert answer.effective_ms - quiet.now_ms <= 25 * MINUTE_MS


def test_a_call_on_hold_binds_the_caller_for_the_talk_only_and_can_be_ended() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    assert refused(session, "phone end microsoft") == "no call to microsoft is in progress"
    call = session.dispatch("phone microsoft")
    assert isinstance(call, Accepted)
    assert call.text.endswith("; time on hold unknown")
    session.advance(session.now_ms + 6 * MINUTE_MS)
    (person,) = [one for one in session.snapshot().people if one.on_hold]
    assert (person.doing, person.on_hold) == ("", (("microsoft", session.now_ms - MINUTE_MS),))
    other = session.dispatch("status check server")
    assert isinstance(other, Accepted)
    assert other.starts_ms == session.now_ms
    assert "is on hold with microsoft already" in refused(session, "phone microsoft")
    answered = session.fork(call.effective_ms + 1)
    assert "Microsoft 365, case CS-" in answered.events()[-1].text
    assert done(session, "phone end microsoft").endswith("hung up on microsoft before the call was answered")
    before = len(session.events())
    session.advance(call.effective_ms + MINUTE_MS)
    assert not any("case CS-" in event.text for event in session.events(before))
    assert not session.drill.room.phone.tickets
    assert isinstance(session.dispatch("phone microsoft"), Accepted), "one may call again"


def test_the_caller_hangs_up_whoever_is_free_meanwhile() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    given_to(session, "phone microsoft")
    given_to(session, "permissions show")
    for what in ("hung up on microsoft before the call was answered", "call to microsoft cancelled before"):
        done(session, "phone end microsoft")
        ended = session.events()[-1]
        assert (ended.source, ended.ref) == ("Nadia Rahman", "phone end microsoft")
        assert ended.text.startswith(what)
        given_to(session, "phone microsoft")


def test_a_call_to_the_server_team_can_be_ended_as_well() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    call = given_to(session, "phone server-team")
    session.advance(session.now_ms + MINUTE_MS)
    assert done(session, "phone end server-team") == "hung up on server-team before the call was answered"
    assert session.snapshot().people[0].doing == ""
    session.advance(call.effective_ms + MINUTE_MS)
    assert not [event for event in session.events() if event.text.startswith("mail server: ")]


def test_a_call_ended_during_the_talk_frees_its_caller_at_once() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    call, waits = given_to(session, "phone microsoft"), given_to(session, "permissions show")
    assert waits.starts_ms == call.starts_ms + 5 * MINUTE_MS
    session.advance(session.now_ms + 2 * MINUTE_MS)
    done(session, "phone end microsoft")
    assert refused(session, "phone end microsoft") == "no call to microsoft is in progress"
    caller = session.snapshot().people[0]
    assert (caller.doing, caller.since_ms, caller.on_hold) == ("permissions show", session.now_ms - 1, ())
    session.advance(call.effective_ms + MINUTE_MS)
    shown = [event.t_ms for event in session.events() if event.ref == "permissions show"]
    assert shown[-1] == waits.effective_ms - 3 * MINUTE_MS
    assert session.drill.results[call.number] == "given up"
    assert not session.drill.room.phone.tickets


def test_a_call_that_waits_for_its_caller_can_be_ended_too() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    first = given_to(session, "permissions show")
    call = given_to(session, "phone microsoft")
    done(session, "phone end microsoft")
    session.advance(first.effective_ms + 1)
    assert session.snapshot().people[0].doing == ""
    session.advance(call.effective_ms + MINUTE_MS)
    assert not session.drill.room.phone.tickets


def test_the_call_of_a_plan_can_be_ended_during_its_talk() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    to = Assignment("messaging-admin", session.now_ms, 5 * MINUTE_MS, draws=1 << 30)
    call = session.assign("phone microsoft about=status", to)
    assert isinstance(call, Accepted)
    session.advance(session.now_ms + 2 * MINUTE_MS)
    done(session, "phone end microsoft")
    assert (session.snapshot().people[0].doing, session.drill.results[call.number]) == ("", "given up")
    session.advance(call.effective_ms + MINUTE_MS)
    assert not session.drill.room.phone.holds


def call_of_a_plan(session: Session, draws: int = 1 << 30) -> Accepted:
    to = Assignment("messaging-admin", session.now_ms, 5 * MINUTE_MS, draws=draws)
    answer = session.assign("phone microsoft", to)
    assert isinstance(answer, Accepted)
    return answer


def test_the_call_of_a_plan_can_be_ended_before_it_begins() -> None:
    for line in ("phone end microsoft", "cancel phone"):
        session = start(office(), ONSET_MS + 20 * MINUTE_MS)
        before = given_to(session, "permissions show")
        call = call_of_a_plan(session)
        assert call.starts_ms == before.effective_ms
        done(session, line)
        session.advance(before.effective_ms + 1)
        assert session.snapshot().people[0].doing == ""
        session.advance(call.effective_ms + MINUTE_MS)
        assert not session.drill.room.phone.holds, line
        assert not session.drill.room.phone.tickets, line


def test_the_call_of_a_plan_can_be_ended_while_it_is_on_hold() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    call = call_of_a_plan(session)
    session.advance(session.now_ms + 6 * MINUTE_MS)
    assert [one.on_hold for one in session.snapshot().people if one.on_hold]
    assert refused(session, "cancel phone").endswith("only a command that has not begun can be cancelled")
    ended_ms = session.now_ms
    assert done(session, "phone end microsoft").endswith("hung up on microsoft before the call was answered")
    assert not [one.on_hold for one in session.snapshot().people if one.on_hold]
    (held,) = session.drill.room.phone.holds
    assert held.ended_ms == ended_ms
    assert refused(session, "phone end microsoft") == "no call to microsoft is in progress"
    again = given_to(session, "phone microsoft")
    assert again.effective_ms != call.effective_ms
    done(session, "phone end microsoft")
    session.advance(call.effective_ms + MINUTE_MS)
    assert session.drill.results[call.number] == "given up"
    assert not session.drill.room.phone.tickets
    assert not [event for event in session.events() if "case CS-" in event.text]


def test_a_call_that_was_refused_after_its_talk_does_not_hide_the_one_on_hold() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    call, second = call_of_a_plan(session), call_of_a_plan(session, draws=1 << 31)
    session.advance(second.starts_ms + 6 * MINUTE_MS)
    assert "is on hold with microsoft already" in session.drill.results[second.number]
    done(session, "phone end microsoft")
    assert session.drill.results[call.number] == "given up"
    assert "is on hold with microsoft already" in session.drill.results[second.number]
    session.advance(call.effective_ms + MINUTE_MS)
    assert not session.drill.room.phone.tickets


def test_a_call_that_a_plan_gives_is_on_hold_from_the_end_of_its_talk() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    talk_ms = 5 * MINUTE_MS
    to = Assignment("messaging-admin", session.now_ms + MINUTE_MS, talk_ms, draws=1 << 30)
    call = session.assign("phone microsoft", to)
    assert isinstance(call, Accepted)
    session.advance(call.starts_ms + talk_ms + 1)
    (held,) = session.drill.room.phone.holds
    assert (held.from_ms, held.until_ms) == (call.starts_ms + talk_ms, call.effective_ms)


def given_to(session: Session, text: str) -> Accepted:
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted)
    return answer


def test_what_anyone_may_do_does_whoever_is_free() -> None:
    session = Session.start(small(), 1)
    session.advance(ONSET_MS + 2 * MINUTE_MS)
    given = [
        given_to(session, text) for text in ("status check gateway", "status check probe", "probe mx all")
    ]
    assert {one.starts_ms for one in given} == {session.now_ms}
    assert all("starts now" in one.text for one in given), "the reply is about the person who does it"
    assert len({one.by for one in given}) == 3
    waits = given_to(session, "status check server")
    assert (waits.by, waits.starts_ms > session.now_ms) == (given[0].by, True), "the console is the admin's"


def test_a_note_waits_for_nobody() -> None:
    session = Session.start(small(), 1)
    session.advance(ONSET_MS + 2 * MINUTE_MS)
    assert isinstance(session.dispatch("handover messaging-admin whitlock"), Accepted)
    note = given_to(session, "note we look first")
    assert note.effective_ms == session.now_ms
    assert session.events()[-1].kind == "note"


def test_help_and_rights_agree_on_who_may() -> None:
    for kind in COMMANDS:
        assert kind.facts.product.who.startswith("anyone") == kind.facts.anyone, kind.words


def test_a_case_about_retention_says_what_to_ask_for_next() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    text = done(session, "phone gateway-vendor about=retention")
    (ticket,) = session.snapshot().room.tickets
    assert text == f"the gateway's vendor, case {ticket.number}: {ticket.said}"
    what = "identity verified; request the new retention with `queue extend inbound 8d`"
    assert ticket.said == f"no known incident; {what}"
    assert (ticket.vendor, ticket.about) == ("gateway-vendor", "retention")
    assert ticket.opened_ms == session.now_ms - 1


def test_others_answer_at_once() -> None:
    session = start(office(), ONSET_MS + 20 * MINUTE_MS)
    assert done(session, "phone server-team").startswith("mail server: connection refused, for 2")
    assert done(session, "phone partner") == (
        "a partner: our mail to you was accepted, but we get no answers; we receive nothing from you"
    )
    assert done(session, "phone helpdesk").startswith("helpdesk: ")


# Approving


def test_what_needs_approval_waits_for_the_approvers_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeliveriesPause, "facts", replace(DeliveriesPause.facts, needs_approval="mx"))
    session = start(office(fault=BROKEN), ONSET_MS)
    done(session, "probe mx all")
    reason = refused(session, "deliveries pause inbound")
    assert reason.startswith("approval of mx is missing; request it with `approve mx`")
    assert done(session, "approve mx because=no estimate") == "mx: approval requested from Ines Sandoval"
    asked_ms = session.now_ms - 1
    assert session.snapshot().people[-1].doing == "considers mx"
    assert "has been requested but not yet given" in refused(session, "deliveries pause inbound")
    assert "already been requested" in refused(session, "approve mx")
    session.advance(asked_ms + 61 * MINUTE_MS)
    (call,) = [event for event in session.events() if event.source == "Ines Sandoval"]
    assert (call.kind, call.text) == ("call", "mx: approved")
    assert asked_ms + 10 * MINUTE_MS <= call.t_ms <= asked_ms + 60 * MINUTE_MS
    assert session.drill.milestones["mx.approved"] == call.t_ms
    assert isinstance(session.dispatch("deliveries pause inbound"), Accepted)
    assert session.snapshot().room.approvals[0].state == "granted"
    assert "already approved" in refused(session, "approve mx")


def test_a_refusal_can_be_asked_again_and_an_emergency_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeliveriesPause, "facts", replace(DeliveriesPause.facts, needs_approval="exposure"))
    session = start(office(fault=BROKEN, approvals={**APPROVALS, "refuses_percent": 100}), ONSET_MS)
    done(session, "probe mx all")
    done(session, "approve exposure")
    session.advance(session.now_ms + HOUR_MS)
    (call,) = [event for event in session.events() if event.source == "Ines Sandoval"]
    assert call.text == "opening the lock to the backup: not approved; ask again with more evidence"
    assert "was refused; request it with" in refused(session, "deliveries pause inbound")
    assert isinstance(session.dispatch("approve exposure"), Accepted)
    text = done(session, "approve exposure emergency=yes because=mail is being lost")
    on_record = "opening the lock to the backup: going ahead without approval, on record"
    assert text == f"{on_record}; the request to security was only 5 min old; wait 15 min for an answer"
    assert isinstance(session.dispatch("deliveries pause inbound"), Accepted)
    (overridden,) = session.drill.room.approvals.overridden
    assert (overridden.by, overridden.because) == ("Daniel Okafor", "mail is being lost")


def test_in_a_plan_a_call_out_of_the_approver_takes_the_same_time_whatever_was_asked_before() -> None:
    sandoval = {"id": "sandoval", "name": "Ines Sandoval", "role": "security-approver"}
    on_call = {**sandoval, "hours": "Mon-Fri 08:00-17:00", "on_call_minutes": [0, 240]}
    staff = [one for one in office().content()["organisation"]["staff"] if one["id"] != "sandoval"]
    scenario = office("72h", staff=[*staff, on_call], approvals={**APPROVALS, "answer_minutes": [10, 10]})

    def answered_after_ms(draws: int | None, *earlier: str) -> int:
        session = start(scenario, 10 * HOUR_MS)  # 18:00
        for text in (*earlier, "approve mx"):
            session.advance(session.now_ms + 5 * HOUR_MS if text == "approve mx" else session.now_ms)
            session.assign(text, Assignment("incident-lead", session.now_ms, 0, draws=draws))
        session.advance(session.now_ms + 6 * HOUR_MS)
        request = session.drill.room.approvals.requests[-1]
        assert request.answered_ms is not None
        return request.answered_ms - request.asked_ms

    assert answered_after_ms(7, "approve outbound") == answered_after_ms(7) != answered_after_ms(8)
    assert answered_after_ms(None, "approve outbound") != answered_after_ms(None), "by count without a plan"


def test_the_approver_out_of_hours_answers_with_the_next_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = office("40h")
    staff = [
        person.model_copy(update={"hours": "Mon-Fri 09:00-17:00"}) if person.id == "sandoval" else person
        for person in scenario.organisation.staff
    ]
    evening = scenario.model_copy(
        update={"organisation": scenario.organisation.model_copy(update={"staff": tuple(staff)})}
    )
    session = start(evening, 12 * HOUR_MS)
    done(session, "approve mx")
    session.advance(30 * HOUR_MS)
    (call,) = [event for event in session.events() if event.source == "Ines Sandoval"]
    assert 25 * HOUR_MS + 10 * MINUTE_MS <= call.t_ms <= 26 * HOUR_MS


def test_at_night_who_is_on_call_is_asked_all_the_same_and_who_is_not_cannot_be() -> None:
    """Twelve hours into the drill it is evening."""

    def went_without(**staff: object) -> str:
        scenario = office("40h", fault=BROKEN)
        people = tuple(
            person.model_copy(update={"hours": "Mon-Fri 09:00-17:00", **staff})
            if person.id == "sandoval"
            else person
            for person in scenario.organisation.staff
        )
        organisation = scenario.organisation.model_copy(update={"staff": people})
        session = start(scenario.model_copy(update={"organisation": organisation}), 12 * HOUR_MS)
        done(session, "probe mx all")
        return done(session, "approve mx emergency=yes")

    assert went_without() == "mx: going ahead without approval, on record"
    assert "approval had not been requested" in went_without(on_call_minutes=(5, 10))
    assert "approval had not been requested" in went_without(hours=None)


def test_without_rules_nothing_needs_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeliveriesPause, "facts", replace(DeliveriesPause.facts, needs_approval="mx"))
    session = start(office(approvals=None), ONSET_MS)
    assert refused(session, "approve mx") == "this organisation does not require approval; go ahead"
    assert isinstance(session.dispatch("deliveries pause inbound"), Accepted)


def test_without_an_approver_there_is_only_the_emergency() -> None:
    people = [one for one in office().content()["organisation"]["staff"] if one["id"] != "sandoval"]
    session = start(office(staff=people, fault=BROKEN), ONSET_MS)
    assert "does not have a security-approver; use emergency=yes" in refused(session, "approve mx")
    done(session, "probe mx all")
    assert done(session, "approve mx emergency=yes") == "mx: going ahead without approval, on record"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"vendors": [{"vendor": "acme"}]},
            "there is no vendor 'acme'; choose from gateway-vendor, microsoft",
        ),
        ({"vendors": []}, "channel chat is run by 'microsoft'; `vendors` has none"),
        ({"vendors": [{"vendor": "microsoft"}] * 2}, "has the vendor 'microsoft' twice"),
    ],
)
def test_vendors_that_do_not_fit_are_told_in_one_line(changes: dict[str, object], why: str) -> None:
    content = office().content()
    content["organisation"] |= changes
    with pytest.raises(ValidationError) as caught:
        Scenario.model_validate(content)
    assert why in str(caught.value)


# Saying


def test_a_statement_keeps_what_it_claims_and_promises() -> None:
    session = start(office(), ONSET_MS + 10 * MINUTE_MS)
    text = done(session, "notify users via=sms cause=microsoft until=2h next=1h text=Email is down.")
    assert text.endswith("; next update promised in 1 h")
    (said,) = session.drill.room.said
    spoken_ms = session.now_ms - 1
    assert (said.by, said.cause, said.text) == ("Joana Castell", "microsoft", "Email is down.")
    assert (said.back_by_ms, said.next_ms) == (spoken_ms + 2 * HOUR_MS, spoken_ms + HOUR_MS)
    assert said.reached > 10
    assert session.snapshot().room.said[0].promise == "open"
    session.advance(spoken_ms + 71 * MINUTE_MS)
    assert session.snapshot().room.said[0].promise == "broken"
    done(session, "notify users next=1h")
    done(session, "notify users state=back")
    assert [one.promise for one in session.snapshot().room.said] == ["broken", "kept", ""]


def test_the_channel_that_is_proposed_reaches_the_audience() -> None:
    """A thousand users cannot all be phoned."""
    chat = {"via": "chat", "reaches_percent": 90, "acts_after_minutes": [1, 9], "run_by": "microsoft",
            "down_percent": 100, "source": "test", "confidence": "assumed"}  # fmt: skip
    channels = [*office().content()["organisation"]["channels"], chat]
    channels = [one for one in channels if one["via"] != "chat"] + [chat]
    session = start(office(channels=channels, users=200), ONSET_MS + 10 * MINUTE_MS)
    for audience, via in (("users", "sms"), ("executives", "phone")):
        text = done(session, f"notify {audience} via=chat state=down")
        assert text == f"{audience} not notified: chat is down as well; use via={via}"


def test_chat_may_be_down_with_its_vendor_and_then_reaches_nobody() -> None:
    channels = [
        {"via": "chat", "reaches_percent": 90, "acts_after_minutes": [1, 9], "run_by": "microsoft",
         "down_percent": down, "source": "test", "confidence": "assumed"}
        for down in (0, 100)
    ]  # fmt: skip
    for channel, reached in zip(channels, (True, False), strict=True):
        session = start(office(channels=[channel]), ONSET_MS + 10 * MINUTE_MS)
        text = done(session, "notify users via=chat state=down")
        assert ("chat is down as well" in text) is not reached
        assert "use via=" not in text, "there is no other channel"
        assert ("users.told" in session.drill.milestones) is reached
        assert refused(session, "notify users via=sms state=down") == "there is no sms here; choose from chat"
    before = start(office(channels=[channels[1]]), ONSET_MS - HOUR_MS)
    assert "notified by chat" in done(before, "notify users via=chat state=down"), (
        "only an incident takes it down"
    )


def test_a_promise_for_next_month_is_refused() -> None:
    session = start(office(), ONSET_MS)
    assert "more than 7 d away" in refused(session, "notify users next=8d")


# Stating and deciding


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("diagnose component=mail-server failure=refuses", True),
        ("diagnose component=mail-server failure=times-out", False),
        ("diagnose component=gateway failure=refuses", False),
    ],
)
def test_a_diagnosis_is_stated_and_its_truth_stays_hidden(text: str, right: bool) -> None:
    session = start(office(), ONSET_MS + 10 * MINUTE_MS)
    shown = done(session, text)
    assert shown == "diagnosis: " + text.replace("diagnose component=", "").replace("failure=", "")
    assert "diagnosis.stated" in session.drill.milestones
    assert ("diagnosis.correct" in session.drill.milestones) is right
    assert session.snapshot().room.decisions[0].text == shown.removeprefix("diagnosis: ")


def test_a_diagnosis_before_the_outage_is_not_right() -> None:
    session = start(office(), ONSET_MS - 10 * MINUTE_MS)
    done(session, "diagnose component=mail-server failure=refuses")
    assert "diagnosis.correct" not in session.drill.milestones


@pytest.mark.parametrize("about", ["pause", "mx", "outbound", "continuity"])
def test_a_decision_counts_either_way(about: str) -> None:
    session = start(office(), ONSET_MS)
    assert done(session, f"decide {about} no because=31 h is less than 96 h") == (
        f"decided on {about}: no; reason: 31 h is less than 96 h"
    )
    assert f"{about}.decided" in session.drill.milestones
    (decision,) = session.snapshot().room.decisions
    assert (decision.about, decision.text) == (about, "no: 31 h is less than 96 h")
    assert decision.by == "Daniel Okafor"


# Openings


def test_what_a_command_opens_stays_on_the_register_until_proven_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(DeliveriesPause, "facts", replace(DeliveriesPause.facts, opens="lock"))
    monkeypatch.setattr(DeliveriesResume, "facts", replace(DeliveriesResume.facts, closes="lock"))
    session = start(office(), ONSET_MS - HOUR_MS)  # a server that is down proves nothing
    assert done(session, "openings show") == "register of openings: empty"
    assert "no lock opening in the register" in refused(session, "openings prove lock")
    done(session, "deliveries pause inbound")
    opened = session.snapshot().room.openings
    assert [(one.kind, one.command, one.closed_ms) for one in opened] == [
        ("lock", "deliveries pause inbound", None)
    ]
    assert done(session, "openings prove lock").endswith("; it is still OPEN")
    done(session, "deliveries resume inbound")
    assert "lock closed at Mon " in done(session, "openings show")
    assert "openings.closed" not in session.drill.milestones, "closing proves nothing"
    assert done(session, "openings prove lock").endswith("anonymous mail; lock proven closed")
    assert "openings.closed" in session.drill.milestones
    assert session.drill.room.openings.unproven() == []


# Staff


def test_a_role_is_handed_over_to_somebody_who_can() -> None:
    session = start(office(), ONSET_MS)
    assert "'x' is not a person here; choose from rahman, okafor" in refused(
        session, "handover messaging-admin x"
    )
    assert refused(session, "handover messaging-admin okafor") == (
        "okafor cannot take the role messaging-admin; rahman, whitlock can"
    )
    assert refused(session, "handover messaging-admin rahman") == (
        "rahman already has the role messaging-admin; whitlock can"
    )
    text = done(session, "handover messaging-admin whitlock")
    assert text == "messaging-admin handed over to Peter Whitlock"
    answer = session.dispatch("deliveries pause inbound")
    assert isinstance(answer, Accepted)
    assert answer.by == "Peter Whitlock"
    assert "whitlock already has the role messaging-admin" in refused(
        session, "handover messaging-admin whitlock"
    )
    assert done(session, "handover messaging-admin rahman") == "messaging-admin handed over to Nadia Rahman"


def test_at_night_who_is_on_call_starts_later_and_the_helpdesk_in_the_morning() -> None:
    night_ms = 14 * HOUR_MS  # 22:00
    waits = set()
    for seed in range(6):
        session = start(office("40h"), night_ms, seed)
        answer = session.dispatch("continuity show")
        assert isinstance(answer, Accepted)
        waits.add((answer.starts_ms - night_ms) // MINUTE_MS)
    assert all(5 <= minutes <= 45 for minutes in waits)
    assert len(waits) > 2


# Truth


def test_no_view_of_the_room_holds_what_only_the_future_or_the_truth_knows() -> None:
    """Until somebody looks, two drills that differ in their truth show the same room."""
    views = []
    for changes in (
        {},
        {"fault": {"sign_in": "lost"}},
        {"vendors": office().content()["organisation"]["vendors"]},
    ):
        session = start(office(**changes), ONSET_MS)
        for text in (
            "diagnose component=gateway failure=refuses",
            "decide mx no",
            "notify executives via=phone state=down",
        ):
            session.dispatch(text)
        session.advance(ONSET_MS + 2 * HOUR_MS)
        views.append(session.snapshot().room)
    assert views[0] == views[1] == views[2]
    right = start(office(), ONSET_MS)
    right.dispatch("diagnose component=mail-server failure=refuses")
    right.advance(ONSET_MS + HOUR_MS)
    hidden = {event.text for event in right.events() if event.kind == "milestone"}
    assert hidden >= {"diagnosis.stated", "diagnosis.correct"}
    assert not any("correct" in str(line) for line in (right.snapshot().room.decisions, *_visible(right)))


def _visible(session: Session) -> list[str]:
    return [event.text for event in session.events() if event.kind not in HIDDEN_FROM_TRAINEE]
