"""The reference band: each column is a play of its own, and human hands are later than the plan."""

from sim.drill.scenario.runbook import Runbook
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import doing_nothing
from sim.report.reference_band import band, human_delay
from sim.report.text import band_text
from tests.plays import ONSET_MS, small

BOOK = Runbook.model_validate(
    {
        "mxdrill": 1,
        "id": "r",
        "scenario": "exchange-down",
        "steps": [
            {"id": "one", "at": "outage.start", "do": "note one"},
            {"id": "two", "at": "outage.start + 5m", "do": "note two"},
        ],
    }
)


def test_a_step_is_given_so_much_later_and_others_may_overtake_it() -> None:
    session = Session(small("30m"), 1, None)
    play(session, BOOK, ONSET_MS + HOUR_MS, lambda step: 10 * MINUTE_MS if step.id == "one" else MINUTE_MS)
    assert list(session.commands) == [
        (ONSET_MS + 6 * MINUTE_MS, "note two"),
        (ONSET_MS + 10 * MINUTE_MS, "note one"),
    ]


def test_how_late_people_are_follows_from_seed_and_step() -> None:
    scenario = small("2h")
    delay, again, other = (human_delay(scenario, seed) for seed in (1, 1, 2))
    assert delay is not None
    assert again is not None
    assert other is not None
    late = [delay(step) for step in BOOK.steps]
    assert late == [again(step) for step in BOOK.steps]
    assert late != [other(step) for step in BOOK.steps]
    assert all(0 <= one <= HOUR_MS for one in late)
    plain = scenario.model_copy(
        update={"organisation": scenario.organisation.model_copy(update={"delays": None})}
    )
    assert human_delay(plain, 1) is None


def test_the_band_stands_beside_a_play_in_the_same_seed() -> None:
    session = Session(small("6h"), 3, None)
    play(session, None)
    columns = band(session)
    assert [one.name for one in columns] == ["this run", "doing nothing", "reference", "human delays"]
    mine, nothing, reference, human = columns
    assert mine.outcome == nothing.outcome == doing_nothing(session)
    assert reference.outcome.people.user_hours_without_mail < human.outcome.people.user_hours_without_mail
    assert human.outcome.people.user_hours_without_mail < nothing.outcome.people.user_hours_without_mail
    assert reference.met > human.met >= nothing.met
    text = band_text(columns)
    assert "human delays" in text.splitlines()[0]
    assert text.splitlines()[-1].startswith("Objectives met")
    assert len({len(line) for line in text.splitlines()}) == 1


def test_a_play_that_is_not_over_is_compared_at_its_moment() -> None:
    session = Session(small("6h"), 3, None)
    play(session, None, ONSET_MS + HOUR_MS)
    assert {one.outcome.at_ms for one in band(session)} == {ONSET_MS + HOUR_MS}
