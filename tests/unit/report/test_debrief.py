"""The debrief's sentences: true however a drill went, and wherever it was left."""

import re
from collections.abc import Iterable
from functools import cache

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import Debrief, debrief, doing_nothing
from sim.report.outcome import RunOutcome
from sim.report.table import comparison_rows
from sim.report.text import debrief_text
from sim.report.timeline import timeline
from tests.plays import ONSET_MS, small

PAUSE, RESUME = "deliveries pause inbound", "deliveries resume inbound"


@cache
def nobody(outage: str) -> RunOutcome:
    """What a drill comes to at its end when nobody acts."""
    return doing_nothing(played_to(outage, [], 30 * 24 * HOUR_MS))


def played_to(outage: str, given: Iterable[tuple[int, str]], until_ms: int) -> Session:
    session = Session.start(small(outage), 1)
    for minute, text in given:
        session.advance(ONSET_MS + minute * MINUTE_MS)
        session.dispatch(text)
    session.advance(ONSET_MS + until_ms)
    return session


def played(outage: str, *given: tuple[int, str], until_ms: int | None = None) -> Debrief:
    """Commands at minutes since the onset; to the end of the drill, or `until_ms` since the onset."""
    session = played_to(outage, given, 30 * 24 * HOUR_MS if until_ms is None else until_ms)
    return debrief(session, nobody(outage) if session.ended else doing_nothing(session))


def told(found: Debrief, words: str) -> bool:
    return words in " ".join(found.findings)


def test_a_drill_left_in_the_middle_is_compared_at_the_same_moment() -> None:
    found = played("31h", until_ms=20 * HOUR_MS)
    assert found.outcome == found.nothing
    assert told(found, "The drill is not over")
    assert not told(found, "Saved:")
    assert not told(found, "pause was not needed")
    assert "Saved:" not in debrief_text(found)


def test_what_is_not_known_yet_is_not_told() -> None:
    """Twenty hours into five days nothing has bounced; that says nothing about the rest."""
    found = played("120h", (120, PAUSE), until_ms=20 * HOUR_MS)
    assert told(found, "The gateway has not bounced any mail so far")
    assert not told(found, "the mail server is up")
    before = played("31h", until_ms=-10 * MINUTE_MS)
    assert before.findings == (
        "The drill is not over: both runs are counted up to this moment.",
        "The gateway has not bounced any mail so far, and would not have without any action either.",
    )


def test_a_pause_of_ten_minutes_is_not_praised_for_what_an_extension_saved() -> None:
    found = played("120h", (120, PAUSE), (130, RESUME), (180, "queue extend inbound 8d"))
    assert (found.outcome.lost.bounced, found.nothing.lost.bounced > 100) == (0, True)
    assert told(
        found,
        "The gateway did not bounce any messages; without any action, "
        f"it would have bounced {found.nothing.lost.bounced:,}.",
    )
    assert told(found, "Deliveries were paused for 10 min")
    assert told(found, "Retention of inbound mail is now 8 d.")
    assert not told(found, "A pause before")


def test_a_pause_through_the_outage_is_told_with_its_length() -> None:
    found = played("120h", (60 * 60, PAUSE), (121 * 60, RESUME))
    # given on two nights, when whoever is on call takes 5 to 45 minutes to start
    length = (
        r"have bounced [\d,]+\. Deliveries were paused for 2 d 1[23] h, and paused mail does not expire\."
    )
    assert re.search(length, " ".join(found.findings))
    kept, left = found.outcome.backlog.messages, found.nothing.backlog.messages
    assert left < kept <= left + found.nothing.lost.bounced, (
        "what nobody paused was returned, most before the return"
    )
    assert told(found, f"the backlog of {kept:,} messages took")
    assert told(found, f"Without any action, {left:,} messages would have taken")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "A pause, or a longer retention, before the oldest message was 3 d old would have kept them."),
        ([(100 * 60, PAUSE), (131 * 60, RESUME)], "The pause came after the first bounce."),
        (
            [(60 * 60, PAUSE), (120 * 60, RESUME)],
            "Deliveries were resumed while the mail server was down, which bounces",
        ),
        ([(180, "queue extend inbound 100h")], "each of them at least 100 h old; "),
    ],
)
def test_when_mail_bounced_all_the_same_it_is_told_why(given: list[tuple[int, str]], words: str) -> None:
    found = played("130h", *given)
    assert found.outcome.lost.bounced > 0
    assert told(found, f"without any action, {found.nothing.lost.bounced:,} would have.")
    assert told(found, words)


def test_what_was_returned_by_hand_was_not_too_old_and_no_pause_would_have_kept_it() -> None:
    found = played("2h", (60, "queue bounce inbound"))
    count = found.outcome.lost.bounced
    assert (count, found.outcome.lost.by_hand, found.outcome.lost.youngest_ms) == (count, count, None)
    assert count > 5
    assert told(
        found, f"The gateway bounced {count:,} messages, by hand; without any action, none would have."
    )
    assert not told(found, "A pause before")
    both = played("130h", (60, "queue bounce inbound"))
    some, others = both.outcome.lost.by_hand, both.outcome.lost.bounced - both.outcome.lost.by_hand
    assert min(some, others) > 5
    assert told(both, f"messages, {some:,} by hand, the others each of them at least 96 h old; ")
    assert told(
        both, "A pause, or a longer retention, before the oldest message was 3 d old would have kept them."
    )


def test_what_bounced_with_the_server_back_waited_for_a_try_beyond_its_limit() -> None:
    """After 95 h nothing is 96 h old yet; the oldest were tried at 90 h and would be tried again at 98."""
    alone = played("95h")
    count = alone.outcome.lost.bounced
    assert count > 10
    assert told(
        alone, f"{count:,} of them bounced after the server had recovered: their next attempt was due"
    )
    assert not told(played("2h"), "after the server had recovered")
    retried = played("95h", (95 * 60 + 5, "queue retry inbound"))
    assert retried.outcome.lost.bounced == 0
    assert not told(retried, "after the server had recovered")


def test_paused_a_second_time_and_left_so() -> None:
    found = played("2h", (10, PAUSE), (20, RESUME), (30, PAUSE))
    assert told(found, "Deliveries were not resumed again: the mail server is up")
    assert found.outcome.inbound.queued > 0
    assert found.outcome.at_ms > found.nothing.at_ms, "the two plays lasted differently, and it is shown"
    assert "Drill lasted" in debrief_text(found)


def test_by_when_a_pause_keeps_mail_is_what_the_house_rules_say() -> None:
    scenario = small("130h")
    rules = scenario.organisation.decision_rules.model_copy(update={"pause_by_percent": 50})
    organisation = scenario.organisation.model_copy(update={"decision_rules": rules})
    session = Session.start(scenario.model_copy(update={"organisation": organisation}), 1)
    session.advance(ONSET_MS + 30 * 24 * HOUR_MS)
    found = debrief(session, doing_nothing(session))
    assert told(
        found, "A pause, or a longer retention, before the oldest message was 2 d old would have kept them."
    )


def test_the_inputs_are_looked_through_once_for_the_whole_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were for each event: a drill of 20,000 notes took minutes to debrief."""
    session = played_to("31h", [(minute, f"note {minute}") for minute in range(40)], HOUR_MS)
    read, inputs = list[int](), session.inputs
    monkeypatch.setattr(Session, "inputs", property(lambda _: read.append(1) or inputs))
    assert sum(line.decision for line in timeline(session)) >= 40
    assert len(read) == 1


def test_each_lapse_of_an_event_is_a_line_and_only_a_monitors_alert_is_repeated() -> None:
    given = [(5, "continuity start group=office for=1h"), (10, "continuity start for=2h")]
    found = debrief(session := played_to("5h", given, 5 * HOUR_MS), doing_nothing(session))
    lapsed = [(line.local, line.text) for line in found.timeline if "has lapsed" in line.text]
    assert lapsed == [
        ("Mon 10:20", "continuity event 1 has lapsed"),
        ("Mon 11:25", "continuity event 2 has lapsed"),
    ]
    assert any(" more until " in line.text for line in found.timeline if line.who == "Service Monitor")


def test_before_the_recovery_a_backlog_is_not_told_to_be_empty() -> None:
    rows = [
        {name.strip(): mine for name, mine, _theirs in comparison_rows(found.outcome, found.nothing)}
        for found in (played("6h", until_ms=2 * HOUR_MS), played("2h"))
    ]
    early, whole = (row["messages in the backlog"] for row in rows)
    assert (rows[0]["Time to clear the backlog"], early) == ("not over", "–")
    assert int(whole.replace(",", "")) > 0
