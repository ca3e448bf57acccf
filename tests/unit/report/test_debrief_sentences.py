"""Single sentences and figures of a debrief, at their edges."""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import pytest

from sim.drill.instruments.arrival_logs import Herd
from sim.report.findings import recovery_findings
from sim.report.findings.bounces import measures
from sim.report.findings.people_findings import people_findings
from sim.report.findings.protection_findings import self_inflicted
from sim.report.findings.recovery_findings import backlog_finding, hours_spared, retry_storm
from sim.report.outcome import RunOutcome, outcome
from sim.report.reference_band import _column
from sim.report.run_figure import ByMix, figures_of
from sim.report.table import side_by_side
from tests.plays import ONSET_MS, play


@pytest.fixture(scope="module")
def plain() -> RunOutcome:
    return outcome(play("2h", [], ONSET_MS))


THEMES = [one for one in fields(RunOutcome) if one.name != "at_ms"]


def _all_ones(theme: Any) -> Any:
    """`theme` with 1 in every figure, so that no row of it is left out."""
    return replace(
        theme,
        **{
            name: ByMix(1, 1, 2) if isinstance(getattr(theme, name), ByMix) else 1
            for name, _figure in figures_of(type(theme))
        },
    )


def changed(figures: RunOutcome, **to: Any) -> RunOutcome:
    """`figures` with other fields in some themes: `changed(figures, lost={"rejected": 3})`."""
    return replace(figures, **{name: replace(getattr(figures, name), **theme) for name, theme in to.items()})


def test_every_row_fits_its_column(plain: RunOutcome) -> None:
    """A longer name pushed the figures of its row out of line, and was cut off in the console."""
    busy = replace(plain, **{one.name: _all_ones(getattr(plain, one.name)) for one in THEMES})
    names = [name for name, *_figures in side_by_side([busy])]
    assert len(names) > 30
    assert [name for name in names if len(name) > 28] == []


def test_every_figure_of_a_theme_is_described() -> None:
    """In one place: a field that nobody describes is shown nowhere and documented nowhere."""
    for theme in THEMES:
        known = {name for name, _figure in figures_of(theme.type)} | {"why_one_mix", "covers"}
        assert {one.name for one in fields(theme.type)} <= known, theme.name


@pytest.mark.parametrize(
    ("did", "would", "words"),
    [
        ((0, 0), 0, ""),
        (
            (2, 1),
            3,
            "3 messages were permanently rejected (5xx): 2 inbound, 1 outbound; without any action, 3.",
        ),
        ((0, 3), 3, "3 messages were permanently rejected (5xx); without any action, 3."),
        ((1, 0), 3, "1 message was permanently rejected (5xx); without any action, 3."),
        ((2, 0), 3, "2 messages were permanently rejected (5xx); without any action, 3."),
        ((3, 1), 3, "self-inflicted"),
    ],
)
def test_self_inflicted_is_what_came_beyond_doing_nothing(
    plain: RunOutcome, did: tuple[int, int], would: int, words: str
) -> None:
    mine = changed(plain, lost={"rejected": did[0]}, outbound={"rejected": did[1]})
    told = self_inflicted(mine, changed(plain, lost={"rejected": would}))
    assert told.endswith(words) if words != "self-inflicted" else "self-inflicted" in told
    assert ("self-inflicted" in told) == (sum(did) > would)


@pytest.mark.parametrize(
    ("mine", "nothing", "words"),
    [
        (0.0, 0.0, ""),
        (
            40.4,
            100.0,
            "Users were without a mailbox for 40 user-hours; without any action, 100. Saved: 60 user-hours.",
        ),
        (99.5, 100.0, "Continuity saved less than one user-hour without a mailbox."),
        (
            99.0,
            100.0,
            "Users were without a mailbox for 99 user-hours; without any action, 100. Saved: 1 user-hour.",
        ),
        (
            3364.6,
            8955.4,
            "Users were without a mailbox for 3,365 user-hours; without any action, 8,955. "
            "Saved: 5,590 user-hours.",
        ),
    ],
)
def test_hours_that_were_spared_are_those_less_than_doing_nothing(
    plain: RunOutcome, mine: float, nothing: float, words: str
) -> None:
    figures = [changed(plain, people={"user_hours_without_mail": hours}) for hours in (mine, nothing)]
    assert hours_spared(*figures) == words


@pytest.mark.parametrize(("came", "told"), [(199, False), (200, True), (201, True)])
def test_a_herd_is_worth_a_sentence_from_twice_the_usual_on(
    monkeypatch: pytest.MonkeyPatch, came: int, told: bool
) -> None:
    session = play("2h", [], ONSET_MS)
    monkeypatch.setattr(recovery_findings, "herd", lambda _drill: Herd(ONSET_MS, came, 100))
    assert bool(retry_storm(session)) == told
    if told:
        assert (
            f"{came:,} messages arrived from the internet, and 100 were written; the excess"
            in retry_storm(session)
        )


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ((0, 0), (0, 0), "There was no backlog to deliver after the recovery, with or without any action."),
        (
            (0, 0),
            (25, 120_000),
            "There was no backlog to deliver after the recovery. Without any action, 25 messages would have "
            "taken 2 min.",
        ),
        (
            (1, 26_000),
            (0, 0),
            "After the recovery, the backlog of 1 message took less than a minute to deliver. Without any "
            "action, there would not have been a backlog.",
        ),
    ],
)
def test_a_backlog_of_nothing_takes_no_time(
    plain: RunOutcome, mine: tuple[int, int], theirs: tuple[int, int], words: str
) -> None:
    runs = [
        changed(plain, backlog={"messages": count, "drained_after_ms": took_ms, "internal": 0})
        for count, took_ms in (mine, theirs)
    ]
    assert backlog_finding(*runs) == words


def test_a_single_message_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery_findings, "herd", lambda _drill: Herd(ONSET_MS, 300, 1))
    assert ", and 1 was written; the excess" in retry_storm(play("2h", [], ONSET_MS))


def test_a_resume_after_the_return_is_not_blamed() -> None:
    """Only a resume into the dead server returns at once what is past its limit."""
    minute = 60_000
    given = [
        (ONSET_MS + 100 * 60 * minute, "deliveries pause inbound"),
        (ONSET_MS + 131 * 60 * minute, "deliveries resume inbound"),
    ]
    session = play("130h", [], ONSET_MS)
    for at_ms, text in given:
        session.advance(at_ms)
        session.dispatch(text)
    session.advance(ONSET_MS + 135 * 60 * minute)
    assert not any("A resume while" in one for one in measures(session, outcome(session), bounced=True))


def test_the_first_right_diagnosis_counts_not_the_last() -> None:
    minute = 60_000
    words = "diagnose component=mail-server failure=refuses"
    session = play(
        "3h", [(ONSET_MS + 20 * minute, words), (ONSET_MS + 90 * minute, words)], ONSET_MS + 170 * minute
    )
    (told,) = [one for one in people_findings(session) if " was stated " in one]
    stated_ms = session.drill.room.diagnoses[0].t_ms - ONSET_MS
    after = f"{stated_ms // minute} min after the onset"
    assert told == f"The correct diagnosis (mail-server refuses) was stated {after}."


def test_a_column_of_the_band_counts_what_was_met_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    session = play("2h", [], ONSET_MS)
    states = ("met", "late", "missed", "failed", "open", "met")
    found = [SimpleNamespace(state=state) for state in states]
    monkeypatch.setattr("sim.report.reference_band.verdicts", lambda _session: found)
    column = _column("x", session)
    assert (column.met, column.asked) == (2, 6)
