"""Teams on copies of their own, compared: the same outage and seed, and no names of people."""

from functools import cache

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.outcome import verdicts
from sim.report.scores import scores
from sim.table.exercise import Exercise
from sim.table.teams import NotComparable, TeamComparison, compared, team_names
from sim.table.teams_page import teams_page, teams_text
from tests.plays import ONSET_MS, small

RED, BLUE = "Reginald", "Bluebell"


def team(person: str, until_ms: int, *lines: str, seed: int = 1, outage: str = "2h") -> Session:
    """A team of one player, who gives `lines` an hour after the onset, up to a moment."""
    exercise = Exercise.start(small(outage), seed, None, ("messaging", "lead"))
    exercise.sit("facilitator", "Faye")
    exercise.sit("messaging", person)
    exercise.advance(ONSET_MS + HOUR_MS)
    for line in lines:
        exercise.do("messaging", person, line)
    exercise.do("facilitator", "Faye", "hint messaging")
    exercise.advance(until_ms)
    return exercise.session


def red(until_ms: int) -> Session:
    return team(RED, until_ms, "continuity start", "notify users via=sms")


@cache
def told() -> TeamComparison:
    return compared(
        [red(ONSET_MS + 4 * HOUR_MS), team(BLUE, ONSET_MS + 3 * HOUR_MS)],
        team_names((), 2),
        lambda index, to_ms: red(to_ms),
    )


def test_a_team_that_played_longer_is_shown_at_the_moment_of_the_others() -> None:
    common_ms = ONSET_MS + 65 * MINUTE_MS
    late = red(common_ms + 50 * MINUTE_MS)
    asked: list[tuple[int, int]] = []

    def again(index: int, to_ms: int) -> Session:
        asked.append((index, to_ms))
        return red(to_ms)

    both = compared([late, red(common_ms)], ("Red", "Blue"), again)
    assert asked == [(0, common_ms)]
    assert all(cells[0] == cells[1] for _name, cells in (*both.availability, *both.objectives))
    alone = compared([late, late], ("Red", "Blue"), again)
    assert alone.availability + alone.objectives != both.availability + both.objectives, "a later moment"


def test_figures_are_those_of_the_latest_moment_that_all_teams_reached() -> None:
    assert told().moment.endswith("the latest moment that every team has reached")
    rows = dict(told().availability)
    lost_red, lost_blue = (float(one.replace(",", "")) for one in rows["user-hours without mail"])
    assert lost_red < lost_blue, "continuity gives users their mail back"
    assert dict(told().played)["commands"] == ("2", "0")
    assert [name for name, _cells in told().objectives if name in {"users-told", "met for availability"}]


def test_each_objective_has_a_verdict_for_each_team_and_says_if_there_was_a_hint() -> None:
    objectives = dict(told().objectives)
    assert any("(hint)" in cell for cells in objectives.values() for cell in cells)
    asked = [cell.split(" of ")[1].split(",")[0] for cell in objectives["met for protection"]]
    assert asked[0] == asked[1]
    assert told().delays[1], "a team that did nothing has delays"
    assert "; " in told().delays[1][0]


def test_a_score_says_how_many_objectives_were_not_judged() -> None:
    early = team(BLUE, ONSET_MS + 61 * MINUTE_MS)
    rows = dict(compared([early, early], ("Red", "Blue"), lambda index, to_ms: early).objectives)
    debrief = {one.name: one for one in scores(early.scenario.objectives, verdicts(early))}
    for name in ("availability", "protection"):
        assert debrief[name].open > 0
        assert rows[f"met for {name}"][0].endswith(
            f" of {debrief[name].asked}, {debrief[name].open} not judged"
        )


def test_text_and_page_have_no_names_of_people() -> None:
    page, text = teams_page(told()), "\n".join(teams_text(told()))
    for shown in (page, text):
        assert "Team A" in shown
        assert not [name for name in (RED, BLUE, "Faye") if name in shown]
        assert "user-hours without mail" in shown
    assert page.count("EXERCISE") >= 3
    assert "<script" not in page


def test_other_seeds_settings_and_outages_are_refused() -> None:
    one = team(RED, ONSET_MS + 2 * HOUR_MS)
    for other, why in (
        (team(BLUE, ONSET_MS + 2 * HOUR_MS, seed=2), "the seed 2"),
        (team(BLUE, ONSET_MS + 2 * HOUR_MS, outage="3h"), "different settings"),
    ):
        with pytest.raises(NotComparable, match=why):
            compared([one, other], ("Red", "Blue"), lambda index, to_ms: one)
    with pytest.raises(NotComparable, match="2 different names"):
        team_names(("Red", "Red"), 2)
    assert team_names(("Red", "Blue"), 2) == ("Red", "Blue")
