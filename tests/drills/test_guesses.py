"""Who guesses what is broken until it fits, and who promises nothing, has earned nothing by it."""

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.room.diagnosis import Diagnosis, is_right, names_of
from sim.drill.room.events import HIDDEN_FROM_TRAINEE
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.report.outcome import verdicts
from tests.drills.played import Played, run, scenario, steps

GUESSES = (
    "component=gateway failure=refuses",
    "component=dns failure=stale",
    "component=network failure=times-out",
    "component=mail-server failure=refuses",
)


def guessed(*guesses: str) -> Played:
    """A play in which nothing is done but stating these, a minute apart."""
    given = [(f"alert.first + {3 + n}m", f"diagnose {guess}") for n, guess in enumerate(guesses)]
    return run(scenario("exchange-down", 40), steps("exchange-down", *given))


def test_one_diagnosis_may_be_taken_back_and_guessing_is_none() -> None:
    states = [guessed(*GUESSES[first:]).objectives["diagnosis-correct"] for first in (3, 2, 1, 0)]
    assert states == ["met", "met", "missed", "failed"]
    again = guessed(GUESSES[0], GUESSES[0], GUESSES[0], GUESSES[3])
    assert again.objectives["diagnosis-correct"] == "met", "one thing said three times is one"


def test_silence_keeps_no_word() -> None:
    silent = run(scenario("gateway-down", 40), steps("gateway-down"))
    verdict = next(one for one in verdicts(silent.session) if one.id == "words-kept")
    assert (verdict.state, verdict.cause) == ("open", "there was nothing to measure")


def told_after(name: str, stated: tuple[str, str]) -> tuple[bool, list[tuple[int, str, str, str]]]:
    """Whether that is right three minutes after the onset, and all that reaches anybody in two hours."""
    played = scenario(name, 30)
    session = Session(played, 1, None)
    session.advance(played.outage_start_ms + 3 * MINUTE_MS)
    component, failure = stated
    session.dispatch(f"diagnose component={component} failure={failure}")
    session.advance(played.outage_start_ms + 120 * MINUTE_MS)
    events = [
        (event.t_ms, event.kind, event.source, event.text)
        for event in session.events()
        if event.kind not in HIDDEN_FROM_TRAINEE and not event.ref.startswith("diagnose")
    ]
    right = is_right(Diagnosis(played.outage_start_ms, "", *stated), played.timeline, 0)
    return right, events


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_nothing_comes_or_stays_away_because_a_diagnosis_is_right(name: str) -> None:
    fault = scenario(name, 30).timeline[0]
    right, told = told_after(name, next(iter(sorted(names_of(fault)))))
    wrong, told_otherwise = told_after(name, ("receivers", "stale"))
    assert (right, wrong) == (True, False)
    assert told == told_otherwise
    assert told
