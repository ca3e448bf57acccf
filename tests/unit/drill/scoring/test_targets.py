"""Objectives that ask for figures: what is met, missed and failed, when, and what a trainee sees of it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from sim.drill.commands.gateway.deliveries import DeliveriesPause
from sim.drill.scenario.objective import Objective, Target, with_figures
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.objectives import shown_verdicts, verdicts_of
from sim.drill.scoring.targets import asked_of, compare
from sim.drill.scoring.verdicts import judge, limit_of
from sim.drill.session.player import play as run
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.offices import office, start
from tests.plays import ONSET_MS

PROMISES = {"measure": "promises-kept-percent", "at_least": 90, "failed_beyond": 70}
BOUNCED = {"measure": "bounced", "at_most": 0}


def objective(*targets: dict[str, Any], **more: Any) -> Objective:
    return Objective.model_validate(
        {"id": "one", "learns": "it", "source": "house", "targets": list(targets), **more}
    )


def test_every_figure_has_words_with_its_unit_and_no_names_of_files() -> None:
    units = {"percent": "{} %", "min": "{} min", "h": "{} h"}
    for name, figure in FIGURES.items():
        label = figure.label
        assert label.count("{}") == 1
        ending = name.rpartition("-")[2]
        assert label.endswith(units.get(ending, "{}")), label
        assert ("1,000" in label) == (ending == "permille")
        assert not {"permille", "percent"} & set(label.split())


def test_words_of_a_figure_tell_what_is_asked_and_what_came() -> None:
    able = Target.model_validate({"measure": "users-able-after-min", "at_most": 45})
    twice = Target.model_validate({"measure": "duplicates-permille", "at_most": 5})
    from_when = "time from the first alert (or the house rule's time to notice, if earlier)"
    told = f"{from_when} until enough reachable users (house rule: 95 %) were able to work"
    assert asked_of(able) == f"{told}: at most 45 min"
    assert compare(able, 1018).text == f"{told}: 16 h 58 min (at most 45 min)"
    assert compare(able, 118).text == f"{told}: 118 min (at most 45)"
    assert asked_of(twice) == "duplicates, per 1,000 messages of the outage: at most 5"


@pytest.mark.parametrize(
    ("target", "value", "state"),
    [
        (PROMISES, 100, "met"),
        (PROMISES, 90, "met"),
        (PROMISES, 89, "missed"),
        (PROMISES, 70, "missed"),
        (PROMISES, 69, "failed"),
        (BOUNCED, 0, "met"),
        (BOUNCED, 1, "failed"),
        ({"measure": "calls", "at_most": 5, "failed_beyond": 9}, 9, "missed"),
        ({"measure": "calls", "at_most": 5, "failed_beyond": 9}, 10, "failed"),
    ],
)
def test_a_figure_is_met_missed_or_failed(target: dict[str, Any], value: int, state: str) -> None:
    reached = compare(Target.model_validate(target), value)
    assert reached.state == state
    assert reached.text.startswith(f"{FIGURES[target['measure']].label.format(value)} (at ")


@pytest.mark.parametrize(
    ("measured", "ended", "state"),
    [
        ({"bounced": 0, "promises-kept-percent": 100}, False, "open"),
        ({"bounced": 1, "promises-kept-percent": 100}, False, "failed"),
        ({"bounced": 0, "promises-kept-percent": 10}, False, "open"),
        ({"bounced": 0, "promises-kept-percent": 10}, True, "failed"),
        ({"bounced": 0, "promises-kept-percent": 80}, True, "missed"),
        ({"bounced": 0, "promises-kept-percent": None}, True, "open"),
        ({"bounced": None, "promises-kept-percent": None}, True, "open"),
    ],
)
def test_what_can_still_be_mended_stays_open(
    measured: dict[str, int | None], ended: bool, state: str
) -> None:
    assert judge(objective(PROMISES, BOUNCED), {}, 7, ended, measured).state == state


def test_what_a_figure_decides_is_dated_when_it_became_too_much() -> None:
    lost = objective(
        {"measure": "bounced", "at_most": 2, "failed_beyond": 4}, {"measure": "calls", "at_most": 9}
    )
    asked: list[tuple[str, int]] = []

    def beyond(figure: str, number: int) -> int | None:
        asked.append((figure, number))
        return {"bounced": 70, "calls": 60}.get(figure)

    assert judge(lost, {}, 99, False, {"bounced": 5, "calls": 3}, beyond).at_ms == 70
    assert judge(lost, {}, 99, True, {"bounced": 5, "calls": 10}, beyond).at_ms == 60
    assert judge(lost, {}, 99, False, {"bounced": 5, "calls": 3}).at_ms == 99, "nobody has written it down"
    assert judge(objective(PROMISES), {}, 99, True, {"promises-kept-percent": 1}, beyond).at_ms == 99
    assert set(asked) == {("bounced", 4), ("calls", 9)}


def test_the_worst_of_moments_and_figures_counts() -> None:
    both = objective(PROMISES, met=[{"milestone": "users.told", "within": {"alert.first": "30m"}}])
    came = {"alert.first": 0, "users.told": 5}
    assert judge(both, came, HOUR_MS, False, {}).state == "open"
    assert judge(both, came, HOUR_MS, True, {"promises-kept-percent": 100}).state == "met"
    assert judge(both, came, HOUR_MS, True, {"promises-kept-percent": 80}).state == "missed"
    assert judge(both, came, HOUR_MS, True, {"promises-kept-percent": None}).state == "met"
    late = {"alert.first": 0, "users.told": 31 * MINUTE_MS}
    assert judge(both, late, HOUR_MS, True, {"promises-kept-percent": 100}).state == "late"
    assert judge(both, {"alert.first": 0}, HOUR_MS, True, {"promises-kept-percent": 100}).state == "failed"
    assert limit_of(both) == "within 30 min of the first alert; promised updates sent on time: at least 90 %"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (
            {"measure": "promise", "at_most": 1},
            "there is no figure 'promise'; did you mean promises-kept-percent?",
        ),
        ({"measure": "bounced"}, "needs either `at_most` or `at_least`"),
        ({"measure": "bounced", "at_most": 1, "at_least": 1}, "needs either `at_most` or `at_least`"),
        (
            {"measure": "bounced", "at_most": 5, "failed_beyond": 4},
            "`failed_beyond` is a value that meets the target",
        ),
        ({**PROMISES, "failed_beyond": 91}, "`failed_beyond` is a value that meets the target"),
    ],
)
def test_a_target_that_makes_no_sense_is_told_in_one_line(target: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Target.model_validate(target, context=with_figures(FIGURES))
    assert why in str(caught.value)


def with_objectives(*objectives: dict[str, Any], outage: str = "3h") -> Scenario:
    content = office(outage).content()
    filled = [{"id": f"o{n}", "learns": "x", "source": "house", **one} for n, one in enumerate(objectives)]
    return Scenario.model_validate({**content, "objectives": filled})


def asked(name: str, most: int) -> dict[str, Any]:
    return {"targets": [{"measure": name, "at_most": most}]}


def played(scenario: Scenario, *given: tuple[int, str]) -> Session:
    session = Session(scenario, 1, None)
    for at_ms, text in given:
        session.advance(at_ms)
        session.dispatch(text)
    run(session, None, FOREVER_MS)
    assert session.complete
    return session


def causes(session: Session) -> list[str]:
    return [f"{one.state}: {one.cause}" for one in verdicts_of(session.drill)]


def test_words_promises_and_lies_are_counted() -> None:
    scenario = with_objectives(
        {"targets": [PROMISES]}, asked("false-statements", 0), asked("words-that-reached-nobody", 0),
        asked("longest-silence-min", 60),
    )  # fmt: skip
    good = played(
        scenario,
        (ONSET_MS + 10 * MINUTE_MS, "notify users cause=mail-server next=1h"),
        (ONSET_MS + 60 * MINUTE_MS, "notify users next=1h"),
        (ONSET_MS + 110 * MINUTE_MS, "notify users next=1h"),
        (ONSET_MS + 160 * MINUTE_MS, "notify users state=down"),
        (ONSET_MS + 190 * MINUTE_MS, "notify users state=back"),
    )
    assert causes(good) == [
        "met: promised updates sent on time: 100 % (at least 90)",
        "met: false statements: 0 (at most 0)",
        "met: updates sent over a channel that was down: 0 (at most 0)",
        "met: longest daytime gap between updates to users: 50 min (at most 60)",
    ]
    bad = played(
        scenario,
        (ONSET_MS + 10 * MINUTE_MS, "notify users cause=gateway until=30m next=30m"),
        (ONSET_MS + 20 * MINUTE_MS, "notify users via=email state=down"),
        (ONSET_MS + 90 * MINUTE_MS, "notify users state=back"),
    )
    *others, silence = causes(bad)
    assert others == [
        "failed: promised updates sent on time: 0 % (at least 90): none in time to users, due at Mon 09:57",
        "failed: false statements: 2 (at most 0): false to users (it gave gateway as the cause) at Mon "
        "09:27, false to users (it reported email back while something was still broken) at Mon 10:47",
        "failed: updates sent over a channel that was down: 1 (at most 0): to users by email at Mon 09:37",
    ]
    assert silence.startswith("failed: longest daytime gap between updates to users: "), (
        "it was said to be back while it was not"
    )
    silent = played(scenario)
    assert causes(silent)[0] == "open: there was nothing to measure"


def test_the_cover_of_an_outage_has_gaps_or_not() -> None:
    scenario = with_objectives(
        {"targets": [{"measure": "continuity-covered-percent", "at_least": 99, "failed_beyond": 90}]}
    )
    begin = (ONSET_MS, "continuity start for=1h")
    gap = (ONSET_MS + 93 * MINUTE_MS, "continuity start for=4h")
    whole = (ONSET_MS + 10 * MINUTE_MS, "continuity extend 4h")
    assert causes(played(scenario, begin, whole)) == [
        "met: user-hours without a mailbox covered by continuity: 100 % (at least 99)"
    ]
    # 3 min hands-on each: covered 60 of the first 93 minutes, then to the end at 180: 144 of 177
    assert causes(played(scenario, begin, gap)) == [
        "failed: user-hours without a mailbox covered by continuity: 81 % (at least 99)"
    ]


def test_users_are_able_once_an_event_lets_them_in_and_they_have_been_told() -> None:
    scenario = with_objectives({"targets": [{"measure": "users-able-after-min", "at_most": 45}]})
    start, word = (ONSET_MS, "continuity start for=8h"), "notify users via=sms state=down"
    assert causes(played(scenario))[0].startswith("failed: time from the first alert (or ")
    untold = causes(played(scenario, start))[0]
    assert untold.startswith("failed: "), "nobody had told them"
    share = re.search(r": until then at most (\d+) % at a time$", untold)
    assert share is not None
    assert 0 < int(share[1]) < 95, "programs that switch over by themselves"
    assert causes(played(scenario, start, (ONSET_MS, word)))[0].startswith("met: time from the first alert (")
    assert causes(played(scenario, start, (ONSET_MS + HOUR_MS, word)))[0].startswith("failed: ")


def test_silence_counts_from_the_alert_by_day_until_people_are_told_that_it_is_back() -> None:
    scenario = with_objectives(
        {"targets": [{"measure": "longest-silence-min", "at_most": 60}]},
        {"targets": [{"measure": "executives-silence-min", "at_most": 120}]},
    )
    nothing = causes(played(scenario))
    assert all(one.startswith("failed: ") for one in nothing)
    back_ms = scenario.outage_end_ms + 5 * MINUTE_MS
    hourly = [
        (at_ms, "notify users via=sms state=down") for at_ms in range(ONSET_MS, back_ms, 45 * MINUTE_MS)
    ]
    back = [(back_ms, "notify users via=sms state=back"), (back_ms, "notify executives via=phone state=back")]
    users, executives = causes(played(scenario, *sorted([*hourly, *back])))
    assert users.startswith("met: longest daytime gap between updates to users: ")
    assert executives.startswith("failed: longest daytime gap between updates to executives: "), (
        "until the word that it is back"
    )
    late, _ = causes(played(scenario, *[one for one in sorted([*hourly, *back]) if one != hourly[1]]))
    assert late.startswith("failed: longest daytime gap between updates to users: ")
    lies = [(at_ms, "notify users via=sms state=back") for at_ms, text in hourly]
    untrue, _ = causes(played(scenario, *sorted([*lies[:-1], *back])))
    assert untrue.startswith("failed: longest daytime gap between updates to users: "), (
        "to say that it is back is no word while it is not"
    )


def test_a_pause_in_a_short_outage_is_needless(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = with_objectives(asked("needless-actions", 0), asked("openings-unproven", 0))
    pause, resume = (ONSET_MS, "deliveries pause inbound"), (ONSET_MS + HOUR_MS, "deliveries resume inbound")
    assert causes(played(scenario, pause, resume)) == [
        "failed: needless pauses and longer retentions: 1 (at most 0): "
        "`deliveries pause inbound` at Mon 09:15",
        "met: openings not proven closed: 0 (at most 0)",
    ], "what nobody has opened is closed"
    monkeypatch.setattr(DeliveriesPause, "facts", replace(DeliveriesPause.facts, opens="lock"))
    assert causes(played(scenario, pause, resume))[1].startswith(
        "failed: openings not proven closed: 1 (at most 0): lock opened at Mon 09:15"
    )


@pytest.mark.parametrize("shown", ["at the end", "at once"])
def test_what_would_tell_the_truth_is_open_until_the_end(shown: str) -> None:
    """Even if the scenario's author has not thought of it."""
    right = {
        "shown": shown,
        "met": [{"milestone": "diagnosis.correct", "within": {"outage.start": "30m"}}],
    }
    session = start(with_objectives(right), ONSET_MS)
    session.dispatch("diagnose component=mail-server failure=refuses")
    session.advance(ONSET_MS + HOUR_MS)
    assert [one.state for one in verdicts_of(session.drill)] == ["met"]
    assert [(v.state, v.cause) for _o, v in shown_verdicts(session.drill)] == [("open", "judged at the end")]
    assert [(one.state, one.at_ms) for one in session.snapshot().objectives] == [("open", None)]
    run(session, None, FOREVER_MS)
    assert [one.state for one in session.snapshot().objectives] == ["met"]
