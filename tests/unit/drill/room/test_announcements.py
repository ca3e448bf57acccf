"""What was said: promises kept and broken, claims true and false, silences."""

import pytest

from sim.drill.organisation.house_rules import WordRules
from sim.drill.room.announcements import (
    KnownBack,
    Statement,
    falsehoods,
    promises,
    silences,
    silent_beyond_ms,
)
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import HOUR_MS, MINUTE_MS

RULES = WordRules.model_validate(
    {
        "late_by": "10m",
        "early_by": "30m",
        "apart": "30m",
        "down_for": "1h",
        "phoned_at_most": 100,
        "by_day": "Mon-Fri 08:00-18:00",
        "source": "test",
        "confidence": "assumed",
    }
)
FAULT = Fault.model_validate({"id": "one", "at": "T+1h", "fault": "mail-server refuses", "for": "9h"})


def said(at_min: int, audience: str = "users", **more: object) -> Statement:
    values = {"by": "x", "via": "sms", "reached": 5, **more}
    return Statement(t_ms=at_min * MINUTE_MS, audience=audience, **values)  # type: ignore[arg-type]


def promised(at_min: int, next_min: int, **more: object) -> Statement:
    return said(at_min, next_ms=(at_min + next_min) * MINUTE_MS, **more)


@pytest.mark.parametrize(
    ("later", "now_min", "kept"),
    [
        ([], 130, None),
        ([], 131, "broken"),
        ([said(119)], 125, "kept"),
        ([said(130)], 131, "kept"),
        ([said(131)], 140, "broken"),
        ([said(89)], 130, None),
        ([said(89)], 131, "broken"),
        ([said(90)], 91, "kept"),
        ([said(70, says_back=True)], 71, "kept"),
        ([promised(70, 400)], 71, "kept"),
        ([said(119, "executives")], 131, "broken"),
        ([said(119, reached=0)], 131, "broken"),
    ],
)
def test_a_promise_is_kept_by_a_word_that_reaches_the_same_people(
    later: list[Statement], now_min: int, kept: str | None
) -> None:
    found = promises([promised(60, 60), *later], now_min * MINUTE_MS, RULES)
    states = ["kept" if one.kept_ms is not None else "broken" for one in found]
    assert states == ([] if kept is None else [kept])


def test_a_word_nobody_got_promises_nothing() -> None:
    assert promises([promised(60, 60, reached=0)], 500 * MINUTE_MS, RULES) == []


def test_a_word_that_promises_anew_replaces_the_promise() -> None:
    found = promises([promised(60, 60), promised(90, 60)], 300 * MINUTE_MS, RULES)
    assert [(one.due_ms // MINUTE_MS, one.kept_ms) for one in found] == [(120, 90 * MINUTE_MS), (150, None)]


@pytest.mark.parametrize(
    ("one", "vendors", "why"),
    [
        (said(90), (), ""),
        (said(90, cause="unknown"), (), ""),
        (said(90, cause="mail-server"), (), ""),
        (said(90, cause="gateway"), (), "it gave gateway as the cause"),
        (said(30, cause="mail-server"), (), "it gave mail-server as the cause"),
        (said(90, cause="microsoft"), (), "it gave microsoft as the cause"),
        (said(90, cause="microsoft"), ("microsoft",), ""),
        (said(90, cause="vendor"), ("microsoft",), "it gave vendor as the cause"),
        (said(90, cause="vendor"), ("gateway-vendor",), ""),
        (said(90, says_back=True), (), "it reported email back while something was still broken"),
        (said(599, says_back=True), (), "it reported email back while something was still broken"),
        (said(600, says_back=True), (), "it reported email back before a check or report had shown this"),
        (said(30, says_down=True), (), "it reported email down before anything was broken"),
        (said(60, says_down=True), (), ""),
        (said(90, back_by_ms=600 * MINUTE_MS), (), ""),
        (
            said(90, back_by_ms=599 * MINUTE_MS),
            (),
            "the recovery time that it gave was 1 min too early",
        ),
        (
            said(90, back_by_ms=300 * MINUTE_MS),
            (),
            "the recovery time that it gave was 5 h too early",
        ),
        (
            said(90, back_by_ms=300 * MINUTE_MS + 2),
            (),
            "the recovery time that it gave was 5 h too early",
        ),
        (
            said(90, back_by_ms=600 * MINUTE_MS - 2),
            (),
            "the recovery time that it gave was 1 min too early",
        ),
        (said(90, back_by_ms=900 * MINUTE_MS), (), ""),
        (
            said(90, says_back=True, cause="dns"),
            (),
            "it reported email back while something was still broken; it gave dns as the cause",
        ),
        (
            said(90, cause="gateway", back_by_ms=300 * MINUTE_MS),
            (),
            "it gave gateway as the cause; the recovery time that it gave was 5 h too early",
        ),
    ],
)
def test_what_was_not_true_is_named_with_why(one: Statement, vendors: tuple[str, ...], why: str) -> None:
    found = falsehoods([one], [FAULT], frozenset(vendors), 20 * HOUR_MS)
    assert ["; ".join(told) for _one, told in found] == ([why] if why else [])


@pytest.mark.parametrize(
    ("at_min", "holds_min", "seen_min", "false"),
    [
        (590, 500, None, ""),
        (661, None, None, ""),
        (660, 660, None, ""),
        (661, 660, None, "it reported email down long after it had been reported back"),
        (610, 660, 610, ""),
        (611, 660, 610, "it reported email down after a check had shown that email worked"),
        (599, None, 590, ""),
    ],
)
def test_down_is_no_longer_true_once_it_was_reported_back_or_seen(
    at_min: int, holds_min: int | None, seen_min: int | None, false: str
) -> None:
    holds_ms, seen_ms = (None if one is None else one * MINUTE_MS for one in (holds_min, seen_min))
    known = KnownBack(seen_ms=seen_ms, holds_ms=holds_ms)

    def found(one: Statement) -> list[str]:
        told = falsehoods([one], [FAULT], frozenset(), 20 * HOUR_MS, lambda _: known)
        return [why for _, whys in told for why in whys]

    assert found(said(at_min, says_down=True)) == ([false] if false else [])
    assert found(said(at_min)) == []


@pytest.mark.parametrize(
    ("at_min", "reported_min", "seen_min", "guessed"),
    [(620, None, None, True), (620, 621, 621, True), (620, 620, None, False), (620, None, 620, False)],
)
def test_back_is_a_guess_until_somebody_could_know(
    at_min: int, reported_min: int | None, seen_min: int | None, guessed: bool
) -> None:
    reported_ms, seen_ms = (None if one is None else one * MINUTE_MS for one in (reported_min, seen_min))
    known = KnownBack(seen_ms=seen_ms, reported_ms=reported_ms)
    one = said(at_min, says_back=True)
    assert len(falsehoods([one], [FAULT], frozenset(), 20 * HOUR_MS, lambda _: known)) == guessed


def test_an_estimate_is_not_judged_before_its_time() -> None:
    one = said(90, back_by_ms=300 * MINUTE_MS)
    assert falsehoods([one], [FAULT], frozenset(), 300 * MINUTE_MS - 1) == []
    assert len(falsehoods([one], [FAULT], frozenset(), 300 * MINUTE_MS)) == 1


def test_silence_is_what_nobody_heard_and_is_too_long_from_a_moment_on() -> None:
    def of(audience: str) -> list[tuple[int, int]]:
        found = silences(words, audience, 60 * MINUTE_MS, 200 * MINUTE_MS)
        return [(a_ms // MINUTE_MS, b_ms // MINUTE_MS) for a_ms, b_ms in found]

    words = [said(70), said(100, "executives"), said(110, reached=0), said(150)]
    assert of("users") == [(60, 70), (70, 150), (150, 200)]
    assert of("executives") == [(60, 100), (100, 200)]
    assert of("partners") == [(60, 200)]

    def by_day(a_ms: int, b_ms: int) -> int:
        """The day is over after 120 minutes, and begins again after 180."""
        night = max(0, min(b_ms, 180) - max(a_ms, 120))
        return b_ms - a_ms - night

    stretches = [(60, 70), (70, 150), (150, 200)]
    for allowed, at in ((9, 69), (10, 80), (49, 119), (50, None)):
        assert silent_beyond_ms(stretches, by_day, allowed) == at
    for allowed, at in ((19, 119), (20, 180), (25, 185), (40, None)):
        assert silent_beyond_ms([(100, 200)], by_day, allowed) == at
