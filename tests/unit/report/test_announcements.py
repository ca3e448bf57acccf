"""The debrief's list of what was said: text and fields beside what was true at that moment."""

import pytest

from sim.report.announcements import words
from sim.report.debrief import debrief, doing_nothing
from sim.report.text import debrief_text
from tests.offices import office, played


def test_text_and_fields_stand_beside_the_truth_of_that_moment() -> None:
    session = played(
        office("2h"),
        (-30, "notify users via=sms state=down text=It is broken."),
        (30, "notify users via=sms cause=gateway next=1h text=The mail server is down."),
        (60, "notify executives via=phone state=down advise=do-not-resend"),
        (150, "notify partners via=phone text=It works."),
    )
    early, wrong, bare, late = words(session)
    assert early.true == "nothing was broken yet"
    assert early.wrong == "it reported email down before anything was broken"
    assert early.elapsed.startswith("-")
    assert wrong.says.startswith("“The mail server is down.”; fields: cause gateway, next update by ")
    assert wrong.true.startswith("mail-server refuses since ")
    assert wrong.wrong == "it gave gateway as the cause", "of its fields, whatever its text says"
    assert wrong.who.startswith("users by sms, reached ")
    assert (bare.who, bare.says) == ("executives by phone", "no text; fields: down, advice do-not-resend")
    assert (bare.wrong, late.wrong) == ("", "")
    assert late.says == "“It works.”; fields: none"
    assert late.true.startswith("everything had worked again since ")


@pytest.mark.parametrize(("other", "lines"), [("state=down text=No change.", 1), ("text=No change.", 2)])
def test_the_same_word_is_told_once_with_how_often(other: str, lines: int) -> None:
    session = played(
        office("4h"),
        (30, "notify users via=sms state=down text=No change."),
        (90, f"notify users via=sms {other}"),
    )
    found = words(session)
    assert len(found) == lines
    assert (", 2 times, last at " in found[0].who) is (lines == 1)


def test_updates_that_promised_or_estimated_something_else_are_not_told_as_one() -> None:
    session = played(
        office("6h"),
        (30, "notify executives via=phone state=down next=1h"),
        (60, "notify executives via=phone state=down next=2h"),
        (90, "notify executives via=phone state=down next=2h until=5h"),
    )
    first, second, third = words(session)
    assert [one.who for one in (first, second, third)] == ["executives by phone"] * 3
    assert first.says == "no text; fields: down, next update by Mon 10:47"
    assert second.says == "no text; fields: down, next update by Mon 12:17"
    assert third.says == "no text; fields: down, back by Mon 15:47, next update by Mon 12:47"


def test_repeated_promises_are_told_with_their_interval_and_reach() -> None:
    session = played(
        office("4h"),
        *((minute, "notify users via=intranet state=down next=1h") for minute in (30, 90, 150)),
    )
    (one,) = words(session)
    assert one.says == "no text; fields: down, next update 1 h later each time, last by Mon 12:47"
    reached = [each.reached for each in session.drill.room.said]
    spread = f"{min(reached)} to {max(reached)}" if len(set(reached)) > 1 else str(reached[0])
    assert one.who == f"users by intranet, reached {spread}, 3 times, last at Mon 11:47"


def test_the_debrief_says_what_was_not_true_beside_its_words() -> None:
    session = played(office("2h"), (30, "notify users via=sms cause=gateway text=It is not us."))
    text = debrief_text(debrief(session, doing_nothing(session)))
    said = text.partition("Updates, and the true state at the time")[2].partition("\n\n")[0]
    assert "“It is not us.”; fields: cause gateway" in said
    assert "truth: mail-server refuses" in said
    assert "NOT TRUE: it gave gateway as the cause" in said
    silent = played(office("2h"))
    assert "Updates, and" not in debrief_text(debrief(silent, doing_nothing(silent)))
