"""An exercise: seats and their rights, what each of them hears, and a journal that comes to its digest."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.drill.facilitation.inputs import AtTable
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.table.exercise import Exercise
from sim.table.seats import BadSeat
from tests.plays import ONSET_MS, small


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    one = Exercise.start(small(), 1, tmp_path / "table.jsonl", ("messaging", "dns", "lead"))
    one.sit("facilitator", "Fay")
    one.sit("messaging", "Mona")
    one.sit("dns", "Dan")
    yield one
    one.close()


def kinds(exercise: Exercise, seat: str) -> set[str]:
    return {one.kind for one in exercise.events(seat)}


def test_a_command_of_a_taken_seat_is_its_own(exercise: Exercise) -> None:
    refused = exercise.do("messaging", "Mona", "mx set backup")
    assert not refused.accepted
    assert refused.text == "`mx set` belongs to Dan at dns; `ask dns COMMAND` requests it"
    assert [*exercise.session.commands] == []
    assert "belongs to Mona at messaging" in exercise.do("dns", "Dan", "queue retry inbound").text


def test_commands_of_an_empty_seat_and_of_anyone_may_be_given_by_all(exercise: Exercise) -> None:
    assert exercise.do("dns", "Dan", "diagnose component=gateway failure=refuses").accepted
    assert exercise.do("messaging", "Mona", "note we have begun").accepted
    exercise.leave("dns")
    assert "belongs" not in exercise.do("messaging", "Mona", "mx set backup").text


def test_nothing_is_given_from_an_empty_or_unknown_seat(exercise: Exercise) -> None:
    assert not exercise.do("lead", "Lea", "note hello").accepted
    with pytest.raises(BadSeat, match="it has messaging, dns, lead, facilitator"):
        exercise.do("comms", "Cy", "note hello")
    with pytest.raises(BadSeat, match="choose from"):
        Exercise.start(small(), 1, None, ("chef",))


def test_truth_reaches_the_facilitator_only_and_alerts_their_seat(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + 30 * MINUTE_MS)
    assert {"fault", "milestone"} <= kinds(exercise, "facilitator")
    assert not {"fault", "milestone"} & (kinds(exercise, "messaging") | kinds(exercise, "dns"))
    assert "sms" in kinds(exercise, "messaging")
    assert "sms" not in kinds(exercise, "dns")
    exercise.leave("messaging")
    assert "sms" in kinds(exercise, "dns")


def test_a_line_to_a_seat_is_heard_there_and_by_its_sender(exercise: Exercise) -> None:
    assert exercise.do("messaging", "Mona", "tell dns is the TTL low?").accepted
    said = [one for one in exercise.events("dns") if "TTL" in one.text]
    assert [one.text for one in said] == ["to dns: is the TTL low?"]
    assert exercise.events("messaging")[-1] == said[0]
    exercise.sit("lead", "Lea")
    assert not [one for one in exercise.events("lead") if "TTL" in one.text]
    assert "comms: not a taken seat" in exercise.do("lead", "Lea", "tell comms hello").text


def test_the_result_of_a_command_reaches_the_seat_that_gave_it(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS)
    assert exercise.do("dns", "Dan", "probe mx all").accepted
    exercise.advance(ONSET_MS + HOUR_MS // 2)
    assert "report" in kinds(exercise, "dns")
    assert "report" not in kinds(exercise, "messaging")


def test_a_frozen_clock_does_not_pass_and_players_wait(exercise: Exercise) -> None:
    assert exercise.do("facilitator", "Fay", "freeze what do you see?").accepted
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.frozen) == (0, True)
    assert not exercise.do("messaging", "Mona", "note hello").accepted
    assert exercise.do("messaging", "Mona", "tell all hello").accepted
    assert not exercise.do("messaging", "Mona", "go").accepted
    assert exercise.do("facilitator", "Fay", "go").accepted
    assert exercise.do("facilitator", "Fay", "speed 600").accepted
    exercise.advance(HOUR_MS)
    assert (exercise.now_ms, exercise.look("dns").speed) == (HOUR_MS, 600)


def test_the_journal_rebuilds_the_exercise(exercise: Exercise, tmp_path: Path) -> None:
    exercise.advance(ONSET_MS)
    exercise.do("dns", "Dan", "probe mx all")
    exercise.do("messaging", "Mona", "tell all the gateway fails")
    exercise.do("facilitator", "Fay", "freeze")
    digest, heard = exercise.session.digest(), exercise.events("messaging")
    exercise.close()
    path = tmp_path / "table.jsonl"
    assert Session.replay(path).digest() == digest
    again = Exercise.resume(path)
    assert (again.person("dns"), again.frozen, again.session.digest()) == ("Dan", True, digest)
    assert again.events("messaging") == heard
    assert again.session.fork(again.now_ms).digest() == digest
    again.close()


def test_a_player_cannot_take_the_roles_of_another_seat(exercise: Exercise) -> None:
    assert not exercise.do("messaging", "Mona", "sit security-approver").accepted
    assert exercise.session.drill.table.seat_of("security-approver") == ""
    assert exercise.do("messaging", "Mona", "leave").accepted
    assert exercise.person("messaging") == ""
    assert "needs its facilitator" in exercise.do("facilitator", "Fay", "leave").text


def test_a_name_is_short_and_printable(exercise: Exercise) -> None:
    for name in ("", "  ", "a" * 41, "Eve\x1b[2J"):
        assert not exercise.sit("lead", name).accepted


def test_a_word_that_another_history_refuses_has_no_effect(exercise: Exercise) -> None:
    exercise.do("messaging", "Mona", "ask dns ttl set mx 5m")
    exercise.do("dns", "Dan", "deny 1")
    words = [what for _t_ms, what in exercise.session.inputs if isinstance(what, AtTable)]
    other = Session(small(), 1, None)
    for what in (one for one in words if not one.text.startswith("ask")):
        other.speak(what.text, what.by)
    assert other.drill.table.requests == []


def test_a_look_has_the_places_of_its_seat(exercise: Exercise) -> None:
    look = exercise.look("dns")
    assert look.places[0] == "DNS"
    assert [(one.name, one.person) for one in look.seats] == [
        ("messaging", "Mona"), ("dns", "Dan"), ("lead", ""), ("facilitator", "Fay"),
    ]  # fmt: skip
    assert look.snapshot == replace(exercise.session.snapshot(), objectives=())
    assert exercise.look("facilitator").snapshot.objectives


def test_a_command_of_another_seat_is_asked_for_and_given_there(exercise: Exercise) -> None:
    assert "give the command yourself" in exercise.do("messaging", "Mona", "ask lead note hello").text
    assert "unknown command" in exercise.do("messaging", "Mona", "ask dns make coffee").text
    assert exercise.do("messaging", "Mona", "ask dns ttl set mx 5m").accepted
    assert exercise.do("messaging", "Mona", "ask dns mta-sts show").accepted
    assert [one.state for one in exercise.look("dns").requests] == ["open", "open"]
    assert "no such request" in exercise.do("messaging", "Mona", "allow 1").text
    exercise.sit("facilitator", "Fay")
    exercise.do("facilitator", "Fay", "freeze")
    assert "clock is stopped" in exercise.do("dns", "Dan", "allow 1").text
    exercise.do("facilitator", "Fay", "go")
    assert exercise.do("dns", "Dan", "deny 2 not now").accepted
    given = exercise.do("dns", "Dan", "allow 1")
    assert given.accepted
    assert "ttl set" in given.text
    assert [one.state for one in exercise.look("messaging").requests] == ["allowed", "denied"]
    assert "has been answered" in exercise.do("dns", "Dan", "allow 1").text
    assert [text for _t_ms, text in exercise.session.commands] == ["ttl set mx 5m"]


def test_the_reason_of_an_answer_may_begin_with_because(exercise: Exercise) -> None:
    for number, reason in ((1, "because fine"), (2, "because=fine"), (3, "fine")):
        exercise.do("messaging", "Mona", "ask dns ttl set mx 5m")
        assert exercise.do("dns", "Dan", f"deny {number} {reason}").accepted
        told = next(one for one in exercise.events("messaging")[::-1] if one.kind == "talk")
        assert told.text.endswith(", because fine")
        assert told.text.count("because") == 1


def test_an_approval_waits_for_the_person_at_the_security_seat(tmp_path: Path) -> None:
    exercise = Exercise.start(small("8h"), 1, tmp_path / "approval.jsonl", ("messaging", "security"))
    exercise.sit("messaging", "Mona")
    exercise.sit("security", "Sid")
    exercise.advance(2 * HOUR_MS)
    assert exercise.do("messaging", "Mona", "approve exposure opening=lock because=it is down").accepted
    exercise.advance(8 * HOUR_MS)
    asked = [one for one in exercise.events("security") if one.ref == "request"]
    assert asked[0].text.endswith("because it is down: `allow 1` or `deny 1 REASON`")
    assert not [one for one in exercise.events("messaging") if one.ref == "request"]
    assert exercise.session.drill.room.approvals.requests[0].state == "asked"
    assert exercise.do("security", "Sid", "allow 1").accepted
    given = exercise.session.drill.room.approvals.requests[0]
    assert (given.state, given.answered_ms) == ("granted", 8 * HOUR_MS)
    digest = exercise.session.digest()
    exercise.close()
    assert Session.replay(tmp_path / "approval.jsonl").digest() == digest


def test_an_approver_who_leaves_is_played_by_the_simulator() -> None:
    exercise = Exercise.start(small("8h"), 1, None, ("messaging", "security"))
    exercise.sit("messaging", "Mona")
    exercise.sit("security", "Sid")
    exercise.advance(2 * HOUR_MS)
    exercise.do("messaging", "Mona", "approve exposure opening=lock")
    exercise.advance(4 * HOUR_MS)
    exercise.leave("security")
    exercise.advance(5 * HOUR_MS)
    assert exercise.session.drill.room.approvals.requests[0].state == "refused"  # without evidence


def test_calls_reach_the_seat_that_callers_ask_for(exercise: Exercise) -> None:
    exercise.sit("lead", "Lea")
    exercise.advance(ONSET_MS + 3 * HOUR_MS // 2)
    calls = [one for one in exercise.events("lead") if one.kind == "call"]
    assert calls
    assert {one.to for one in calls} == {"incident-lead"}
    assert not [one for one in exercise.events("dns") if one in calls]


def test_a_call_is_answered_once(exercise: Exercise) -> None:
    exercise.advance(ONSET_MS + HOUR_MS)
    ticket = next(one for one in exercise.events("dns") if one.kind == "ticket")
    assert exercise.do("dns", "Dan", f"answer {ticket.seq} we are working on it").accepted
    again = exercise.do("messaging", "Mona", f"answer {ticket.seq} hello")
    assert again.text == "Dan at dns has answered it"
    assert "not the number" in exercise.do("dns", "Dan", "answer 0 hello").text
