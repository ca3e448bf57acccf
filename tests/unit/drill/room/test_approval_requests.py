"""What an approval is of, how long it holds, and when something stood open without one."""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms, unapproved_spans, unsigned
from sim.drill.organisation.house_rules import read_house_rules
from sim.drill.organisation.staff_file import Approvals as Rules
from sim.drill.room.approval_requests import NO_EMERGENCY, ApprovalRequests
from sim.drill.room.approvals import NOT_THE_GATEWAY, NOTHING_SEEN, Scope
from sim.drill.room.work_given import Turn
from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.knowledge import known_now
from sim.drill.scoring.objectives import beyond
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.findings.people_findings import people_findings
from tests.gateway_office import ONSET_MS, drill
from tests.given import done, refused
from tests.shipped import FILES

GATEWAY_BROKEN = "diagnose component=gateway failure=refuses"
LOCK = Scope("exposure", "lock", "backup")
WIDE = Scope("exposure", "lock", "everybody")
WAITS_MS = 15 * MINUTE_MS
RULES = Rules(answer_minutes=(0, 0), refuses_percent=0, source="test", confidence="assumed")


def approvals() -> ApprovalRequests:
    return ApprovalRequests(RULES, WAITS_MS, 1)


def grant(
    book: ApprovalRequests,
    at_h: float,
    scope: Scope = LOCK,
    for_h: float | None = None,
    *,
    grounds: bool = True,
) -> None:
    at_ms, for_ms = int(at_h * HOUR_MS), None if for_h is None else int(for_h * HOUR_MS)
    due_ms, answer = book.ask(scope, Turn("a"), "b", at_ms, 0, "", for_ms)
    answer(due_ms, "" if grounds else "nothing seen", None, "")


def gaps(
    book: ApprovalRequests, from_h: int, to_h: int, scope: Scope = LOCK
) -> list[tuple[float, float, str]]:
    span = (from_h * HOUR_MS, to_h * HOUR_MS)
    return [(one.a_ms / HOUR_MS, one.b_ms / HOUR_MS, one.why) for one in unsigned(book, [(span, (scope,))])]


def test_a_word_on_everybody_is_one_on_the_backup_and_not_the_other_way_round() -> None:
    assert WIDE.covers(LOCK)
    assert not LOCK.covers(WIDE)
    assert not LOCK.covers(Scope("exposure", "firewall", "backup"))
    assert not Scope("mx").covers(LOCK)


def test_an_approval_holds_for_a_day_and_is_extended_to_three_at_most() -> None:
    book = approvals()
    grant(book, 1)
    assert gaps(book, 1, 30) == [(25, 30, "the approval had expired")]
    grant(book, 20, for_h=72)
    assert gaps(book, 1, 100) == [(73, 100, "the approval had expired")]
    grant(book, 60, for_h=72)
    assert gaps(book, 1, 100) == [(84, 100, "the approval had expired")], "looked at anew, for a day"
    grant(book, 80, for_h=72)
    assert gaps(book, 1, 200) == [(132, 200, "the approval had expired")]


def test_less_than_a_day_may_be_asked_for() -> None:
    book = approvals()
    grant(book, 1, for_h=2)
    assert gaps(book, 1, 4) == [(3, 4, "the approval had expired")]


def test_what_is_closed_and_opened_again_needs_another_word() -> None:
    book = approvals()
    grant(book, 1)
    book.closed("lock", 5 * HOUR_MS)
    assert gaps(book, 1, 8) == [(5, 8, "the approval was for an opening that had been closed")]
    grant(book, 6)
    assert gaps(book, 1, 8) == [(5, 6, "the approval was for an opening that had been closed")]


def test_what_is_asked_without_grounds_is_answered_with_no() -> None:
    book = approvals()
    grant(book, 1, grounds=False)
    assert book.requests[0].state == "refused"
    assert gaps(book, 3, 4) == [(3, 4, "security had refused")]
    grant(book, 2)
    assert gaps(book, 3, 4) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (LOCK, "the approval was for the backup alone"),
        (Scope("exposure", "firewall", "everybody"), "the approval was for another opening"),
        (Scope("mx"), "it was never approved"),
    ],
)
def test_why_something_was_not_signed_off(given: Scope, why: str) -> None:
    book = approvals()
    grant(book, 1, given)
    assert gaps(book, 2, 3, WIDE) == [(2, 3, why)]


def went_without(
    asked_min: int | None, now_min: int, *, answer_min: int = 60, answerable: bool = True
) -> str:
    """What was wrong with an override at `now_min` of what was asked at `asked_min`; empty: it was sound."""
    slow = Rules(answer_minutes=(answer_min, answer_min), refuses_percent=0, source="t", confidence="assumed")
    book = ApprovalRequests(slow, WAITS_MS, 1)
    if asked_min is not None:
        due_ms, answer = book.ask(LOCK, Turn("a"), "b", asked_min * MINUTE_MS, 0, "")
        if due_ms <= now_min * MINUTE_MS:
            answer(due_ms, "nothing seen", None, "")
    book.override(LOCK, "a", now_min * MINUTE_MS, "", answerable=answerable)
    return "; ".join(one.too_soon for one in book.unsound)


def test_an_override_is_sound_once_nobody_has_answered_for_a_quarter_of_an_hour_or_nobody_could() -> None:
    assert (
        went_without(None, 1)
        == "approval had not been requested; request it first, and wait 15 min for the answer"
    )
    assert went_without(1, 15) == "the request to security was only 14 min old; wait 15 min for an answer"
    assert went_without(1, 16) == ""
    assert went_without(1, 16, answer_min=10).startswith("security had refused; ask again with new evidence")
    assert went_without(None, 1, answerable=False) == ""


def test_an_override_of_what_nobody_has_seen_to_fail_is_no_emergency() -> None:
    """Asked before the onset, so that a quarter of an hour has gone when something breaks."""
    session = drill(MINUTE_MS, approvals=True, phoning=False)
    done(session, "approve outbound")
    session.advance(session.now_ms + 30 * MINUTE_MS)
    assert done(session, "approve mx emergency=yes").endswith(NO_EMERGENCY)
    assert done(session, "approve outbound emergency=yes").endswith(f"on record; {NO_EMERGENCY}")
    assert len(session.drill.room.approvals.unsound) == 2
    seen = drill(ONSET_MS, approvals=True, phoning=False)
    done(seen, "probe mx all")
    done(seen, "approve outbound")
    seen.advance(seen.now_ms + 15 * MINUTE_MS)
    assert done(seen, "approve outbound emergency=yes").endswith("without approval, on record")
    assert seen.drill.room.approvals.unsound == []


def test_what_was_asked_of_one_opening_does_not_make_an_override_of_a_wider_one_sound() -> None:
    book = approvals()
    book.ask(LOCK, Turn("a"), "b", 0, 0, "")
    assert book.override(WIDE, "a", HOUR_MS, "").too_soon.startswith("approval had not been requested")
    assert book.override(LOCK, "a", HOUR_MS, "").too_soon == ""


def test_without_rules_everything_is_approved() -> None:
    assert unsigned(ApprovalRequests(None, WAITS_MS, 1), [((0, 5), (LOCK,))]) == []


def test_when_times_that_overlap_became_more_than_allowed() -> None:
    spans = [(10, 20), (15, 30), (50, 60)]
    assert passed_ms(spans, 0) == 10
    assert passed_ms(spans, 19) == 29
    assert passed_ms(spans, 20) == 50
    assert passed_ms(spans, 29) == 59
    assert passed_ms(spans, 30) is None


# In a drill


def figures(session: Session) -> tuple[int, int]:
    """Minutes exposed and not signed off, and minutes open without an approval in force."""
    exposed = minutes(exposure(session.drill).unsigned_off_ms)
    return exposed, minutes(total_ms(unapproved_spans(session.drill)))


def test_one_approval_does_not_pay_for_two_openings() -> None:
    session = drill(ONSET_MS + MINUTE_MS, approvals=True, guard={"firewall_lets_in": []})
    done(session, GATEWAY_BROKEN)
    done(session, "approve exposure")
    session.advance(session.now_ms + 2 * HOUR_MS)
    done(session, "lock open backup")
    assert "opening the lock to everyone is missing" in refused(session, "lock open everybody")
    assert "opening the firewall to the backup is missing" in refused(session, "firewall open backup")
    session.advance(session.now_ms + HOUR_MS)
    assert figures(session) == (0, 0)
    done(session, "approve exposure opening=firewall emergency=yes")
    done(session, "firewall open backup")
    opened_ms = session.now_ms - 1
    session.advance(opened_ms + HOUR_MS)
    assert figures(session) == (0, 60), "what is behind the firewall is filtered by the backup"
    assert beyond(session.drill, "open-unapproved-min", 30) == opened_ms + 30 * MINUTE_MS
    assert session.snapshot().protection.not_approved_ms == HOUR_MS


def answered(session: Session, *given: str) -> str:
    """What the approver says when `given` has been given one after the other, the last of it `approve …`."""
    for text in given:
        done(session, text)
    session.advance(session.now_ms + 2 * HOUR_MS)
    return [event.text for event in session.events() if event.source == "Ines Sandoval"][-1]


@pytest.mark.parametrize("at_ms", [ONSET_MS - 3 * HOUR_MS, ONSET_MS])
def test_without_a_word_of_what_is_broken_the_answer_is_no_whatever_is_true(at_ms: int) -> None:
    session = drill(max(at_ms, MINUTE_MS), approvals=True)
    assert answered(session, "approve mx").startswith("mx: not approved; first state what is broken")
    assert "was refused" in refused(session, "mx set backup")
    assert "mx.approved" not in session.drill.milestones


def test_the_approver_goes_by_what_was_stated_or_tried_and_not_by_the_truth() -> None:
    ask = "approve exposure whom=everybody"
    other = drill(ONSET_MS, approvals=True)
    told = answered(other, "diagnose component=mail-server failure=refuses", ask)
    assert told.endswith(f"not approved; {NOT_THE_GATEWAY}")
    guessed = drill(ONSET_MS, approvals=True, phoning=False)
    assert answered(guessed, GATEWAY_BROKEN, ask).endswith(f"not approved; {NOTHING_SEEN}")
    tried = drill(ONSET_MS, approvals=True)
    assert "approved until" in answered(tried, "probe mx all", ask)
    done(tried, "lock open everybody")
    tried.advance(tried.now_ms + HOUR_MS)
    assert figures(tried) == (0, 0)
    healthy = drill(MINUTE_MS, approvals=True)
    told = answered(healthy, "probe mx all", ask)
    assert "not approved; your own test of " in told, "it came back: to ask for a test again would not help"
    assert told.endswith("shows that it accepts mail")


def test_a_partner_who_phones_bears_a_guess_out() -> None:
    phoned = drill(ONSET_MS, approvals=True)
    assert "mx: approved" in answered(phoned, GATEWAY_BROKEN, "approve mx")
    assert "partner" not in NOTHING_SEEN, "nobody can have them call"


@pytest.mark.parametrize("look", ["probe mx all", "status check probe", "connector test to=gmail"])
def test_what_has_worked_is_said_to_whoever_states_the_contrary(look: str) -> None:
    """A guess before the onset, and a look that finds nothing wrong."""
    session = drill(MINUTE_MS, approvals=True, phoning=False)
    done(session, look)
    session.advance(session.now_ms + 10 * MINUTE_MS)
    told = answered(session, GATEWAY_BROKEN, "approve outbound")
    assert "outbound: not approved; your own test of Wed 09:" in told


@pytest.mark.parametrize(
    "look", ["probe mx all", "status check probe", "connector test to=gmail", "phone partner", "track from=."]
)
def test_each_look_that_fails_is_grounds_for_who_has_stated_it(look: str) -> None:
    """The gateway's console is out of reach: tracking fails there."""
    session = drill(ONSET_MS, approvals=True, phoning=False)
    assert "outbound: approved" in answered(session, look, GATEWAY_BROKEN, "approve outbound")


def test_a_probe_from_inside_and_one_still_under_way_show_nothing() -> None:
    inside = drill(ONSET_MS, approvals=True, phoning=False)
    told = answered(inside, "probe mx all from=inside", GATEWAY_BROKEN, "approve outbound")
    assert told.endswith(f"not approved; {NOTHING_SEEN}")
    healthy = drill(MINUTE_MS, approvals=True)
    done(healthy, "probe mx all")
    assert known_now(healthy.drill).gateway_takes is None, "it has been taken and has not come back yet"
    healthy.advance(healthy.now_ms + 10 * MINUTE_MS)
    assert known_now(healthy.drill).gateway_takes is True


def test_what_a_probe_has_found_tells_nothing_of_two_hours_later() -> None:
    """What took mail on the quiet morning is no reason to leave the MX alone, nor what failed then to act."""
    quiet, refusing = drill(MINUTE_MS), drill(ONSET_MS)
    for session in (quiet, refusing):
        done(session, "probe mx all")
    seen_ms = refusing.now_ms
    quiet.advance(quiet.now_ms + 10 * MINUTE_MS)
    stale_ms = read_house_rules(FILES).diagnosis.stale_ms
    for session, takes in ((quiet, True), (refusing, False)):
        assert known_now(session.drill).gateway_takes is takes
        session.advance(session.now_ms + stale_ms - 20 * MINUTE_MS)
        assert known_now(session.drill).gateway_takes is takes
        session.advance(session.now_ms + 30 * MINUTE_MS)
        known = known_now(session.drill)
        assert known.gateway_takes is None
        assert known.stale_ms is not None
        assert known.now_ms - stale_ms > known.stale_ms
    assert (known_now(refusing.drill).stale_ms or 0) >= seen_ms - 10 * MINUTE_MS
    done(quiet, "probe mx all")
    assert known_now(quiet.drill).gateway_takes is False, "it has failed meanwhile"
    assert known_now(quiet.drill).stale_ms is None


def test_who_has_signed_for_what_stands_open_signs_on_when_the_gateway_is_back() -> None:
    """Stragglers still come by the backup; the gateway has been seen to work."""
    session = drill(ONSET_MS, approvals=True, fault={"for": "3h"})
    assert "approved until" in answered(session, "probe mx all", "approve exposure")
    done(session, "lock open backup")
    session.advance(ONSET_MS + 4 * HOUR_MS)
    done(session, "probe mx all")
    session.advance(session.now_ms + 10 * MINUTE_MS)
    assert "approved until" in answered(session, "approve exposure for=72h")
    told = answered(session, GATEWAY_BROKEN, "approve exposure opening=firewall")
    assert "not approved; your own test of Wed 14:" in told, "another opening is another word"


def test_an_opening_left_after_its_approval_ran_out_is_told_and_counted() -> None:
    session = drill(ONSET_MS, approvals=True)
    done(session, GATEWAY_BROKEN)
    done(session, "approve exposure whom=everybody for=2h")
    session.advance(ONSET_MS + 2 * HOUR_MS)
    done(session, "lock open everybody")
    session.advance(ONSET_MS + 6 * HOUR_MS)
    (until_ms,) = [one.until_ms for one in session.drill.room.approvals.requests]
    assert until_ms is not None
    left = -(-(session.now_ms - until_ms) // MINUTE_MS)
    assert figures(session) == (left, left)
    assert beyond(session.drill, "exposed-min", 0) == until_ms
    told = "the approval of opening the lock to everyone has expired, but the opening is still open"
    assert [(e.t_ms, e.text) for e in session.events() if e.text == told] == [(until_ms, told)]
    assert any(
        "opening the lock to everyone; the approval had expired." in one for one in people_findings(session)
    )
    done(session, "lock close")
    closed = figures(session)
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert figures(session) == closed
    assert "opening the lock to everyone has ended" in refused(session, "lock open everybody")


def test_what_security_does_not_sign_for_is_said_at_once() -> None:
    session = drill(ONSET_MS, approvals=True)
    done(session, GATEWAY_BROKEN)
    assert refused(session, "approve exposure for=4d") == (
        "security approves at most 3 d; request a shorter time, and an extension later"
    )
    assert refused(session, "approve exposure for=25h").startswith("a first approval lasts at most 24 h")
    assert refused(session, "approve mx for=2h").startswith("approval of mx does not take opening=")
    done(session, "approve exposure")
    session.advance(session.now_ms + 2 * HOUR_MS)
    assert "is already approved until" in refused(session, "approve exposure for=2h")
    done(session, "approve exposure for=72h")


def test_a_word_is_asked_for_the_lock_and_the_backup_if_nothing_is_said() -> None:
    given = [parse(text) for text in ("approve exposure", "approve exposure opening=lock whom=backup")]
    assert [one.scope for one in given] == [LOCK, LOCK]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lacks", "said", "state", "why_not"),
    [
        ("nothing seen", None, "refused", "nothing seen"),
        ("", None, "granted", ""),
        ("nothing seen", True, "granted", ""),
        ("", False, "refused", "not today"),
    ],
)
def test_a_refusal_keeps_its_reason_and_a_person_at_the_table_decides(
    lacks: str, said: bool | None, state: str, why_not: str
) -> None:
    book = approvals()
    due_ms, answer = book.ask(LOCK, Turn("a"), "b", 0, 0, "")
    given = answer(due_ms, lacks, said, "" if said is None else "not today")
    assert (given.state, given.why_not) == (state, why_not)
    assert book.requests == [given]
