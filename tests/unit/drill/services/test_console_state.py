"""One state of a console at a moment: of everything that holds it back, the oldest figures decide."""

from sim.drill.services.console_state import ConsoleState, console_state


def test_a_console_that_nothing_holds_back_shows_what_is_now() -> None:
    assert console_state(9_000, {}) == ConsoleState("live", 9_000, True, "quickly")
    assert console_state(9_000, {}, "slowly").answers == "slowly"


def test_the_oldest_figures_decide() -> None:
    state = console_state(9_000, {"lagging": 6_000, "signed out": 4_000})
    assert (state.condition, state.figures_ms, state.live) == ("signed out", 4_000, False)


def test_of_two_alike_the_first_decides() -> None:
    assert console_state(9_000, {"hung": 4_000, "unreachable": 4_000}).condition == "hung"


def test_a_console_that_has_just_begun_to_lag_still_shows_what_is_now() -> None:
    assert console_state(9_000, {"lagging": 9_000}).live
