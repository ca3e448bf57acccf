"""Who guesses what is broken until it fits, and who promises nothing, has earned nothing by it."""

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
